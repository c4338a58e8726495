"""Elementary functions and their derivatives on grids."""

import torch


def record_functions(recorder):
    whole_line = torch.linspace(-6, 6, 49)
    positive = torch.logspace(-4, 3, 43)
    grids = {
        "exp": whole_line, "expm1": torch.cat([whole_line, 1e-4 * whole_line]), "log": positive,
        "log1p": torch.cat([positive - 0.5e-4, -0.9 * positive / positive.max()]), "sqrt": positive,
        "rsqrt": positive, "tanh": whole_line, "sigmoid": 4 * whole_line, "erf": 0.6 * whole_line,
        "sin": 5 * whole_line, "cos": 5 * whole_line, "abs": whole_line,
    }  # fmt: skip
    for name, grid in grids.items():
        recorder.begin(name)
        recorder.record_function(getattr(torch, name), {"input": grid.to(recorder.dtype)})
    pairs = {"pow": (positive.clamp(0.01, 50), torch.linspace(-2.5, 3.2, 43)), "maximum": (whole_line, whole_line.sin())}
    for name, (first, second) in pairs.items():
        recorder.begin(name)
        different = first != second
        inputs = {"input.0": first[different].to(recorder.dtype), "input.1": second[different].to(recorder.dtype)}
        recorder.record_function(getattr(torch, name), inputs)
