"""PyTorch's steps for the benchmark: training steps, and predictions in inference mode.

Gradients are dropped rather than zeroed. The mode `eager` has the optimisers as `torch.optim` makes them by default;
all others have the fused ones, on the processors tried the fastest of PyTorch's three implementations for most networks.
`eager-channels-last` keeps images and the weights of convolutions in the order that PyTorch's kernels like best. In the
mode `compiled` the network and the loss go through `torch.compile` together; compiling the optimiser's update as well
was tried and is slower.
"""

import torch
from torch.nn import functional

from protocol import parse_arguments, refuse, serve, split_workload
from pytorch_networks import WORKLOADS

MODES = ["eager", "fused", "eager-channels-last", "compiled"]


def main():
    arguments = parse_arguments(MODES)
    name, samples = split_workload(arguments.workload)
    workload = WORKLOADS.get(name)
    if workload is None:
        refuse(f"no network is called {name}")
    if arguments.mode == "eager-channels-last" and not workload.has_images:
        refuse("only images have channels to put last")
    if arguments.mode == "fused" and samples:
        refuse("a prediction has no optimiser")
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    layout = torch.channels_last if arguments.mode == "eager-channels-last" else torch.contiguous_format
    network = workload.make_network()
    inputs, labels = workload.make_batch(samples or workload.batch_size)
    if workload.has_images:
        network, inputs = network.to(memory_format=layout), inputs.to(memory_format=layout)
    if samples:
        take_steps = make_prediction(network, inputs, arguments.mode)
    else:
        take_steps = make_training(workload, network, inputs, labels, arguments.mode)
    serve(take_steps, {"torch": torch.__version__})


def make_training(workload, network, inputs, labels, mode):
    """Returns a function that takes so many training steps."""
    fused = None if mode == "eager" else True
    optimizer = workload.optimizer(network.parameters(), **workload.settings, fused=fused)

    def loss_of(inputs, labels):
        return functional.cross_entropy(network(inputs), labels)

    loss = torch.compile(loss_of) if mode == "compiled" else loss_of

    def train(count):
        for _ in range(count):
            optimizer.zero_grad(set_to_none=True)
            loss(inputs, labels).backward()
            optimizer.step()

    return train


def make_prediction(network, inputs, mode):
    """Returns a function that predicts so many times."""
    network.eval()
    predict = torch.compile(network) if mode == "compiled" else network

    def repeat(count):
        with torch.inference_mode():
            for _ in range(count):
                predict(inputs)

    return repeat


if __name__ == "__main__":
    main()
