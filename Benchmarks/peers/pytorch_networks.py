"""The benchmark's networks in PyTorch, with their batches and optimisers; docs/benchmarks.md says what each one is."""

import dataclasses
from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional


@dataclasses.dataclass(frozen=True)
class Workload:
    """A network, the optimiser it is trained with, and what a batch of `count` samples is."""

    make_network: Callable
    optimizer: type
    settings: dict
    batch_size: int
    make_batch: Callable
    has_images: bool = False


def dense_layer(inputs, outputs, normalize=False, dropout=0.0):
    layers = [nn.Linear(inputs, outputs)]
    if normalize:
        layers.append(nn.BatchNorm1d(outputs))
    layers.append(nn.ReLU())
    if dropout > 0:
        layers.append(nn.Dropout(dropout))
    return layers


def make_tiny():
    widths = [784, 100, 100, 100, 100, 100]
    layers = [layer for sizes in zip(widths, widths[1:]) for layer in dense_layer(*sizes)]
    return nn.Sequential(*layers, nn.Linear(100, 10))


def make_dense(**options):
    return nn.Sequential(*dense_layer(784, 512, **options), *dense_layer(512, 512, **options), nn.Linear(512, 10))


def make_convolutional():
    def layer(inputs, outputs):
        return [nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU()]

    return nn.Sequential(
        *layer(3, 32), *layer(32, 32), nn.MaxPool2d(2),
        *layer(32, 64), *layer(64, 64), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(64 * 8 * 8, 256), nn.ReLU(), nn.Dropout(0.5), nn.Linear(256, 10),
    )  # fmt: skip


class ResidualBlock(nn.Module):
    """Two convolutions, with the identity or a projection beside them."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs),
        )  # fmt: skip
        self.shortcut = nn.Identity()
        if stride != 1 or inputs != outputs:
            projection = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
            self.shortcut = nn.Sequential(projection, nn.BatchNorm2d(outputs))

    def forward(self, values):
        return functional.relu(self.body(values) + self.shortcut(values))


def make_residual():
    layers = [nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
    width = 16
    for outputs in (16, 32, 64):
        for index in range(3):
            layers.append(ResidualBlock(width, outputs, stride=2 if index == 0 and outputs > 16 else 1))
            width = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


class Recurrent(nn.Module):
    """An LSTM whose last step is classified."""

    def __init__(self):
        super().__init__()
        self.recurrent = nn.LSTM(128, 256, batch_first=True)
        self.head = nn.Linear(256, 10)

    def forward(self, sequences):
        return self.head(self.recurrent(sequences)[0][:, -1])


class TransformerBlock(nn.Module):
    """Causal attention, then two dense layers, each normalised before and added to what came in."""

    def __init__(self, width, heads, dropout):
        super().__init__()
        self.heads = heads
        self.attention_norm = nn.LayerNorm(width)
        self.projection = nn.Linear(width, 3 * width)
        self.attention_output = nn.Linear(width, width)
        self.dropout = nn.Dropout(dropout)
        self.dense = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )

    def forward(self, values):
        batch, steps, width = values.shape
        projected = self.projection(self.attention_norm(values))
        split = projected.view(batch, steps, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(*split, is_causal=True)
        seen = seen.transpose(1, 2).reshape(batch, steps, width)
        values = values + self.dropout(self.attention_output(seen))
        return values + self.dropout(self.dense(values))


class LanguageModel(nn.Module):
    """A causal transformer over 256 symbols that predicts the next one at every step."""

    def __init__(self, width=256, heads=8, blocks=4, symbols=256, steps=128, dropout=0.1):
        super().__init__()
        self.symbols = nn.Embedding(symbols, width)
        self.positions = nn.Parameter(0.02 * torch.randn(steps, width))
        self.blocks = nn.Sequential(*(TransformerBlock(width, heads, dropout) for _ in range(blocks)))
        self.head = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, symbols))

    def forward(self, symbols):
        logits = self.head(self.blocks(self.symbols(symbols) + self.positions))
        return logits.flatten(0, 1)


def vectors(count):
    return torch.randn(count, 784), torch.randint(0, 10, (count,))


def images(count):
    return torch.randn(count, 3, 32, 32), torch.randint(0, 10, (count,))


def sequences(count):
    return torch.randn(count, 64, 128), torch.randint(0, 10, (count,))


def texts(count):
    return torch.randint(0, 256, (count, 128)), torch.randint(0, 256, (count * 128,))


SGD, Adam, AdamW = torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW
WORKLOADS = {
    "tiny": Workload(make_tiny, SGD, {"lr": 0.01}, 100, vectors),
    "mlp": Workload(lambda: make_dense(dropout=0.2), Adam, {"lr": 1e-3}, 128, vectors),
    "mlpbn": Workload(lambda: make_dense(normalize=True), Adam, {"lr": 1e-3}, 128, vectors),
    "cnn": Workload(
        make_convolutional, SGD, {"lr": 0.01, "momentum": 0.9, "weight_decay": 5e-4}, 128, images, has_images=True
    ),
    "resnet20": Workload(
        make_residual, SGD, {"lr": 0.1, "momentum": 0.9, "weight_decay": 1e-4}, 128, images, has_images=True
    ),
    "lstm": Workload(Recurrent, Adam, {"lr": 1e-3}, 64, sequences),
    "gpt": Workload(LanguageModel, AdamW, {"lr": 1e-3}, 16, texts),
}
