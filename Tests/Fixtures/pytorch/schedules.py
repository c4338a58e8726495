"""The learning rate over 1,000 steps of each of PyTorch's schedules, at lr_0 = 0.5."""

import math

import torch
from torch.optim import lr_scheduler as schedules

STEPS = 1000
RATE = 0.5


def cyclic(optimizer, **settings):
    return schedules.CyclicLR(optimizer, base_lr=RATE * 0.1, max_lr=RATE, cycle_momentum=False, **settings)


def one_cycle(optimizer, **settings):
    return schedules.OneCycleLR(optimizer, max_lr=RATE, cycle_momentum=False, **{"total_steps": STEPS, **settings})


def warm(optimizer, then):
    first = schedules.LinearLR(optimizer, start_factor=0.1, end_factor=1.0, total_iters=100)
    return schedules.SequentialLR(optimizer, [first, then], milestones=[100])


SCHEDULES = {
    "step": lambda o: schedules.StepLR(o, step_size=170, gamma=0.3),
    "multiStep": lambda o: schedules.MultiStepLR(o, milestones=[100, 400, 401, 900], gamma=0.5),
    "exponential": lambda o: schedules.ExponentialLR(o, gamma=0.995),
    "polynomial": lambda o: schedules.PolynomialLR(o, total_iters=800, power=1.7),
    "linear": lambda o: schedules.LinearLR(o, start_factor=0.2, end_factor=0.9, total_iters=700),
    "cosine": lambda o: schedules.CosineAnnealingLR(o, T_max=STEPS, eta_min=RATE * 0.05),
    "cosineWarmRestarts": lambda o: schedules.CosineAnnealingWarmRestarts(o, T_0=60, T_mult=2, eta_min=RATE * 0.1),
    "cosineWarmRestartsEqual": lambda o: schedules.CosineAnnealingWarmRestarts(o, T_0=130),
    "cyclicTriangular": lambda o: cyclic(o, step_size_up=70, step_size_down=130),
    "cyclicTriangular2": lambda o: cyclic(o, step_size_up=90, mode="triangular2"),
    "cyclicExponential": lambda o: cyclic(o, step_size_up=110, mode="exp_range", gamma=0.998),
    "oneCycle": lambda o: one_cycle(o),
    "oneCycleLinear": lambda o: one_cycle(o, pct_start=0.45, anneal_strategy="linear", div_factor=10, final_div_factor=50),
    "oneCycleThreePhase": lambda o: one_cycle(o, pct_start=0.4, three_phase=True),
    "warmupCosine": lambda o: warm(o, schedules.CosineAnnealingLR(o, T_max=STEPS - 100)),
    "warmupExponential": lambda o: warm(o, schedules.ExponentialLR(o, gamma=0.997)),
    "inverseSqrt": lambda o: schedules.LambdaLR(o, lambda t: math.sqrt(300 / (300 + t))),
    "power": lambda o: schedules.LambdaLR(o, lambda t: (1 + t / 150) ** -0.8),
    "piecewise": lambda o: schedules.LambdaLR(o, lambda t: 1.0 if t < 200 else 0.4 if t < 750 else 0.05),
}  # fmt: skip

PLATEAUS = {
    "performance": {"patience": 5, "factor": 0.5},
    "performanceAbsolute": {"patience": 3, "factor": 0.3, "threshold": 0.02, "threshold_mode": "abs"},
    "performanceCooldown": {"patience": 2, "factor": 0.4, "cooldown": 7, "min_lr": RATE * 1e-3, "eps": 0.0},
}


def record_schedules(recorder):
    for case, make in SCHEDULES.items():
        recorder.begin(case)
        optimizer = new_optimizer()
        schedule = make(optimizer)
        rates = []
        for _ in range(STEPS):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            schedule.step() if len(rates) < STEPS else None
        recorder.record("rates", torch.tensor(rates, dtype=recorder.dtype))
    for case, settings in PLATEAUS.items():
        recorder.begin(case)
        noise = recorder.normal(STEPS, scale=0.3).double()
        # Rounded to float32, so that both types compare the same losses.
        losses = (2 * torch.exp(-torch.arange(STEPS) / 150.0) + 0.1 * noise.abs()).float().double()
        optimizer = new_optimizer()
        schedule = schedules.ReduceLROnPlateau(optimizer, **settings)
        rates = []
        for loss in losses.tolist():
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            schedule.step(loss)
        recorder.record("losses", losses.to(recorder.dtype))
        recorder.record("rates", torch.tensor(rates, dtype=recorder.dtype))


def new_optimizer():
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=RATE)
