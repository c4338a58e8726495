#!/usr/bin/env python3
"""Makes the compressed files beside it with Python's own gzip, the same bytes with the same zlib."""

import gzip
import zlib
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
ROWS = ("a,b,y\n" + "".join(f"{row * row % 7919},{row},{row % 100}.5\n" for row in range(40_000))).encode()
SMALL = ("a,b,y\n" + "".join(f"{row * row % 79},x{row % 5},{row % 10}.5\n" for row in range(120))).encode()


def packed(content, level):
    return gzip.compress(content, level, mtime=0)


def write(name, *members):
    (FOLDER / name).write_bytes(b"".join(members))


write("fast.gz", packed(ROWS, 1))
write("best.gz", packed(ROWS, 9))
# A part that is stored as it is, between two that are not.
stored = zlib.compressobj(0, zlib.DEFLATED, 31)
half = len(ROWS) // 2
write("stored.gz", packed(ROWS[:half], 6), stored.compress(ROWS[half:half + 200_000]) + stored.flush(), packed(ROWS[half + 200_000:], 6))
write("members.gz", *(packed(ROWS[start:start + 70_001], 6) for start in range(0, len(ROWS), 70_001)), packed(b"", 6))
write("small.gz", packed(SMALL, 6))
write("small-members.gz", packed(SMALL[:500], 9), packed(SMALL[500:], 0))
# Every row ends with an empty block that is stored, so that each place where a reader can stop is before one at some time.
flushed = zlib.compressobj(6, zlib.DEFLATED, 31)
parts = [flushed.compress(line) + flushed.flush(zlib.Z_SYNC_FLUSH) for line in ROWS.splitlines(keepends=True)]
write("flushed.gz", *parts, flushed.flush())
