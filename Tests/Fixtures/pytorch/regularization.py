"""Penalties and constraints: five steps of training under each, and all parameters after every one.

PyTorch has the optimisers; what is added to gradients and what is done to weights after a step is written out here. All
of it falls on weights, not on biases.
"""

import dataclasses
from typing import Callable

import torch
from torch import nn
from torch.nn import functional

STEPS = 5


def unchanged(weight, rate):
    return weight


def clipped_norms(weight, largest):
    """The weights [neurons, ...], each neuron's with a norm of at most `largest`."""
    norms = weight.flatten(1).norm(dim=1)
    factors = torch.where(norms > largest, largest / norms, torch.ones_like(norms))
    return weight * factors.reshape(-1, *[1] * (weight.dim() - 1))


def unit_norms(weight, rate):
    return weight / weight.flatten(1).norm(dim=1).reshape(-1, *[1] * (weight.dim() - 1))


def soft_threshold(weight, rate, strength=0.5):
    return weight.sign() * (weight.abs() - rate * strength).clamp(min=0)


@dataclasses.dataclass
class Case:
    optimizer: Callable
    penalty: Callable = lambda weight: 0
    decay: float = 0.0
    constraint: Callable = unchanged
    is_convolutional: bool = False


def sgd(parameters):
    return torch.optim.SGD(parameters, lr=0.125, momentum=0.5)


def adam(parameters):
    return torch.optim.Adam(parameters, lr=0.03125)


CASES = {
    "l1": Case(sgd, penalty=lambda w: 0.0625 * w.abs().sum()),
    "l1Proximal": Case(sgd, constraint=soft_threshold),
    "l1ProximalAdam": Case(adam, constraint=soft_threshold),
    "elastic": Case(adam, penalty=lambda w: 0.0625 * w.abs().sum() + 0.125 / 2 * w.square().sum()),
    "l2Adam": Case(adam, penalty=lambda w: 0.25 / 2 * w.square().sum()),
    "weightDecay": Case(sgd, decay=0.25),
    "weightDecayAdam": Case(adam, decay=0.25),
    "maxNorm": Case(sgd, constraint=lambda w, rate: clipped_norms(w, 0.75)),
    "maxNormConvolutional": Case(sgd, constraint=lambda w, rate: clipped_norms(w, 0.75), is_convolutional=True),
    "unitNorm": Case(adam, constraint=unit_norms),
    "nonNegative": Case(sgd, constraint=lambda w, rate: w.clamp(min=0)),
}


def record_regularization(recorder):
    for is_convolutional, name in ((False, "dense"), (True, "convolutional")):
        recorder.begin(f"batch/{name}")
        recorder.record("input", recorder.normal(12, *((2, 4, 3) if is_convolutional else (6,))))
        recorder.record("label", recorder.labels(12, 4))
    for case, settings in CASES.items():
        recorder.begin(case)
        _record_training(recorder, settings)


def _record_training(recorder, case):
    network = recorder.initialize(_convolutional() if case.is_convolutional else _dense())
    batch = f"batch/{'convolutional' if case.is_convolutional else 'dense'}"
    input, label = recorder.tensors[f"{batch}/input"], recorder.tensors[f"{batch}/label"].long()
    optimizer = case.optimizer(network.parameters())
    rate = optimizer.param_groups[0]["lr"]
    recorder.record_all("parameter.", network.named_parameters())
    for step in range(1, STEPS + 1):
        optimizer.zero_grad(set_to_none=True)
        loss = functional.cross_entropy(network(input), label)
        recorder.record(f"step.{step}/loss", loss)
        weights = [parameter for name, parameter in network.named_parameters() if name.endswith("weight")]
        (loss + sum(case.penalty(weight) for weight in weights)).backward()
        with torch.no_grad():
            for weight in weights:
                weight.mul_(1 - rate * case.decay)
        optimizer.step()
        with torch.no_grad():
            for module in network:
                if isinstance(module, nn.ConvTranspose2d):
                    _constrain_transposed(module, lambda weight: case.constraint(weight, rate))
                elif hasattr(module, "weight"):
                    module.weight.copy_(case.constraint(module.weight, rate))
        recorder.record_all(f"step.{step}/parameter.", network.named_parameters())


def _constrain_transposed(module, constraint):
    """The weight lies [in, out / groups, ...]: the weights of an output channel are those of its group's inputs."""
    groups = module.groups
    inputs, outputs, *kernel = module.weight.shape
    grouped = module.weight.reshape(groups, inputs // groups, outputs, *kernel).transpose(1, 2)
    constrained = constraint(grouped.reshape(groups * outputs, inputs // groups, *kernel))
    back = constrained.reshape(groups, outputs, inputs // groups, *kernel).transpose(1, 2)
    module.weight.copy_(back.reshape(inputs, outputs, *kernel))


def _dense():
    return nn.Sequential(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 4))


def _convolutional():
    return nn.Sequential(
        nn.Conv2d(2, 4, 2), nn.Tanh(), nn.ConvTranspose2d(4, 6, 2, groups=2), nn.Tanh(), nn.Flatten(), nn.Linear(72, 4)
    )
