"""Espalier's augmentations in PyTorch: drawn for each image from the same distributions, computed for a whole batch."""

import math

import torch
from torch.nn import functional


def affine(images, degrees, translate, scale, shear):
    """Turned, scaled, sheared and shifted at once; interpolated linearly, what comes in from outside is 0."""
    count, _, height, _ = images.shape

    def drawn(largest, middle=0.0):
        return middle + largest * (2 * torch.rand(count) - 1)

    angle, slope = drawn(math.radians(degrees)), torch.tan(drawn(math.radians(shear)))
    size = drawn(scale, 1.0)
    c, s = torch.cos(angle) / size, torch.sin(angle) / size
    # Where x and y of the result were: rows of the matrix are x, y, as columns are.
    matrix = torch.stack([c - slope * s, -s - slope * c, s, c], dim=1).reshape(count, 2, 2)
    # From shares of the extent to the grid's unit, half the distance of the outermost pixels.
    shift = 2 * height / (height - 1) * torch.stack([drawn(translate), drawn(translate)], dim=1)
    theta = torch.cat([matrix, -matrix @ shift.unsqueeze(2)], dim=2)
    grid = functional.affine_grid(theta, images.shape, align_corners=True)
    return functional.grid_sample(images, grid, align_corners=True)


def random_crop(images, padding):
    """Shifted by up to `padding` along both axes."""
    count, _, height, width = images.shape
    padded = functional.pad(images, [padding] * 4)
    rows, columns = (torch.randint(2 * padding + 1, (count, 1)) + torch.arange(size) for size in (height, width))
    return padded[torch.arange(count)[:, None, None], :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def horizontal_flip(images, p=0.5):
    """Mirrored left to right with probability p."""
    return torch.where(torch.rand(len(images), 1, 1, 1) < p, images.flip(3), images)


def erasing(images, p, largest):
    """With probability p a rectangle becomes 0, of 2 % to `largest` of the area."""
    count, _, height, width = images.shape
    area = (0.02 + (largest - 0.02) * torch.rand(count)) * height * width
    ratio = torch.exp(math.log(0.3) * (2 * torch.rand(count) - 1))

    def inside(extent, size):
        """Which places along an axis are within a stretch of about `size`, wherever it lies."""
        size = size.round().clamp(1, extent)
        start = (torch.rand(count) * (extent - size + 1)).floor()
        places = torch.arange(extent)
        return (places >= start[:, None]) & (places < (start + size)[:, None])

    rows, columns = inside(height, (area * ratio).sqrt()), inside(width, (area / ratio).sqrt())
    erased = rows[:, None, :, None] & columns[:, None, None, :] & (torch.rand(count, 1, 1, 1) < p)
    return images.masked_fill(erased, 0)
