"""JAX's training steps for the benchmark: Flax layers, an Optax optimiser, the whole step compiled as one function.

The state is donated, so that parameters and moments are updated in place. The batch is an argument, as it is in any
real training, not a constant that the compiler may fold. JAX has no setting for the number of threads on a CPU: the
driver's processor affinity holds it to them.
"""

import flax
import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy
import optax

from protocol import parse_arguments, serve


class Network(nn.Module):
    """A dense network: hidden layers of `widths`, then ten logits."""

    widths: tuple
    normalize: bool = False
    dropout: float = 0.0

    @nn.compact
    def __call__(self, values):
        for width in self.widths:
            values = nn.Dense(width)(values)
            if self.normalize:
                values = nn.BatchNorm(use_running_average=False, momentum=0.9)(values)
            values = nn.relu(values)
            if self.dropout > 0:
                values = nn.Dropout(self.dropout, deterministic=False)(values)
        return nn.Dense(10)(values)


WORKLOADS = {
    "tiny": (Network((100,) * 5), optax.sgd(0.01), 100),
    "mlp": (Network((512, 512), dropout=0.2), optax.adam(1e-3), 128),
    "mlpbn": (Network((512, 512), normalize=True), optax.adam(1e-3), 128),
}


def make_step(network, optimizer):
    """Returns the compiled training step, a function of the state and the batch that returns the next state."""

    def loss_of(parameters, statistics, key, inputs, labels):
        logits, changed = network.apply(
            {"params": parameters, "batch_stats": statistics}, inputs, rngs={"dropout": key}, mutable=["batch_stats"]
        )
        loss = optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()
        return loss, changed.get("batch_stats", {})

    def step(state, inputs, labels):
        parameters, statistics, moments, key = state
        key, dropout_key = jax.random.split(key)
        gradient_of = jax.value_and_grad(loss_of, has_aux=True)
        (loss, statistics), gradient = gradient_of(parameters, statistics, dropout_key, inputs, labels)
        update, moments = optimizer.update(gradient, moments, parameters)
        return (optax.apply_updates(parameters, update), statistics, moments, key), loss

    return jax.jit(step, donate_argnums=0)


def main():
    arguments = parse_arguments(modes=["jitted"])
    network, optimizer, batch_size = WORKLOADS[arguments.workload]
    generator = numpy.random.default_rng(0)
    inputs = jnp.asarray(generator.standard_normal((batch_size, 784), dtype=numpy.float32))
    labels = jnp.asarray(generator.integers(0, 10, batch_size, dtype=numpy.int32))
    variables = jax.jit(network.init)({"params": jax.random.key(0), "dropout": jax.random.key(1)}, inputs)
    parameters = variables["params"]
    state = (parameters, variables.get("batch_stats", {}), optimizer.init(parameters), jax.random.key(2))
    step = make_step(network, optimizer)

    def train(count):
        nonlocal state
        for _ in range(count):
            state, loss = step(state, inputs, labels)
        jax.block_until_ready(state)

    serve(train, {"jax": jax.__version__, "flax": flax.__version__, "optax": optax.__version__})


if __name__ == "__main__":
    main()
