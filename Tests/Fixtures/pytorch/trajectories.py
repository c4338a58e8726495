"""Trainings of ten steps: the losses, and the parameters and the optimiser's state on the way."""

import dataclasses
from typing import Callable

import torch
from torch import nn
from torch.nn import functional

STEPS = 10
RECORDED_STEPS = (1, 2, 5, 10)
BATCH_SIZE = 20
PENALTY_WEIGHT = 0.1


def classification_loss(network, input, label):
    return functional.cross_entropy(network(input), label)


def regression_loss(network, input, target):
    return functional.mse_loss(network(input), target)


def penalized_loss(network, input, label):
    """Cross-entropy + 0.1 * mean over samples of |d logsumexp(logits) / d input|^2."""
    input.requires_grad_()
    logits = network(input)
    (slope,) = torch.autograd.grad(logits.logsumexp(dim=1).sum(), input, create_graph=True)
    return functional.cross_entropy(logits, label) + PENALTY_WEIGHT * slope.square().sum(dim=1).mean()


@dataclasses.dataclass
class Trajectory:
    """What is trained and how."""

    optimizer: Callable
    activation: Callable = nn.ReLU
    normalize: bool = False
    loss: Callable = classification_loss
    learning_rate: Callable = lambda step: None


TRAJECTORIES = {
    "sgd": Trajectory(lambda p: torch.optim.SGD(p, lr=0.1)),
    "momentum": Trajectory(lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9)),
    "nesterov": Trajectory(lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True)),
    "dampening": Trajectory(lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, dampening=0.5)),
    "sgdWeightDecay": Trajectory(lambda p: torch.optim.SGD(p, lr=0.1, weight_decay=1e-2)),
    "adam": Trajectory(lambda p: torch.optim.Adam(p, lr=1e-2)),
    "adamWeightDecay": Trajectory(lambda p: torch.optim.Adam(p, lr=1e-2, weight_decay=1e-2)),
    "adamW": Trajectory(lambda p: torch.optim.AdamW(p, lr=1e-2, weight_decay=0.1)),
    "adamBatchNorm": Trajectory(lambda p: torch.optim.Adam(p, lr=1e-2), normalize=True),
    "regression": Trajectory(
        lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9), activation=nn.Tanh, loss=regression_loss
    ),
    "exponentialDecay": Trajectory(
        lambda p: torch.optim.SGD(p, lr=0.5), activation=nn.Sigmoid, learning_rate=lambda t: 0.5 * 10 ** (-t / 5)
    ),
    "gradientPenalty": Trajectory(
        lambda p: torch.optim.SGD(p, lr=0.1), activation=nn.Tanh, loss=penalized_loss
    ),
}


def record_trajectories(recorder):
    batches = [_record_batch(recorder, step) for step in range(1, STEPS + 1)]
    for case, trajectory in TRAJECTORIES.items():
        recorder.begin(case)
        _record_training(recorder, trajectory, batches)


def _record_batch(recorder, step):
    """Draws what every training sees in its step: the class is the largest of five inputs, the target half of others."""
    recorder.begin(f"batches/step.{step}")
    input = recorder.normal(BATCH_SIZE, 12)
    batch = {"input": input, "label": input[:, :5].argmax(dim=1), "target": 0.5 * input[:, 5:10]}
    recorder.record_all("", batch.items())
    return batch


def _record_training(recorder, trajectory, batches):
    network = recorder.initialize(_network(trajectory))
    optimizer = trajectory.optimizer(network.parameters())
    recorder.record_all("parameter.", network.named_parameters())
    for step, batch in enumerate(batches, start=1):
        input = batch["input"].clone()
        target = batch["target" if trajectory.loss is regression_loss else "label"]
        learning_rate = trajectory.learning_rate(step - 1)
        if learning_rate is not None:
            optimizer.param_groups[0]["lr"] = learning_rate
            recorder.record(f"step.{step}/learningRate", torch.tensor(learning_rate, dtype=recorder.dtype))
        optimizer.zero_grad(set_to_none=True)
        loss = trajectory.loss(network, input, target)
        loss.backward()
        recorder.record(f"step.{step}/loss", loss)
        if step == 1:
            recorder.record_all("step.1/gradient.", ((name, p.grad) for name, p in network.named_parameters()))
        optimizer.step()
        if step in RECORDED_STEPS:
            _record_state(recorder, network, optimizer, f"step.{step}/")


def _network(trajectory):
    """12-16-8-5. Before a normalisation there is no bias: its gradient is zero but for rounding, which Adam magnifies."""
    layers = []
    for inputs, outputs in ((12, 16), (16, 8)):
        layers.append(nn.Linear(inputs, outputs, bias=not trajectory.normalize))
        if trajectory.normalize:
            layers.append(nn.BatchNorm1d(outputs))
        layers.append(trajectory.activation())
    return nn.Sequential(*layers, nn.Linear(8, 5))


def _record_state(recorder, network, optimizer, prefix):
    recorder.record_all(f"{prefix}parameter.", network.named_parameters())
    statistics = ((name, buffer) for name, buffer in network.named_buffers() if buffer.is_floating_point())
    recorder.record_all(f"{prefix}buffer.", statistics)
    for name, parameter in network.named_parameters():
        state = optimizer.state[parameter]
        for slot in ("momentum_buffer", "exp_avg", "exp_avg_sq"):
            if state.get(slot) is not None:
                recorder.record(f"{prefix}{slot}.{name}", state[slot])
