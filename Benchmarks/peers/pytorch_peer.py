"""PyTorch's training steps for the benchmark.

Gradients are dropped rather than zeroed. The mode `eager` has the optimisers as `torch.optim` makes them by default;
`fused` has the fused ones, on the processors tried the fastest of PyTorch's three implementations for each of these
networks. In the mode `compiled` the network and the loss go through `torch.compile` together, with the fused optimiser;
compiling its update as well was tried and is slower.
"""

import torch
from torch import nn
from torch.nn import functional

from protocol import parse_arguments, serve


def hidden_layer(inputs, outputs, normalize=False, dropout=0.0):
    layers = [nn.Linear(inputs, outputs)]
    if normalize:
        layers.append(nn.BatchNorm1d(outputs))
    layers.append(nn.ReLU())
    if dropout > 0:
        layers.append(nn.Dropout(dropout))
    return layers


def make_workload(name, fused):
    """Returns the network, its optimiser and the size of its batch."""
    if name == "tiny":
        widths = [784, 100, 100, 100, 100, 100]
        layers = [layer for sizes in zip(widths, widths[1:]) for layer in hidden_layer(*sizes)]
        network = nn.Sequential(*layers, nn.Linear(100, 10))
        return network, torch.optim.SGD(network.parameters(), lr=0.01, fused=fused), 100
    options = {"normalize": True} if name == "mlpbn" else {"dropout": 0.2}
    network = nn.Sequential(
        *hidden_layer(784, 512, **options), *hidden_layer(512, 512, **options), nn.Linear(512, 10)
    )
    return network, torch.optim.Adam(network.parameters(), lr=1e-3, fused=fused), 128


def main():
    arguments = parse_arguments(modes=["eager", "fused", "compiled"])
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    network, optimizer, batch_size = make_workload(arguments.workload, fused=arguments.mode != "eager" or None)
    inputs = torch.randn(batch_size, 784)
    labels = torch.randint(0, 10, (batch_size,))

    def loss_of(inputs, labels):
        return functional.cross_entropy(network(inputs), labels)

    loss = torch.compile(loss_of) if arguments.mode == "compiled" else loss_of

    def train(count):
        for _ in range(count):
            optimizer.zero_grad(set_to_none=True)
            loss(inputs, labels).backward()
            optimizer.step()

    serve(train, {"torch": torch.__version__})


if __name__ == "__main__":
    main()
