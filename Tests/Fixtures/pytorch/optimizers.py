"""Trainings of twenty steps with every optimiser: the parameters on the way.

Those that PyTorch has are PyTorch's. The others, and the forms of a formula that PyTorch does not offer, are written here
from the papers, one parameter at a time.
"""

import dataclasses
from typing import Callable

import torch
from torch import nn
from torch.nn import functional
from torch.optim import _muon

STEPS = 20
RECORDED_STEPS = (1, 2, 5, 20)
BATCHES = 5
FLOAT32_EPS = torch.finfo(torch.float32).eps


def record_optimizers(recorder):
    batches = [_record_batch(recorder, number) for number in range(1, BATCHES + 1)]
    recorder.begin("network")
    network = nn.Sequential(nn.Conv2d(1, 3, 2), nn.Tanh(), nn.Flatten(), nn.Linear(27, 4))
    first = {name: p.detach().clone() for name, p in recorder.initialize(network).named_parameters()}
    recorder.record_all("parameter.", first.items())
    # NAdam keeps a product in the default type.
    torch.set_default_dtype(recorder.dtype)
    for case, training in TRAININGS.items():
        recorder.begin(case)
        parameters = {name: p.clone().requires_grad_() for name, p in first.items()}
        _record_training(recorder, training, parameters, batches)
    torch.set_default_dtype(torch.float32)


def _record_batch(recorder, number):
    """The class is the largest of the first four inputs."""
    recorder.begin(f"batches/{number}")
    input = recorder.normal(8, 1, 4, 4)
    label = input[:, 0, 0].argmax(dim=1)
    recorder.record_all("", (("input", input), ("label", label)))
    return input, label


def _loss(p, input, label):
    hidden = functional.conv2d(input, p["0.weight"], p["0.bias"]).tanh().flatten(1)
    return functional.cross_entropy(functional.linear(hidden, p["3.weight"], p["3.bias"]), label)


@dataclasses.dataclass
class Training:
    optimizer: Callable
    learning_rate: Callable = lambda step: None
    steps: tuple = RECORDED_STEPS


def _record_training(recorder, training, parameters, batches):
    optimizer = training.optimizer(parameters)
    for step in range(1, max(training.steps) + 1):
        input, label = batches[(step - 1) % BATCHES]

        def closure():
            for parameter in parameters.values():
                parameter.grad = None
            loss = _loss(parameters, input, label)
            loss.backward()
            return loss

        rate = training.learning_rate(step)
        if rate is not None:
            optimizer.param_groups[0]["lr"] = rate
        if isinstance(optimizer, torch.optim.LBFGS):
            loss = optimizer.step(closure)
        else:
            loss = closure()
            optimizer.step()
        if step in training.steps:
            recorder.record(f"step.{step}/loss", loss)
            recorder.record_all(f"step.{step}/", parameters.items())


class Written:
    """An optimiser as a function of (w, g, state, lr, t) that returns the new w; state starts as zeros."""

    def __init__(self, parameters, update, lr):
        self.parameters, self.update, self.step_count = list(parameters.values()), update, 0
        self.param_groups = [{"lr": lr}]
        self.states = [{} for _ in self.parameters]

    @torch.no_grad()
    def step(self):
        self.step_count += 1
        for w, state in zip(self.parameters, self.states):
            w.copy_(self.update(w, w.grad, State(state, w), self.param_groups[0]["lr"], self.step_count))


class State:
    def __init__(self, values, like):
        self.__dict__.update(values=values, like=like)

    def __getattr__(self, name):
        return self.values.get(name, torch.zeros_like(self.like))

    def __setattr__(self, name, value):
        self.values[name] = value


def written(update, lr, **settings):
    return lambda parameters: Written(parameters, lambda *arguments: update(*arguments, **settings), lr)


def lion(w, g, state, lr, t, beta1=0.9, beta2=0.99, decay=0.0):
    """Chen et al. 2023, algorithm 2."""
    c = beta1 * state.m + (1 - beta1) * g
    state.m = beta2 * state.m + (1 - beta2) * g
    return w - lr * (torch.sign(c) + decay * w)


def lamb(w, g, state, lr, t, beta1=0.9, beta2=0.999, eps=1e-6, decay=0.01, correct=True, all_scaled=True):
    """You et al. 2020, algorithm 2; decay on tensors of two and more axes."""
    state.m = beta1 * state.m + (1 - beta1) * g
    state.v = beta2 * state.v + (1 - beta2) * g**2
    m = state.m / (1 - beta1**t) if correct else state.m
    v = state.v / (1 - beta2**t) if correct else state.v
    r = m / (v**0.5 + eps) + (decay if w.dim() > 1 else 0) * w
    ratio = (w**2).sum() ** 0.5 / (r**2).sum() ** 0.5 if w.dim() > 1 or all_scaled else 1
    return w - lr * ratio * r


def adam_form(w, g, state, lr, t, place, beta1=0.8, beta2=0.95, eps=0.01):
    state.m = beta1 * state.m + (1 - beta1) * g
    state.v = beta2 * state.v + (1 - beta2) * g**2
    m, v = state.m / (1 - beta1**t), state.v / (1 - beta2**t)
    if place == "inside":
        return w - lr * m / (v + eps) ** 0.5
    if place == "uncorrected":
        return w - lr * (1 - beta2**t) ** 0.5 / (1 - beta1**t) * state.m / (state.v**0.5 + eps)
    return w - lr * state.m / (state.v**0.5 + eps)


def ada_grad_inside(w, g, state, lr, t, eps=0.01):
    state.s = state.s + g**2
    return w - lr * g / (state.s + eps) ** 0.5


def rms_prop_inside(w, g, state, lr, t, alpha=0.9, mu=0.8, eps=0.01):
    """With the learning rate inside of the velocity."""
    state.s = alpha * state.s + (1 - alpha) * g**2
    state.v = mu * state.v - lr * g / (state.s + eps) ** 0.5
    return w + state.v


def velocity_with_rate(w, g, state, lr, t, mu=0.9, nesterov=False):
    """Sutskever et al. 2013: v <- mu v - lr g; Nesterov's w is the point ahead, as Bengio et al. 2013 write it."""
    before = state.v
    state.v = mu * before - lr * g
    return w + mu**2 * before - (1 + mu) * lr * g if nesterov else w + state.v


def adafactor_squares(w, g, state, lr, t, eps1=1e-3, eps2=1e-3, d=1.0):
    """Shazeer and Stern 2018, algorithms 4 and 5, over the last two axes."""
    beta = 1 - t**-0.8
    squares = g**2 + eps1
    if w.dim() > 1:
        state.r = beta * state.r[..., :1] + (1 - beta) * squares.sum(-1, keepdim=True)
        state.c = beta * state.c[..., :1, :] + (1 - beta) * squares.sum(-2, keepdim=True)
        v = state.r * state.c / state.r.sum(-2, keepdim=True)
    else:
        state.v = v = beta * state.v + (1 - beta) * squares
    u = g / v**0.5
    u = u / max(1.0, ((u**2).mean() ** 0.5 / d).item())
    return w - max(eps2, (w**2).mean().item() ** 0.5) * min(lr, t**-0.5) * u


class MuonAndAdam:
    """PyTorch's Muon on weights as matrices, its Adam on biases; the iteration in the parameters' own precision."""

    def __init__(self, parameters, muon, adam):
        self.weights = [p for p in parameters.values() if p.dim() > 1]
        self.matrices = [p.detach().flatten(1).clone().requires_grad_() for p in self.weights]
        self.muon = torch.optim.Muon(self.matrices, **muon)
        self.adam = torch.optim.Adam([p for p in parameters.values() if p.dim() == 1], **adam)

    @torch.no_grad()
    def step(self):
        for weight, matrix in zip(self.weights, self.matrices):
            matrix.grad = weight.grad.flatten(1)
        original, _muon._zeropower_via_newtonschulz = _muon._zeropower_via_newtonschulz, _orthogonalize
        self.muon.step()
        _muon._zeropower_via_newtonschulz = original
        self.adam.step()
        for weight, matrix in zip(self.weights, self.matrices):
            weight.copy_(matrix.reshape(weight.shape))


def _orthogonalize(grad, coefficients, steps, eps):
    """Jordan et al. 2024, without the conversion to bfloat16."""
    a, b, c = coefficients
    x = grad.T if grad.size(0) > grad.size(1) else grad
    x = x / x.norm().clamp(min=eps)
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.T if grad.size(0) > grad.size(1) else x


def of(optimizer, **settings):
    return lambda parameters: optimizer(list(parameters.values()), **settings)


def muon(adam=None, **settings):
    return lambda parameters: MuonAndAdam(parameters, settings, adam or {})


o = torch.optim
TRAININGS = {
    "sgd": Training(of(o.SGD)),
    "sgdOptions": Training(of(o.SGD, lr=0.1, momentum=0.8, nesterov=True)),
    "momentum": Training(of(o.SGD, momentum=0.9)),
    "momentumOptions": Training(of(o.SGD, lr=0.1, momentum=0.8, dampening=0.5)),
    "momentumRateInside": Training(written(velocity_with_rate, 0.1), lambda t: 0.1 * 0.9 ** (t - 1)),
    "nesterov": Training(of(o.SGD, momentum=0.9, nesterov=True)),
    "nesterovRateInside": Training(written(velocity_with_rate, 0.1, nesterov=True), lambda t: 0.1 * 0.9 ** (t - 1)),
    "adaGrad": Training(of(o.Adagrad)),
    "adaGradOptions": Training(of(o.Adagrad, lr=0.1, lr_decay=0.1, initial_accumulator_value=0.2, eps=1e-3)),
    "adaGradInside": Training(written(ada_grad_inside, 0.1)),
    "rmsProp": Training(of(o.RMSprop)),
    "rmsPropOptions": Training(of(o.RMSprop, lr=0.02, alpha=0.9, eps=1e-3, momentum=0.8, centered=True)),
    "rmsPropMomentum": Training(of(o.RMSprop, lr=0.005, alpha=0.9, eps=1e-3, momentum=0.8)),
    "rmsPropInside": Training(written(rms_prop_inside, 0.02), lambda t: 0.02 * 0.9 ** (t - 1)),
    "adam": Training(of(o.Adam)),
    "adamOptions": Training(of(o.Adam, lr=0.02, betas=(0.8, 0.95), eps=1e-3, amsgrad=True)),
    "adamInside": Training(written(adam_form, 0.02, place="inside")),
    "adamUncorrected": Training(written(adam_form, 0.02, place="uncorrected")),
    "adamWithoutCorrection": Training(written(adam_form, 0.02, place="none")),
    "adamW": Training(of(o.AdamW)),
    "adamWOptions": Training(of(o.AdamW, lr=0.02, betas=(0.8, 0.95), weight_decay=0.3, amsgrad=True)),
    "nAdam": Training(of(o.NAdam)),
    "nAdamOptions": Training(of(o.NAdam, lr=0.02, betas=(0.8, 0.95), eps=1e-3, momentum_decay=0.05)),
    "rAdam": Training(of(o.RAdam)),
    "rAdamOptions": Training(of(o.RAdam, lr=0.05, betas=(0.8, 0.95), eps=1e-3)),
    "adaDelta": Training(of(o.Adadelta)),
    "adaDeltaOptions": Training(of(o.Adadelta, lr=0.5, rho=0.8, eps=1e-3)),
    "adaMax": Training(of(o.Adamax)),
    "adaMaxOptions": Training(of(o.Adamax, lr=0.02, betas=(0.8, 0.95), eps=1e-2)),
    "lion": Training(written(lion, 1e-4)),
    "lionOptions": Training(written(lion, 0.01, beta1=0.8, beta2=0.95, decay=0.3)),
    "lamb": Training(written(lamb, 1e-3)),
    "lambOptions": Training(
        written(lamb, 0.02, beta1=0.8, beta2=0.95, eps=1e-3, decay=0.3, correct=False, all_scaled=False)
    ),
    "muon": Training(muon()),
    "muonOptions": Training(
        muon(
            lr=0.05, momentum=0.8, nesterov=False, ns_steps=3, weight_decay=0.2, adjust_lr_fn="match_rms_adamw",
            adam={"lr": 0.02, "betas": (0.8, 0.95)},
        )
    ),
    "muonSpectral": Training(muon(lr=0.02, adjust_lr_fn="spectral_unclamped")),
    "adafactor": Training(of(o.Adafactor, eps=(FLOAT32_EPS, 1e-3))),
    "adafactorOptions": Training(
        of(o.Adafactor, lr=0.1, beta2_decay=-0.5, eps=(0.02, 0.1), d=1.2, weight_decay=0.1)
    ),
    "adafactorSquares": Training(written(adafactor_squares, 0.05)),
    "lbfgs": Training(of(o.LBFGS), steps=(1,)),
    "lbfgsOptions": Training(of(o.LBFGS, lr=0.5, max_iter=3, history_size=2), steps=(1, 2, 5)),
    "lbfgsWolfe": Training(of(o.LBFGS, lr=2, max_iter=3, line_search_fn="strong_wolfe"), steps=(1, 2, 5)),
}  # fmt: skip
