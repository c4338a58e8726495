#!/usr/bin/env python3
"""Makes the folders beside it: some of the built-in digits as PNG images of 16 x 16 pixels, the same bytes each time.

Digits 0, 1 and 2: sixteen of each in `train`, four in `test`.
"""

import csv
import struct
import zlib
from pathlib import Path

HERE = Path(__file__).parent
TABLE = HERE.parents[2] / "Sources/EspalierData/Resources/digits.csv"


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(rows):
    """A grey image whose rows are not filtered."""
    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 0, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + bytes(row) for row in rows), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


with TABLE.open() as file:
    reader = csv.reader(file)
    next(reader)
    rows = [list(map(int, map(float, row))) for row in reader]
for digit in (0, 1, 2):
    images = [row[:64] for row in rows if row[64] == digit][:20]
    for number, image in enumerate(images):
        # Each pixel twice along either axis, from 0...16 to 0...255.
        pixels = [[min(255, 16 * image[8 * (y // 2) + x // 2]) for x in range(16)] for y in range(16)]
        part = HERE / ("train" if number < 16 else "test") / str(digit)
        part.mkdir(parents=True, exist_ok=True)
        (part / f"{number:02}.png").write_bytes(png(pixels))
