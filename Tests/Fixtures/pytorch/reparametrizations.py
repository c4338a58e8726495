"""Weight and spectral normalisation, and batch normalisation of sequences: outputs, gradients and what a step leaves."""

from torch import nn
from torch.nn.utils import parametrizations

LAYERS = {
    "Linear": (lambda: nn.Linear(5, 4), (6, 5)),
    "Conv2d": (lambda: nn.Conv2d(3, 4, (2, 3), padding=1), (2, 3, 4, 4)),
    "ConvTransposed1d": (lambda: nn.ConvTranspose1d(3, 2, 4, stride=2), (2, 3, 4)),
}  # fmt: skip


def record_reparametrizations(recorder):
    for name, (make, shape) in LAYERS.items():
        recorder.begin(f"weightNorm{name}")
        layer = recorder.initialize(parametrizations.weight_norm(make()))
        recorder.record_all("parameter.", layer.named_parameters())
        recorder.record_function(layer, {"input": recorder.normal(*shape)}, layer)
        _record_spectral(recorder, name, make, shape)
    recorder.begin("batchNormSequences")
    layer = recorder.initialize(nn.BatchNorm1d(3))
    recorder.record_all("parameter.", layer.named_parameters())
    recorder.record_function(layer, {"input": 1.0 + recorder.normal(4, 3, 5)}, layer)
    _record_buffers(recorder, layer, "")


def _record_spectral(recorder, name, make, shape):
    """Three steps of training, each with what the power method has reached after it, then inference."""
    recorder.begin(f"spectralNorm{name}")
    layer = recorder.initialize(parametrizations.spectral_norm(make(), n_power_iterations=2))
    recorder.record_all("parameter.", layer.named_parameters())
    for buffer in layer.buffers():
        vector = recorder.normal(*buffer.shape)
        buffer.copy_(vector / vector.norm())
    _record_buffers(recorder, layer, "step.0/")
    for step in (1, 2, 3):
        recorder.record_function(layer, {"input": recorder.normal(*shape)}, layer, f"step.{step}/")
        _record_buffers(recorder, layer, f"step.{step}/")
    layer.eval()
    recorder.record_function(layer, {"input": recorder.normal(*shape)}, layer, "inference/")


def _record_buffers(recorder, layer, prefix):
    named = ((name, buffer) for name, buffer in layer.named_buffers() if buffer.is_floating_point())
    recorder.record_all(prefix, named)
