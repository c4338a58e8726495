"""The data of the reference trainings as tensors: training, validation and test, each of inputs and targets.

The files are those that Espalier's configurations read, the sizes of the parts and the scaling are the same.
"""

import csv
import gzip
import pathlib

import numpy
import torch


def images(folder, sizes, seed):
    """Images in 0 to 1 from IDX files: so many of the published training set each, and the published test set."""
    inputs, labels = _idx_pair(folder, "train")
    order = torch.randperm(len(inputs), generator=torch.Generator().manual_seed(seed))
    parts, start = [], 0
    for size in sizes:
        rows = order[start : start + size]
        parts.append((inputs[rows], labels[rows]))
        start += size
    return [*parts, _idx_pair(folder, "t10k")]


def text(path, length, shares):
    """Sequences of `length` characters with the next character for each, and how many characters there are."""
    content = pathlib.Path(path).read_text(encoding="utf-8")
    vocabulary = {character: number for number, character in enumerate(sorted(set(content)))}
    numbers = torch.tensor([vocabulary[character] for character in content])
    count = (len(numbers) - 1) // length
    inputs, targets = (numbers[start : start + count * length].reshape(count, length) for start in (0, 1))
    ends = [round(sum(shares[:number]) * count) for number in range(len(shares) + 1)]
    parts = [(inputs[start:end], targets[start:end]) for start, end in zip(ends, ends[1:])]
    return parts, len(vocabulary)


def housing(path, shares, seed):
    """Standardised features and prices; statistics are of the training rows.

    The category becomes a column for each of its values; a missing number becomes the median.
    """
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    kinds = sorted({row["ocean_proximity"] for row in rows})
    names = [name for name in rows[0] if name not in ("ocean_proximity", "median_house_value")]
    numbers = numpy.array([[float(row[name] or "nan") for name in names] for row in rows])
    categories = numpy.array([[row["ocean_proximity"] == kind for kind in kinds] for row in rows], dtype=float)
    prices = numpy.array([[float(row["median_house_value"])] for row in rows])
    order = numpy.random.default_rng(seed).permutation(len(rows))
    ends = [round(sum(shares[:number]) * len(rows)) for number in range(len(shares) + 1)]
    train = order[: ends[1]]
    numbers = numpy.where(numpy.isnan(numbers), numpy.nanmedian(numbers[train], axis=0), numbers)
    features = _standardised(numpy.concatenate([numbers, categories], axis=1), train)
    targets = _standardised(prices, train)
    parts = [order[start:end] for start, end in zip(ends, ends[1:])]
    return [(torch.tensor(features[rows]).float(), torch.tensor(targets[rows]).float()) for rows in parts]


def _standardised(values, train):
    deviation = values[train].std(axis=0)
    return (values - values[train].mean(axis=0)) / numpy.where(deviation == 0, 1, deviation)


def _idx_pair(folder, part):
    pixels = _idx(pathlib.Path(folder) / f"{part}-images-idx3-ubyte.gz", header=16).reshape(-1, 1, 28, 28)
    labels = _idx(pathlib.Path(folder) / f"{part}-labels-idx1-ubyte.gz", header=8)
    return torch.tensor(pixels).float() / 255, torch.tensor(labels).long()


def _idx(path, header):
    with gzip.open(path) as file:
        return numpy.frombuffer(file.read(), dtype=numpy.uint8, offset=header)
