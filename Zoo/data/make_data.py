#!/usr/bin/env python3
"""Makes the tables beside it, with a fault planted in each: the same numbers each time. make_data.py [DATA_ROOT]

They come from the tables that the library brings (Sources/EspalierData/Resources), except for `xor.csv`, the four corners
of a square, and `one-of-thirty.csv.gz`, whose target is the second of its thirty features. With a data root, the first
3,000 of MNIST's images are written to `mnist-permuted/`, with their labels in random order; these are not kept in the
repository.
"""

import csv
import gzip
import random
import struct
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
TABLES = HERE.parent.parent / "Sources" / "EspalierData" / "Resources"


def read(name):
    """The first line of a table, and its rows; the last column is the target."""
    with open(TABLES / f"{name}.csv") as file:
        header, *rows = csv.reader(file)
    return header, rows


def pack(name, content):
    # Without a name and a time, which would differ each time.
    with open(HERE / name, "wb") as file, gzip.GzipFile("", "wb", mtime=0, fileobj=file) as packed:
        packed.write(content)


def write(name, header, rows):
    content = "\n".join(",".join(row) for row in [header, *rows]) + "\n"
    if name.endswith(".gz"):
        pack(name, content.encode())
    else:
        (HERE / name).write_text(content)


def permuted_labels(table, seed):
    header, rows = read(table)
    labels = [row[-1] for row in rows]
    random.Random(seed).shuffle(labels)
    return header, [[*row[:-1], label] for row, label in zip(rows, labels)]


def noisy_labels(table, share, seed):
    """Each label becomes another one with probability `share`."""
    header, rows = read(table)
    draw, classes = random.Random(seed), sorted({row[-1] for row in rows})
    for row in rows:
        if draw.random() < share:
            row[-1] = draw.choice([label for label in classes if label != row[-1]])
    return header, rows


def held_out(table, count, seed):
    """So many rows as they are, and the others."""
    header, rows = read(table)
    random.Random(seed).shuffle(rows)
    return (header, rows[:count]), (header, rows[count:])


def rare(header, rows, classes, share, seed):
    """Of `classes` only a share of the rows is left, one row at least."""
    rows = rows[:]
    random.Random(seed).shuffle(rows)
    of = {label: [row for row in rows if row[-1] == label] for label in classes}
    left = [row for kept in of.values() for row in kept[: max(1, round(share * len(kept)))]]
    rows = [row for row in rows if row[-1] not in classes] + left
    random.Random(seed + 1).shuffle(rows)
    return header, rows


def with_column(table, name, value):
    header, rows = read(table)
    return [name, *header], [[value(row), *row] for row in rows]


def times(table, factor, target):
    """Every feature, or every target, times a factor."""
    header, rows = read(table)
    scale = lambda text: f"{float(text) * factor:g}"
    return header, [
        [*row[:-1], scale(row[-1])] if target else [*map(scale, row[:-1]), row[-1]] for row in rows]


def main():
    header = ["a", "b", "xor"]
    write("xor.csv", header, [["0", "0", "0"], ["0", "1", "1"], ["1", "0", "1"], ["1", "1", "0"]])

    # The corners again, a little beside them: what a network that has learned the four says of others.
    draw = random.Random(4)
    around = [[draw.choice([0, 1]), draw.choice([0, 1])] for _ in range(80)]
    rows = [[f"{draw.gauss(a, 0.1):.3f}", f"{draw.gauss(b, 0.1):.3f}", f"{a ^ b}"] for a, b in around]
    write("xor-around.csv", header, rows)

    draw = random.Random(30)
    rows = [[f"{draw.uniform(-1, 1):.3f}" for _ in range(30)] for _ in range(1000)]
    write("one-of-thirty.csv.gz", [*(f"x{i}" for i in range(30)), "y"], [[*row, row[1]] for row in rows])

    write("digits-permuted-labels.csv.gz", *permuted_labels("digits", 1))
    write("wine-permuted-labels.csv", *permuted_labels("wine", 2))
    write("breast-cancer-permuted-labels.csv.gz", *permuted_labels("breastCancer", 3))
    write("digits-noisy-labels.csv.gz", *noisy_labels("digits", 0.4, 4))
    write("breast-cancer-noisy-labels.csv.gz", *noisy_labels("breastCancer", 0.3, 5))
    # With a hundredth of them held out as well, nothing could be measured of the rare ones.
    held, others = held_out("digits", 540, 10)
    write("digits-held-out.csv.gz", *held)
    write("digits-rare-classes.csv.gz", *rare(*others, list("01234"), 0.01, 6))
    write("breast-cancer-rare-class.csv.gz", *rare(*read("breastCancer"), ["0"], 0.02, 7))
    write("digits-times-255.csv.gz", *times("digits", 255, target=False))
    write("diabetes-times-1000.csv", *times("diabetes", 1000, target=True))

    draw = random.Random(8)
    write("breast-cancer-told.csv.gz", *with_column(
        "breastCancer", "stage", lambda row: f"{3 * float(row[-1]) + draw.gauss(0, 0.2):.2f}"))
    write("wine-constant-column.csv", *with_column("wine", "bottles", lambda row: "1"))
    header, rows = read("wine")
    write("wine-twice.csv", header, rows + rows)


def permuted_mnist(root, count=3000):
    (HERE / "mnist-permuted").mkdir(exist_ok=True)
    with gzip.open(root / "mnist" / "train-images-idx3-ubyte.gz") as images:
        images.read(4)
        _, height, width = struct.unpack(">III", images.read(12))
        pixels = images.read(count * height * width)
    with gzip.open(root / "mnist" / "train-labels-idx1-ubyte.gz") as file:
        labels = list(file.read()[8 : 8 + count])
    random.Random(9).shuffle(labels)
    pack("mnist-permuted/images-idx3-ubyte.gz", struct.pack(">IIII", 2051, count, height, width) + pixels)
    pack("mnist-permuted/labels-idx1-ubyte.gz", struct.pack(">II", 2049, count) + bytes(labels))


if __name__ == "__main__":
    permuted_mnist(Path(sys.argv[1])) if len(sys.argv) > 1 else main()
