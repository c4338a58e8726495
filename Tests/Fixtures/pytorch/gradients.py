"""Clipped gradients, trainings with clipping, groups and averages: PyTorch's, and adaptive clipping by its paper."""

import numpy
import torch
from torch import nn
from torch.nn import functional
from torch.optim import swa_utils

STEPS = 8
BATCH_SIZE = 20


def clip_value(parameters):
    nn.utils.clip_grad_value_(parameters, 0.02)


def clip_norm(parameters):
    nn.utils.clip_grad_norm_(parameters, 0.3)


def clip_parameter_norm(parameters):
    for parameter in parameters:
        nn.utils.clip_grad_norm_([parameter], 0.1)


def clip_adaptively(parameters):
    """Brock et al. 2021, written out in numpy: PyTorch has none. Unit-wise norms; a vector is one unit."""
    for parameter in parameters:
        w, g = parameter.detach().numpy(), parameter.grad.numpy()
        axes = tuple(range(1, w.ndim)) if w.ndim > 1 else None
        weight_norm = numpy.sqrt(numpy.sum(w * w, axis=axes, keepdims=True))
        gradient_norm = numpy.sqrt(numpy.sum(g * g, axis=axes, keepdims=True))
        largest = 0.1 * numpy.maximum(weight_norm, 1e-3)
        clipped = g * (largest / numpy.maximum(gradient_norm, 1e-6))
        parameter.grad.copy_(torch.from_numpy(numpy.where(gradient_norm > largest, clipped, g)))


def everything(parameters):
    clip_value(parameters)
    clip_parameter_norm(parameters)
    clip_adaptively(parameters)
    clip_norm(parameters)


def plain(parameters):
    pass


def rates(network):
    """A tenth of the rate for the first layer."""
    return [
        {"params": network[0].parameters(), "lr": 0.001}, {"params": network[2].parameters()},
        {"params": network[4].parameters()},
    ]  # fmt: skip


CLIPPINGS = {
    "clipValue": clip_value, "clipNorm": clip_norm, "clipParameterNorm": clip_parameter_norm,
    "adaptiveClip": clip_adaptively, "allClips": everything,
}  # fmt: skip


def record_gradients(recorder):
    batches = []
    for step in range(1, STEPS + 1):
        recorder.begin(f"batches/step.{step}")
        input = recorder.normal(BATCH_SIZE, 12)
        batches.append((input, input[:, :5].argmax(dim=1)))
        recorder.record("input", input)
        recorder.record("label", batches[-1][1])
    for case, clip in CLIPPINGS.items():
        train(recorder, case, batches, lambda n: torch.optim.SGD(n.parameters(), lr=0.5, momentum=0.9), clip)
    train(recorder, "rates", batches, lambda n: torch.optim.Adam(rates(n), lr=0.01), plain)
    # The first layer is frozen for four steps; Adam then counts its steps from there.
    train(recorder, "frozen", batches, lambda n: torch.optim.Adam(n.parameters(), lr=0.01), plain, frozen_steps=4)
    train(recorder, "ema", batches, adam, plain, average=swa_utils.get_ema_multi_avg_fn(0.9))
    train(recorder, "swa", batches, adam, plain, average=swa_utils.get_swa_multi_avg_fn(), refresh=True)


def adam(network):
    return torch.optim.Adam(network.parameters(), lr=0.01)


def train(recorder, case, batches, make, clip, frozen_steps=0, average=None, refresh=False):
    recorder.begin(case)
    middle = [nn.BatchNorm1d(16), nn.ReLU()] if refresh else [nn.ReLU(), nn.Linear(16, 8), nn.ReLU()]
    network = nn.Sequential(nn.Linear(12, 16, bias=not refresh), *middle, nn.Linear(16 if refresh else 8, 5))
    recorder.initialize(network)
    recorder.record_all("parameter.", network.named_parameters())
    averaged = swa_utils.AveragedModel(network, multi_avg_fn=average) if average else None
    optimizer = make(network)
    for step, (input, label) in enumerate(batches, start=1):
        for parameter in network[0].parameters():
            parameter.requires_grad_(step > frozen_steps)
        optimizer.zero_grad(set_to_none=True)
        functional.cross_entropy(network(input), label).backward()
        parameters = [p for p in network.parameters() if p.grad is not None]
        if step == 1:
            recorder.record_all("gradient.", ((n, p.grad) for n, p in network.named_parameters() if p.grad is not None))
        clip(parameters)
        if step == 1:
            recorder.record_all("clipped.", ((n, p.grad) for n, p in network.named_parameters() if p.grad is not None))
        optimizer.step()
        if averaged:
            averaged.update_parameters(network)
    recorder.record_all("after.", network.named_parameters())
    if averaged:
        recorder.record_all("average.", averaged.module.named_parameters())
    if refresh:
        swa_utils.update_bn((input for input, _ in batches), averaged)
        buffers = ((n, b) for n, b in averaged.module.named_buffers() if b.is_floating_point())
        recorder.record_all("average.buffer.", buffers)
