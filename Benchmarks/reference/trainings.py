"""The networks of the reference trainings in PyTorch, and how each is trained: as Configurations/NAME.yaml says.

First weights are drawn from the distributions that Espalier matches to the layers; weight decay falls on weights alone.
"""

import dataclasses
import math
import pathlib
from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional

import augmentation
import data


@dataclasses.dataclass(frozen=True)
class Training:
    """One reference training."""

    make_network: Callable
    # From the data root and a seed to the parts: training, validation and, if there is one, test.
    load: Callable
    epochs: int
    batch_size: int
    make_optimizer: Callable
    # The factor on the learning rate at a share of the training, from 0 to 1.
    schedule: Callable
    loss: Callable = functional.cross_entropy
    augment: Callable = lambda inputs: inputs
    clip_norm: float | None = None
    drop_last: bool = False
    # What is reported of the outputs for the held-out samples.
    score: tuple[str, Callable] = ("accuracy", lambda outputs, targets: (outputs.argmax(-1) == targets).double().mean())


def one_cycle(rise, start_divisor=25, end_divisor=1e4):
    """Half a cosine up to 1 over a share of the training, and half a cosine down."""

    def factor(share):
        start, end = 1 / start_divisor, 1 / start_divisor / end_divisor
        low, position = (start, share / rise) if share < rise else (end, (1 - share) / (1 - rise))
        return low + (1 - low) * (1 - math.cos(math.pi * position)) / 2

    return factor


def cosine(share):
    return (1 + math.cos(math.pi * share)) / 2


def adam_w(learning_rate, decay):
    """Decay spares biases and the scales of normalisations."""

    def make(network):
        weights = [parameter for parameter in network.parameters() if parameter.dim() > 1]
        others = [parameter for parameter in network.parameters() if parameter.dim() == 1]
        groups = [{"params": weights, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}]
        return torch.optim.AdamW(groups, lr=learning_rate, fused=True)

    return make


def initialised(network):
    """He's weights before a rectifier, Glorot's at the end; biases of linear layers start at zero."""
    linear = [layer for layer in network if isinstance(layer, nn.Linear)]
    for layer in network:
        if isinstance(layer, nn.Conv2d) or layer in linear[:-1]:
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        if isinstance(layer, nn.Linear):
            nn.init.zeros_(layer.bias)
    nn.init.xavier_uniform_(linear[-1].weight)
    return network


def convolution(inputs, outputs):
    return [nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]


def make_mnist():
    return initialised(nn.Sequential(
        *convolution(1, 16), *convolution(16, 32), nn.MaxPool2d(2), *convolution(32, 64), nn.MaxPool2d(2),
        *convolution(64, 64), nn.Flatten(), nn.Dropout(0.3), nn.Linear(64 * 7 * 7, 10),
    ))  # fmt: skip


def make_fashion():
    return initialised(nn.Sequential(
        *convolution(1, 32), *convolution(32, 32), nn.MaxPool2d(2), *convolution(32, 64), *convolution(64, 64),
        nn.MaxPool2d(2), *convolution(64, 128), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2),
        nn.Linear(128, 10),
    ))  # fmt: skip


def augment_fashion(images):
    images = augmentation.random_crop(augmentation.horizontal_flip(images), padding=2)
    return augmentation.erasing(images, p=0.3, largest=0.2)


def make_housing():
    def layer(inputs, outputs):
        return [nn.Linear(inputs, outputs), nn.BatchNorm1d(outputs), nn.ReLU()]

    return initialised(nn.Sequential(
        *layer(13, 128), *layer(128, 128), nn.Dropout(0.1), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 1)
    ))  # fmt: skip


def explained_variance(outputs, targets):
    return 1 - ((outputs - targets) ** 2).mean() / targets.double().var(correction=0)


class Shakespeare(nn.Module):
    """An embedding, a recurrent layer and the characters' scores at every step."""

    def __init__(self, characters=65, width=64, units=256):
        super().__init__()
        self.embedding = nn.Embedding(characters, width)
        self.lstm = nn.LSTM(width, units, batch_first=True)
        self.linear = nn.Linear(units, characters)
        self.first_dropout, self.last_dropout = nn.Dropout(0.1), nn.Dropout(0.3)
        nn.init.xavier_uniform_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)

    def forward(self, symbols):
        states, _ = self.lstm(self.first_dropout(self.embedding(symbols)))
        return self.linear(self.last_dropout(states))


def nats(outputs, targets):
    return functional.cross_entropy(outputs.flatten(0, 1), targets.flatten())


TRAININGS = {
    "mnist": Training(
        make_mnist, lambda root, seed: data.images(pathlib.Path(root) / "mnist", [55_000, 5_000], seed),
        epochs=12, batch_size=128, make_optimizer=adam_w(0.004, 0.02), schedule=one_cycle(rise=0.2),
        augment=lambda images: augmentation.affine(images, degrees=10, translate=0.08, scale=0.1, shear=5),
        drop_last=True),
    "fashion": Training(
        make_fashion, lambda root, seed: data.images(pathlib.Path(root) / "fashion", [55_000, 5_000], seed),
        epochs=24, batch_size=128, make_optimizer=adam_w(0.006, 0.05), schedule=one_cycle(rise=0.2),
        augment=augment_fashion, drop_last=True),
    "housing": Training(
        make_housing,
        lambda root, seed: data.housing(pathlib.Path(root) / "housing/housing.csv", [0.7, 0.15, 0.15], seed),
        epochs=60, batch_size=128, make_optimizer=adam_w(0.003, 0.1), schedule=cosine,
        loss=functional.huber_loss, score=("R2", explained_variance)),
    "shakespeare": Training(
        Shakespeare, lambda root, _: data.text(pathlib.Path(root) / "text/tinyshakespeare.txt", 128, [0.9, 0.1])[0],
        epochs=20, batch_size=32,
        make_optimizer=lambda network: torch.optim.Adam(network.parameters(), lr=0.004, fused=True),
        schedule=cosine, loss=nats, clip_norm=1.0, score=("nats", nats)),
}  # fmt: skip
