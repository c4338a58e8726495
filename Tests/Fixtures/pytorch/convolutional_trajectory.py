"""A training of five steps of a small convolutional network: losses, parameters, statistics, momenta."""

import torch
from torch import nn
from torch.nn import functional

STEPS = 5
BATCH_SIZE = 6


class Residual(nn.Module):
    """body(x) + shortcut(x), the shortcut being the identity where there is none."""

    def __init__(self, body, shortcut=None):
        super().__init__()
        self.body = body
        self.shortcut = shortcut

    def forward(self, input):
        return self.body(input) + (input if self.shortcut is None else self.shortcut(input))


def network():
    """Images of 3 x 9 x 8 to 4 classes. Before a normalisation there is no bias."""
    return nn.Sequential(
        nn.Conv2d(3, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 6, 3, padding=1), nn.ReLU(),
        Residual(
            nn.Sequential(
                nn.Conv2d(6, 8, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU(),
                nn.Conv2d(8, 8, 3, padding=1, groups=2, bias=False), nn.BatchNorm2d(8),
            ),
            nn.Sequential(nn.Conv2d(6, 8, 1, stride=2, bias=False), nn.BatchNorm2d(8)),
        ),
        nn.ReLU(), Residual(nn.Sequential(nn.Conv2d(8, 8, 3, padding=1), nn.ReLU())),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 4),
    )  # fmt: skip


def record_convolutional_trajectory(recorder):
    batches = []
    for step in range(1, STEPS + 1):
        recorder.begin(f"batches/step.{step}")
        input = recorder.normal(BATCH_SIZE, 3, 9, 8)
        batches.append({"input": input, "label": input.mean(dim=(2, 3)).argmax(dim=1)})
        recorder.record_all("", batches[-1].items())
    recorder.begin("training")
    model = recorder.initialize(network())
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    recorder.record_all("parameter.", model.named_parameters())
    for step, batch in enumerate(batches, start=1):
        optimizer.zero_grad(set_to_none=True)
        loss = functional.cross_entropy(model(batch["input"]), batch["label"])
        loss.backward()
        recorder.record(f"step.{step}/loss", loss)
        optimizer.step()
        if step not in (1, STEPS):
            continue
        recorder.record_all(f"step.{step}/parameter.", model.named_parameters())
        statistics = ((name, buffer) for name, buffer in model.named_buffers() if buffer.is_floating_point())
        recorder.record_all(f"step.{step}/buffer.", statistics)
        for name, parameter in model.named_parameters():
            recorder.record(f"step.{step}/momentum_buffer.{name}", optimizer.state[parameter]["momentum_buffer"])
