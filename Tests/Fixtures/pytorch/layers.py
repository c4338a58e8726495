"""Layers, activations and losses: outputs and gradients."""

from torch import nn
from torch.nn import functional


def record_layers(recorder):
    _linear(recorder)
    _activations(recorder)
    _losses(recorder)
    _batch_normalization(recorder)


def _linear(recorder):
    for case, bias in (("linear", True), ("linearWithoutBias", False)):
        recorder.begin(case)
        layer = recorder.initialize(nn.Linear(7, 5, bias=bias))
        recorder.record_all("parameter.", layer.named_parameters())
        recorder.record_function(layer, {"input": recorder.normal(6, 7)}, layer)


def _activations(recorder):
    activations = {
        "relu": functional.relu,
        "sigmoid": lambda input: input.sigmoid(),
        "tanh": lambda input: input.tanh(),
        "softmax": lambda input: functional.softmax(input, dim=-1),
        "logSoftmax": lambda input: functional.log_softmax(input, dim=-1),
    }
    for case, activation in activations.items():
        recorder.begin(case)
        recorder.record_function(activation, {"input": recorder.normal(6, 9, scale=3.0)})


def _losses(recorder):
    recorder.begin("crossEntropy")
    inputs = {"input": recorder.normal(8, 5, scale=3.0), "label": recorder.labels(8, 5)}
    recorder.record_function(functional.cross_entropy, inputs)
    recorder.begin("mse")
    inputs = {"input": recorder.normal(8, 3), "target": recorder.normal(8, 3)}
    recorder.record_function(functional.mse_loss, inputs)


def _batch_normalization(recorder):
    recorder.begin("batchNorm")
    layer = recorder.initialize(nn.BatchNorm1d(6))
    recorder.record_all("parameter.", layer.named_parameters())
    for batch in (1, 2, 3):
        recorder.record_function(layer, {"input": 2.0 + recorder.normal(10, 6, scale=batch)}, layer, f"batch.{batch}/")
        _record_statistics(recorder, layer, f"batch.{batch}/")
    layer.eval()
    recorder.record_function(layer, {"input": recorder.normal(4, 6)}, layer, "inference/")


def _record_statistics(recorder, layer, prefix):
    recorder.record(f"{prefix}running_mean", layer.running_mean)
    recorder.record(f"{prefix}running_var", layer.running_var)
