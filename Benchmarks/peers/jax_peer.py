"""JAX's steps for the benchmark: Flax layers, an Optax optimiser, a whole step compiled as one function.

The state is donated, so that parameters and moments are updated in place. The batch is an argument, as it is in any
real training, not a constant that the compiler may fold. JAX has no setting for the number of threads on a CPU: the
driver's processor affinity holds it to them.
"""

import flax
import jax
import jax.numpy as jnp
import optax

from jax_networks import WORKLOADS
from protocol import parse_arguments, refuse, serve, split_workload


def main():
    arguments = parse_arguments(modes=["jitted"])
    name, samples = split_workload(arguments.workload)
    workload = WORKLOADS.get(name)
    if workload is None:
        refuse(f"no network is called {name}")
    inputs, labels = map(jnp.asarray, workload.make_batch(samples or workload.batch_size))
    initialize = jax.jit(workload.network.init, static_argnames="train")
    variables = initialize({"params": jax.random.key(0), "dropout": jax.random.key(1)}, inputs, train=True)
    if samples:
        take_steps = make_prediction(workload.network, variables, inputs)
    else:
        take_steps = make_training(workload, variables, inputs, labels)
    serve(take_steps, {"jax": jax.__version__, "flax": flax.__version__, "optax": optax.__version__})


def make_training(workload, variables, inputs, labels):
    """Returns a function that takes so many training steps."""
    network, optimizer = workload.network, workload.optimizer

    def loss_of(parameters, statistics, key, inputs, labels):
        logits, changed = network.apply(
            {"params": parameters, "batch_stats": statistics}, inputs, train=True, rngs={"dropout": key},
            mutable=["batch_stats"],
        )  # fmt: skip
        loss = optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()
        return loss, changed.get("batch_stats", {})

    def step(state, inputs, labels):
        parameters, statistics, moments, key = state
        key, dropout_key = jax.random.split(key)
        gradient_of = jax.value_and_grad(loss_of, has_aux=True)
        (loss, statistics), gradient = gradient_of(parameters, statistics, dropout_key, inputs, labels)
        update, moments = optimizer.update(gradient, moments, parameters)
        return (optax.apply_updates(parameters, update), statistics, moments, key), loss

    compiled = jax.jit(step, donate_argnums=0)
    parameters = variables["params"]
    state = (parameters, variables.get("batch_stats", {}), optimizer.init(parameters), jax.random.key(2))

    def train(count):
        nonlocal state
        for _ in range(count):
            state, _ = compiled(state, inputs, labels)
        jax.block_until_ready(state)

    return train


def make_prediction(network, variables, inputs):
    """Returns a function that predicts so many times, each time waiting for the result."""
    compiled = jax.jit(lambda variables, inputs: network.apply(variables, inputs, train=False))

    def repeat(count):
        for _ in range(count):
            jax.block_until_ready(compiled(variables, inputs))

    return repeat


if __name__ == "__main__":
    main()
