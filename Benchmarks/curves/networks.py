"""The networks whose loss curves are compared, in PyTorch, with their optimisers and the batches that they train on.

Modules lie and are called as in Espalier's models, so that a state dictionary's names are those of the parameters there.
"""

import dataclasses
import gzip
from collections.abc import Callable

import torch
from torch import nn


@dataclasses.dataclass(frozen=True)
class Curve:
    """A network, how it is trained, and `make_batches(steps, options)`: inputs and labels, both [steps, batch, ...]."""

    make_network: Callable
    make_optimizer: Callable
    make_batches: Callable


class Residual(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        stride = 1 if inputs == outputs else 2
        self.body = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs),
        )  # fmt: skip
        self.shortcut = nn.Identity()
        if stride == 2:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, values):
        return self.body(values) + self.shortcut(values)


class GlobalAveragePool(nn.Module):
    def forward(self, values):
        return values.mean((2, 3))


def make_residual_network():
    layers = [nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
    for inputs, outputs in [(16, 16), (16, 32), (32, 64)]:
        for width in (inputs, outputs, outputs):
            layers += [Residual(width, outputs), nn.ReLU()]
    return nn.Sequential(*layers, GlobalAveragePool(), nn.Linear(64, 10))


class LastStates(nn.LSTM):
    """The states that the last layer's two directions end in, side by side."""

    def forward(self, sequences):
        hidden = super().forward(sequences)[1][0]
        return torch.cat((hidden[-2], hidden[-1]), dim=1)


def make_text_network():
    recurrent = LastStates(64, 128, num_layers=2, bidirectional=True, batch_first=True)
    return nn.Sequential(nn.Embedding(256, 64), recurrent, nn.Linear(256, 256))


class Positions(nn.Module):
    def __init__(self, steps, width):
        super().__init__()
        self.weight = nn.Parameter(0.02 * torch.randn(steps, width))

    def forward(self, values):
        return values + self.weight


class CausalBlock(nn.TransformerEncoderLayer):
    def forward(self, values):
        mask = nn.Transformer.generate_square_subsequent_mask(values.shape[1], dtype=values.dtype)
        return super().forward(values, src_mask=mask, is_causal=True)


def make_language_model():
    blocks = [
        CausalBlock(256, 8, 1024, dropout=0, activation="gelu", batch_first=True, norm_first=True) for _ in range(4)
    ]
    return nn.Sequential(nn.Embedding(256, 256), Positions(128, 256), *blocks, nn.LayerNorm(256), nn.Linear(256, 256))


def image_batches(steps, options, batch=32):
    """Images as MNIST's files have them, framed with zeros to 32 x 32 and in three equal channels; or random patterns."""
    count = steps * batch
    if options.images is None:
        labels = torch.randint(0, 10, (count,))
        images = torch.randn(10, 3, 32, 32)[labels] + torch.randn(count, 3, 32, 32)
    else:
        labels = _read_bytes(options.images / "train-labels-idx1-ubyte.gz", 8)[:count]
        pixels = _read_bytes(options.images / "train-images-idx3-ubyte.gz", 16)[: count * 784]
        images = nn.functional.pad(pixels.view(count, 1, 28, 28) / 255.0, (2, 2, 2, 2)).expand(-1, 3, -1, -1)
    return images.reshape(steps, batch, 3, 32, 32), labels.reshape(steps, batch)


def next_byte_batches(steps, options, batch=32, length=32):
    """Pieces of the text, each labelled with the byte that follows it."""
    pieces = _pieces(options, steps * batch, length + 1).reshape(steps, batch, length + 1)
    return pieces[..., :-1], pieces[..., -1]


def every_next_byte_batches(steps, options, batch=4, length=128):
    """Pieces of the text, each byte labelled with the one that follows it."""
    pieces = _pieces(options, steps * batch, length + 1).reshape(steps, batch, length + 1)
    return pieces[..., :-1], pieces[..., 1:]


def _pieces(options, count, length):
    text = torch.frombuffer(bytearray(options.text.read_bytes()), dtype=torch.uint8).long()
    starts = torch.randint(0, len(text) - length, (count, 1))
    return text[starts + torch.arange(length)]


def _read_bytes(path, offset):
    return torch.frombuffer(bytearray(gzip.decompress(path.read_bytes())), dtype=torch.uint8, offset=offset).long()


CURVES = {
    # The benchmark's rate of 0.1 sends PyTorch's own float32 and float64 losses 8 % apart within ten steps.
    "resnet20": Curve(
        make_residual_network,
        lambda parameters: torch.optim.SGD(parameters, lr=0.001, momentum=0.9, weight_decay=1e-4),
        image_batches,
    ),
    "text": Curve(make_text_network, lambda parameters: torch.optim.Adam(parameters, lr=1e-3), next_byte_batches),
    "gpt": Curve(
        make_language_model, lambda parameters: torch.optim.AdamW(parameters, lr=1e-3), every_next_byte_batches
    ),
}
