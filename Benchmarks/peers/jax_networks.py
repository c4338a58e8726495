"""The benchmark's networks in JAX (Flax layers), with their batches and optimisers; images are [N, H, W, C]."""

import dataclasses
from collections.abc import Callable

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy
import optax


@dataclasses.dataclass(frozen=True)
class Workload:
    """A network, its optimiser, the size of its batch in training, and what a batch of `count` samples is."""

    network: nn.Module
    optimizer: optax.GradientTransformation
    batch_size: int
    make_batch: Callable


def normalized(values, train):
    return nn.BatchNorm(use_running_average=not train, momentum=0.9)(values)


def dropped(values, share, train):
    return nn.Dropout(share, deterministic=not train)(values)


class Dense(nn.Module):
    """Hidden layers of `widths`, then ten logits."""

    widths: tuple
    normalize: bool = False
    dropout: float = 0.0

    @nn.compact
    def __call__(self, values, train):
        for width in self.widths:
            values = nn.Dense(width)(values)
            if self.normalize:
                values = normalized(values, train)
            values = nn.relu(values)
            if self.dropout > 0:
                values = dropped(values, self.dropout, train)
        return nn.Dense(10)(values)


class Convolutional(nn.Module):
    """Two stages of two convolutions and a pooling, then two dense layers."""

    @nn.compact
    def __call__(self, values, train):
        for channels in (32, 64):
            for _ in range(2):
                values = nn.relu(normalized(nn.Conv(channels, (3, 3))(values), train))
            values = nn.max_pool(values, (2, 2), (2, 2))
        values = nn.relu(nn.Dense(256)(values.reshape(values.shape[0], -1)))
        return nn.Dense(10)(dropped(values, 0.5, train))


class Residual(nn.Module):
    """The ResNet-20 for images of 32 x 32, with projections where the shape changes."""

    @nn.compact
    def __call__(self, values, train):
        values = nn.relu(normalized(nn.Conv(16, (3, 3), use_bias=False)(values), train))
        for channels in (16, 32, 64):
            for index in range(3):
                values = self.block(values, channels, 2 if index == 0 and channels > 16 else 1, train)
        return nn.Dense(10)(values.mean(axis=(1, 2)))

    def block(self, values, channels, stride, train):
        def convolved(values, extent, stride):
            # As PyTorch pads: the same on either side, whatever the stride.
            layer = nn.Conv(channels, (extent, extent), stride, padding=extent // 2, use_bias=False)
            return normalized(layer(values), train)

        changed = nn.relu(convolved(values, 3, stride))
        changed = convolved(changed, 3, 1)
        if stride != 1 or values.shape[-1] != channels:
            values = convolved(values, 1, stride)
        return nn.relu(changed + values)


class Recurrent(nn.Module):
    """An LSTM whose last step is classified."""

    @nn.compact
    def __call__(self, sequences, train):
        return nn.Dense(10)(nn.RNN(nn.LSTMCell(256))(sequences)[:, -1])


class TransformerBlock(nn.Module):
    """Causal attention, then two dense layers, each normalised before and added to what came in."""

    heads: int = 8
    dropout: float = 0.1

    @nn.compact
    def __call__(self, values, train):
        batch, steps, width = values.shape
        projected = nn.Dense(3 * width)(nn.LayerNorm()(values))
        query, key, value = jnp.moveaxis(projected.reshape(batch, steps, 3, self.heads, width // self.heads), 2, 0)
        seen = jax.nn.dot_product_attention(query, key, value, is_causal=True).reshape(batch, steps, width)
        values = values + dropped(nn.Dense(width)(seen), self.dropout, train)
        hidden = nn.gelu(nn.Dense(4 * width)(nn.LayerNorm()(values)), approximate=False)
        return values + dropped(nn.Dense(width)(hidden), self.dropout, train)


class LanguageModel(nn.Module):
    """A causal transformer over 256 symbols that predicts the next one at every step."""

    @nn.compact
    def __call__(self, symbols, train):
        positions = self.param("positions", nn.initializers.normal(0.02), (symbols.shape[1], 256))
        values = nn.Embed(256, 256)(symbols) + positions
        for _ in range(4):
            values = TransformerBlock()(values, train)
        return nn.Dense(256)(nn.LayerNorm()(values))


GENERATOR = numpy.random.default_rng(0)


def normal(*shape):
    return GENERATOR.standard_normal(shape, dtype=numpy.float32)


def integers(bound, *shape):
    return GENERATOR.integers(0, bound, shape, dtype=numpy.int32)


def vectors(count):
    return normal(count, 784), integers(10, count)


def images(count):
    return normal(count, 32, 32, 3), integers(10, count)


def sequences(count):
    return normal(count, 64, 128), integers(10, count)


def texts(count):
    return integers(256, count, 128), integers(256, count, 128)


def momentum(rate, decay):
    return optax.chain(optax.add_decayed_weights(decay), optax.sgd(rate, momentum=0.9))


WORKLOADS = {
    "tiny": Workload(Dense((100,) * 5), optax.sgd(0.01), 100, vectors),
    "mlp": Workload(Dense((512, 512), dropout=0.2), optax.adam(1e-3), 128, vectors),
    "mlpbn": Workload(Dense((512, 512), normalize=True), optax.adam(1e-3), 128, vectors),
    "cnn": Workload(Convolutional(), momentum(0.01, 5e-4), 128, images),
    "resnet20": Workload(Residual(), momentum(0.1, 1e-4), 128, images),
    "lstm": Workload(Recurrent(), optax.adam(1e-3), 64, sequences),
    "gpt": Workload(LanguageModel(), optax.adamw(1e-3, weight_decay=0.01), 16, texts),
}
