"""Activations beyond those of layers.py and attention.py: outputs and gradients, on a grid that has their bends."""

import torch
from torch import nn
from torch.nn import functional

GRID = torch.linspace(-8, 8, 65)
ELEMENTWISE = {
    "leakyReLU": functional.leaky_relu,
    "leakyReLUSlope": lambda x: functional.leaky_relu(x, 0.3),
    "rReLU": lambda x: functional.rrelu(x, training=False),
    "relu6": functional.relu6,
    "elu": functional.elu,
    "eluAlpha": lambda x: functional.elu(x, 0.7),
    "selu": functional.selu,
    "celu": functional.celu,
    "celuAlpha": lambda x: functional.celu(x, 1.5),
    "mish": functional.mish,
    "softplus": functional.softplus,
    "softplusBeta": lambda x: functional.softplus(x, 2.0, 3.0),
    "softsign": functional.softsign,
    "hardTanh": functional.hardtanh,
    "hardTanhBounds": lambda x: functional.hardtanh(x, -2.0, 0.5),
    "hardSigmoid": functional.hardsigmoid,
    "exponential": torch.exp,
    "thresholded": lambda x: functional.threshold(x, 1.0, 0.0),
    "thresholdedValue": lambda x: functional.threshold(x, -0.5, -3.0),
}  # fmt: skip


def record_activations(recorder):
    for case, function in ELEMENTWISE.items():
        recorder.begin(case)
        recorder.record_function(function, {"input": GRID.to(recorder.dtype)})
    # Its derivative at the bends has been another in other versions.
    recorder.begin("hardSwish")
    recorder.record_function(functional.hardswish, {"input": (GRID + 0.125).to(recorder.dtype)})
    for case, channels, shape in (("pReLU", 1, (4, 6)), ("pReLUChannels", 3, (2, 3, 4))):
        recorder.begin(case)
        layer = nn.PReLU(channels).to(recorder.dtype)
        with torch.no_grad():
            layer.weight.copy_(recorder.normal(channels, scale=0.3))
        recorder.record_all("parameter.", layer.named_parameters())
        recorder.record_function(layer, {"input": recorder.normal(*shape)}, layer)
    along_axes = {
        "glu": functional.glu,
        "gluAxis": lambda x: functional.glu(x, dim=1),
        "softmaxAxis": lambda x: functional.softmax(x, dim=1),
        "logSoftmaxAxis": lambda x: functional.log_softmax(x, dim=1),
    }
    for case, function in along_axes.items():
        recorder.begin(case)
        recorder.record_function(function, {"input": recorder.normal(2, 4, 3, 6, scale=2.0)})
