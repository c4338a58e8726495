"""Layers over spatial axes: convolutions, poolings, normalisation: outputs and gradients."""

from torch import nn

CASES = {
    "conv1d": (nn.Conv1d(2, 3, 3, stride=2, padding=1), (2, 2, 9)),
    "conv2d": (nn.Conv2d(3, 4, 3), (2, 3, 6, 5)),
    "conv2dAttributes": (nn.Conv2d(3, 4, (3, 2), stride=(2, 1), padding=(1, 2), dilation=(1, 2)), (2, 3, 7, 6)),
    "conv2dSame": (nn.Conv2d(2, 3, (3, 4), padding="same", dilation=(2, 1)), (2, 2, 6, 5)),
    "conv2dGroups": (nn.Conv2d(4, 6, 3, padding=1, groups=2), (2, 4, 5, 4)),
    "conv2dDepthwise": (nn.Conv2d(4, 8, 3, padding=1, groups=4, bias=False), (2, 4, 5, 4)),
    "conv2dPoints": (nn.Conv2d(5, 3, 1, stride=2), (2, 5, 4, 5)),
    "conv3d": (nn.Conv3d(2, 3, (2, 3, 2), stride=(1, 2, 1), padding=1), (1, 2, 4, 5, 3)),
    "convTransposed1d": (nn.ConvTranspose1d(3, 2, 4, stride=2, padding=1), (2, 3, 5)),
    "convTransposed2d": (nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1, output_padding=1, groups=2), (2, 4, 3, 4)),
    "convTransposed2dAttributes": (
        nn.ConvTranspose2d(2, 3, (3, 2), stride=(1, 2), padding=(0, 1), output_padding=(1, 0), dilation=(2, 1)),
        (2, 2, 3, 4),
    ),
    "convTransposed3d": (nn.ConvTranspose3d(2, 2, 2, stride=2, bias=False), (1, 2, 2, 3, 2)),
    "maxPool1d": (nn.MaxPool1d(3, stride=2, padding=1), (2, 2, 8)),
    "maxPool2d": (nn.MaxPool2d(2), (2, 3, 5, 6)),
    "maxPool2dAttributes": (nn.MaxPool2d((3, 2), stride=(1, 2), padding=1, dilation=(2, 1)), (2, 3, 7, 6)),
    "maxPool2dCeil": (nn.MaxPool2d(3, stride=2, padding=1, ceil_mode=True), (2, 2, 6, 5)),
    "maxPool3d": (nn.MaxPool3d(2, stride=1), (1, 2, 3, 4, 3)),
    "avgPool1d": (nn.AvgPool1d(3, stride=1), (2, 2, 6)),
    "avgPool2d": (nn.AvgPool2d((2, 3), stride=2, padding=1), (2, 3, 5, 6)),
    "avgPool2dCeil": (nn.AvgPool2d(3, stride=2, padding=1, ceil_mode=True), (2, 2, 6, 5)),
    "avgPool2dWithoutPadding": (
        nn.AvgPool2d(3, stride=2, padding=1, ceil_mode=True, count_include_pad=False), (2, 2, 6, 5)
    ),
    "avgPool3d": (nn.AvgPool3d((1, 2, 2), padding=(0, 1, 1)), (1, 2, 2, 3, 4)),
    "adaptiveMaxPool1d": (nn.AdaptiveMaxPool1d(3), (2, 2, 7)),
    "adaptiveMaxPool2d": (nn.AdaptiveMaxPool2d((3, 2)), (2, 2, 5, 7)),
    "adaptiveMaxPool3d": (nn.AdaptiveMaxPool3d(2), (1, 2, 3, 4, 5)),
    "adaptiveAvgPool1d": (nn.AdaptiveAvgPool1d(4), (2, 2, 6)),
    "adaptiveAvgPool2d": (nn.AdaptiveAvgPool2d((3, 5)), (2, 2, 7, 4)),
    "adaptiveAvgPool3d": (nn.AdaptiveAvgPool3d(1), (1, 2, 2, 3, 2)),
    "batchNorm2d": (nn.BatchNorm2d(3), (4, 3, 3, 2)),
    "batchNorm3d": (nn.BatchNorm3d(2), (2, 2, 2, 3, 2)),
}  # fmt: skip


def record_signals(recorder):
    for case, (layer, shape) in CASES.items():
        recorder.begin(case)
        recorder.initialize(layer)
        recorder.record_all("parameter.", layer.named_parameters())
        recorder.record_function(layer, {"input": recorder.normal(*shape)}, layer)
