"""Running sums, sorting, einsum, interpolation and normalisation by sample: outputs and gradients."""

import torch
from torch import nn
from torch.nn import functional

EQUATIONS = {
    "ij,jk": ((3, 4), (4, 5)),
    "ij,jk->ki": ((3, 4), (4, 5)),
    "bij,bjk->bik": ((2, 3, 4), (2, 4, 5)),
    "bhqd,bhkd->bhqk": ((2, 2, 3, 4), (2, 2, 5, 4)),
    "ii->i": ((4, 4),),
    "ii": ((4, 4),),
    "iji->j": ((3, 4, 3),),
    "ij->": ((3, 4),),
    "bA->": ((3, 4),),
    "bA": ((3, 4),),
    "i,j->ij": ((3,), (4,)),
    "i,i": ((5,), (5,)),
    "ij,ij->i": ((3, 4), (3, 4)),
    "...ij,...jk->...ik": ((2, 1, 3, 4), (5, 4, 2)),
    "...ii->...i": ((2, 3, 3),),
    "i...,i->...": ((3, 2, 4), (3,)),
    "ijk,il,lm->jm": ((2, 3, 4), (2, 5), (5, 6)),
    "ij,jk->ik with a stretched axis": ((3, 1), (4, 2)),
    "b i, b i d -> d": ((2, 3), (2, 3, 4)),
}

INTERPOLATIONS = {
    "nearest": ((2, 3, 5), {"size": 8}),
    "nearestTwice": ((2, 2, 3, 4), {"scale_factor": 2}),
    "nearestShorter": ((1, 2, 7, 6), {"size": (3, 4)}),
    "nearestByFactor": ((1, 2, 5), {"scale_factor": 1.7}),
    "linear": ((2, 3, 5), {"size": 8, "mode": "linear"}),
    "linearAligned": ((2, 3, 4), {"size": 7, "mode": "linear", "align_corners": True}),
    "linearByFactor": ((1, 2, 5), {"scale_factor": 1.6, "mode": "linear"}),
    "bilinear": ((2, 2, 3, 4), {"scale_factor": 2, "mode": "bilinear"}),
    "bilinearShorter": ((1, 2, 7, 6), {"size": (4, 3), "mode": "bilinear"}),
    "bilinearAligned": ((1, 2, 3, 5), {"size": (5, 9), "mode": "bilinear", "align_corners": True}),
    "bilinearToOne": ((1, 2, 3, 5), {"size": (1, 1), "mode": "bilinear", "align_corners": True}),
    "trilinear": ((1, 2, 2, 3, 4), {"size": (4, 3, 8), "mode": "trilinear"}),
    "trilinearAligned": ((1, 1, 3, 2, 3), {"size": (5, 3, 2), "mode": "trilinear", "align_corners": True}),
}


def record_axes(recorder):
    _sums(recorder)
    _orders(recorder)
    for equation, shapes in EQUATIONS.items():
        recorder.begin(f"einsum {equation}")
        inputs = {f"input.{i}": recorder.normal(*shape) for i, shape in enumerate(shapes)}
        written = equation.removesuffix(" with a stretched axis")
        recorder.record_function(lambda *operands: torch.einsum(written, *operands), inputs)
    for case, (shape, settings) in INTERPOLATIONS.items():
        recorder.begin(f"interpolate {case}")
        inputs = {"input": recorder.normal(*shape)}
        recorder.record_function(lambda input: functional.interpolate(input, **settings), inputs)
    _normalizations(recorder)
    _powers(recorder)


def _sums(recorder):
    for dimension in range(3):
        recorder.begin(f"cumsum {dimension}")
        recorder.record_function(lambda input: input.cumsum(dimension), {"input": recorder.normal(3, 5, 4)})
        recorder.begin(f"reversedCumsum {dimension}")
        recorder.record_function(
            lambda input: input.flip(dimension).cumsum(dimension).flip(dimension), {"input": recorder.normal(3, 5, 4)}
        )


def _orders(recorder):
    """Coarse values, so that many are equal, and some that are no numbers."""
    orders = {
        "sort": lambda x, d: x.sort(dim=d, stable=True),
        "sortDescending": lambda x, d: x.sort(dim=d, descending=True, stable=True),
        "topk": lambda x, d: x.topk(3, d),
        "smallest": lambda x, d: x.topk(2, d, largest=False),
    }
    for name, order in orders.items():
        for dimension in range(3):
            recorder.begin(f"{name} {dimension}")
            exact = name in ("topk", "smallest")  # which of equal elements these take is left open by PyTorch
            input = recorder.normal(4, 6, 5, scale=3.0)
            input = input if exact else input.round()
            recorder.record_function(lambda input: order(input, dimension).values, {"input": input})
            recorder.begin(f"{name}Indices {dimension}")
            recorder.record("output", order(input, dimension).indices)
    recorder.begin("notANumber")
    values = torch.tensor([2, float("nan"), -1, float("inf"), float("nan"), -float("inf"), 0, -0.0, 2])
    recorder.record("input", values.to(recorder.dtype))
    recorder.record("rising", values.sort(stable=True).indices)
    recorder.record("falling", values.sort(stable=True, descending=True).indices)
    recorder.record("maximum", values.argmax())
    recorder.record("minimum", values.argmin())


def _normalizations(recorder):
    for groups in (1, 2, 6):
        recorder.begin(f"groupNorm {groups}")
        layer = recorder.initialize(nn.GroupNorm(groups, 6))
        recorder.record_all("parameter.", layer.named_parameters())
        recorder.record_function(layer, {"input": 1.0 + recorder.normal(3, 6, 4, scale=2.0)}, layer)
    for case, make, places in (
        ("instanceNorm1d", nn.InstanceNorm1d, (7,)),
        ("instanceNorm2d", nn.InstanceNorm2d, (4, 3)),
        ("instanceNorm3d", nn.InstanceNorm3d, (2, 3, 2)),
    ):
        recorder.begin(case)
        recorder.record_function(make(3), {"input": 1.0 + recorder.normal(2, 3, *places, scale=2.0)})
    recorder.begin("instanceNormTracked")
    layer = recorder.initialize(nn.InstanceNorm2d(3, affine=True, track_running_stats=True))
    recorder.record_all("parameter.", layer.named_parameters())
    recorder.record_function(layer, {"input": 1.0 + recorder.normal(2, 3, 4, 3, scale=2.0)}, layer, "training/")
    recorder.record("training/running_mean", layer.running_mean)
    recorder.record("training/running_var", layer.running_var)
    layer.eval()
    recorder.record_function(layer, {"input": 1.0 + recorder.normal(2, 3, 4, 3, scale=2.0)}, layer, "inference/")


def _powers(recorder):
    recorder.begin("powerOfEitherSign")
    base = torch.tensor([-2.0, -2.0, -2.0, -0.5, -3.0, 0.0, 0.0, 0.0, 0.0, 1.5, -1.0], dtype=recorder.dtype)
    exponent = torch.tensor([0.0, 1.0, 2.0, 3.0, -2.0, 0.0, 1.0, 2.0, 0.5, -1.5, 4.0], dtype=recorder.dtype)
    recorder.record_function(torch.pow, {"input.0": base, "input.1": exponent})
