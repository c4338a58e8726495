"""Recurrent layers: outputs, last states, and gradients by parameters, inputs and initial states; and a training."""

import torch
from torch import nn
from torch.nn import functional

STEPS = 5
BATCH = 3
INPUTS = 4
UNITS = 3

LAYERS = {
    "lstm": lambda: nn.LSTM(INPUTS, UNITS),
    "lstmBatchFirst": lambda: nn.LSTM(INPUTS, UNITS, batch_first=True),
    "lstmWithoutBias": lambda: nn.LSTM(INPUTS, UNITS, bias=False),
    "lstmTwoLayers": lambda: nn.LSTM(INPUTS, UNITS, num_layers=2),
    "lstmBidirectional": lambda: nn.LSTM(INPUTS, UNITS, num_layers=2, bidirectional=True),
    "gru": lambda: nn.GRU(INPUTS, UNITS),
    "gruWithoutBias": lambda: nn.GRU(INPUTS, UNITS, bias=False),
    "gruBidirectional": lambda: nn.GRU(INPUTS, UNITS, num_layers=2, bidirectional=True),
    "rnn": lambda: nn.RNN(INPUTS, UNITS),
    "rnnReLU": lambda: nn.RNN(INPUTS, UNITS, nonlinearity="relu"),
    "rnnBidirectional": lambda: nn.RNN(INPUTS, UNITS, num_layers=2, bidirectional=True),
}

TRAINING_STEPS = 6


def record_recurrent(recorder):
    for case, make in LAYERS.items():
        recorder.begin(case)
        _record_layer(recorder, recorder.initialize(make()))
    _record_training(recorder)


def _record_layer(recorder, layer):
    recorder.record_all("parameter.", layer.named_parameters())
    leading = (BATCH, STEPS) if layer.batch_first else (STEPS, BATCH)
    states = layer.num_layers * (2 if layer.bidirectional else 1)
    inputs = {"input": recorder.normal(*leading, INPUTS), "hidden": recorder.normal(states, BATCH, UNITS)}
    if isinstance(layer, nn.LSTM):
        inputs["cell"] = recorder.normal(states, BATCH, UNITS)
    recorder.record_all("", inputs.items())
    for tensor in inputs.values():
        tensor.requires_grad_()
    input, *initial = inputs.values()
    output, last = layer(input, tuple(initial) if isinstance(layer, nn.LSTM) else initial[0])
    results = {"output": output}
    results |= dict(zip(("lastHidden", "lastCell"), last if isinstance(last, tuple) else (last,)))
    cotangents = {name: recorder.normal(*tensor.shape) for name, tensor in results.items()}
    torch.autograd.backward(list(results.values()), list(cotangents.values()))
    recorder.record_all("", results.items())
    recorder.record_all("cotangent.", cotangents.items())
    recorder.record_all("gradient.", ((name, tensor.grad) for name, tensor in inputs.items()))
    recorder.record_all("gradient.parameter.", ((name, p.grad) for name, p in layer.named_parameters()))


class Classifier(nn.Module):
    """An LSTM of two layers in both directions, and a linear layer on what either direction ends with."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(INPUTS, UNITS, num_layers=2, bidirectional=True, batch_first=True)
        self.linear = nn.Linear(2 * UNITS, 3)

    def forward(self, input):
        _, (hidden, _) = self.lstm(input)
        return self.linear(torch.cat([hidden[-2], hidden[-1]], dim=1))


def _record_training(recorder):
    recorder.begin("classifier")
    network = recorder.initialize(Classifier())
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-2)
    recorder.record_all("parameter.", network.named_parameters())
    for step in range(1, TRAINING_STEPS + 1):
        input, label = recorder.normal(8, STEPS, INPUTS), recorder.labels(8, 3)
        optimizer.zero_grad(set_to_none=True)
        loss = functional.cross_entropy(network(input), label)
        loss.backward()
        optimizer.step()
        recorder.record_all(f"step.{step}/", {"input": input, "label": label, "loss": loss}.items())
    recorder.record_all("after.", network.named_parameters())
