"""Losses: the mean over a batch, and its gradient by the outputs."""

import torch
from torch import nn
from torch.nn import functional

# Sums of powers of two, so that both floating types have them exactly.
CLASS_WEIGHTS = (0.5, 2.0, 1.25, 0.75, 1.5)


def record_losses(recorder):
    _cross_entropies(recorder)
    _binary_cross_entropies(recorder)
    _on_probabilities(recorder)
    _focal_losses(recorder)
    _hinge_losses(recorder)
    _distances(recorder)


def _sigmoid(numbers):
    """In float32, so that both files have the same probabilities."""
    return numbers.float().sigmoid().to(numbers.dtype)


def _softmax(numbers):
    return numbers.float().softmax(dim=1).to(numbers.dtype)


def _record(recorder, case, loss, input, **targets):
    """Records `loss(input, target)` with its gradient by `input` alone: targets are given."""
    recorder.begin(case)
    input = input()
    (name, target), = ((name, make()) for name, make in targets.items())
    recorder.record(name, target)
    recorder.record_function(lambda x: loss(x, target), {"input": input})


def _cross_entropies(recorder):
    weights = torch.tensor(CLASS_WEIGHTS, dtype=recorder.dtype)
    settings = {
        "Weights": {"weight": weights}, "Smoothing": {"label_smoothing": 0.125},
        "WeightsSmoothing": {"weight": weights, "label_smoothing": 0.25},
        "Ignored": {"ignore_index": 2}, "IgnoredWeights": {"weight": weights, "label_smoothing": 0.25, "ignore_index": 2},
    }  # fmt: skip
    for name, arguments in settings.items():
        _record(
            recorder, f"crossEntropy{name}", nn.CrossEntropyLoss(**arguments),
            lambda: recorder.normal(12, 5, scale=3.0), label=lambda: recorder.labels(12, 5),
        )  # fmt: skip
    for name, arguments in {"": {}, "Weights": settings["WeightsSmoothing"]}.items():
        _record(
            recorder, f"crossEntropyShares{name}", nn.CrossEntropyLoss(**arguments),
            lambda: recorder.normal(9, 5, scale=3.0), target=lambda: _softmax(recorder.normal(9, 5)),
        )  # fmt: skip


def _binary_cross_entropies(recorder):
    def on_labels(input, label):
        return functional.binary_cross_entropy_with_logits(input.squeeze(1), label.to(input.dtype))

    def with_weight(input, target):
        return functional.binary_cross_entropy_with_logits(
            input, target, pos_weight=torch.tensor(2.5, dtype=input.dtype)
        )

    def each_against_others(input, label):
        target = functional.one_hot(label, input.shape[1]).to(input.dtype)
        return functional.binary_cross_entropy_with_logits(input, target)

    _record(
        recorder, "binaryCrossEntropy", on_labels,
        lambda: recorder.normal(10, 1, scale=8.0), label=lambda: recorder.labels(10, 2),
    )  # fmt: skip
    _record(
        recorder, "binaryCrossEntropyWeight", with_weight,
        lambda: recorder.normal(7, 3, scale=8.0), target=lambda: _sigmoid(recorder.normal(7, 3)),
    )  # fmt: skip
    _record(
        recorder, "binaryCrossEntropyClasses", each_against_others,
        lambda: recorder.normal(7, 4, scale=3.0), label=lambda: recorder.labels(7, 4),
    )  # fmt: skip


def _on_probabilities(recorder):
    _record(
        recorder, "crossEntropyOnProbabilities", lambda input, label: functional.nll_loss(input.log(), label),
        lambda: _softmax(recorder.normal(8, 5, scale=2.0)), label=lambda: recorder.labels(8, 5),
    )  # fmt: skip
    _record(
        recorder, "binaryCrossEntropyOnProbabilities", functional.binary_cross_entropy,
        lambda: _sigmoid(recorder.normal(8, 3, scale=2.0)), target=lambda: _sigmoid(recorder.normal(8, 3)),
    )  # fmt: skip
    # Probabilities of 0 and 1, right and wrong: what a sample's loss is at most.
    recorder.begin("binaryCrossEntropyBounded")
    input = torch.tensor([[0.0], [1.0], [0.0], [1.0], [0.25]], dtype=recorder.dtype)
    target = torch.tensor([[0.0], [1.0], [1.0], [0.0], [0.5]], dtype=recorder.dtype)
    recorder.record("input", input)
    recorder.record("target", target)
    recorder.record("output", functional.binary_cross_entropy(input, target, reduction="none").squeeze(1))


def _focal_losses(recorder):
    """PyTorch has none: the paper's formula."""

    def softmax_focal(input, label, gamma=2.0):
        logarithm = functional.log_softmax(input, dim=1).gather(1, label[:, None]).squeeze(1)
        return -((1 - logarithm.exp()) ** gamma * logarithm).mean()

    def sigmoid_focal(input, label, gamma=1.5, alpha=0.25):
        logit = input.squeeze(1)
        likelihood = torch.where(label == 1, logit.sigmoid(), (-logit).sigmoid())
        factor = torch.where(label == 1, alpha, 1 - alpha)
        return -(factor * (1 - likelihood) ** gamma * likelihood.log()).mean()

    _record(
        recorder, "focal", softmax_focal,
        lambda: recorder.normal(9, 4, scale=2.0), label=lambda: recorder.labels(9, 4),
    )  # fmt: skip
    _record(
        recorder, "focalAlpha", sigmoid_focal,
        lambda: recorder.normal(9, 1, scale=2.0), label=lambda: recorder.labels(9, 2),
    )  # fmt: skip


def _hinge_losses(recorder):
    def binary(input, label):
        return (1 - (2 * label - 1) * input.squeeze(1)).clamp(min=0).mean()

    for name, loss in (("", nn.MultiMarginLoss()), ("Squared", nn.MultiMarginLoss(p=2, margin=0.5))):
        _record(
            recorder, f"hinge{name}", loss, lambda: recorder.normal(9, 4), label=lambda: recorder.labels(9, 4)
        )
    _record(recorder, "hingeBinary", binary, lambda: recorder.normal(9, 1), label=lambda: recorder.labels(9, 2))


def _distances(recorder):
    losses = {
        "mae": nn.L1Loss(), "huber": nn.HuberLoss(delta=0.75), "smoothL1": nn.SmoothL1Loss(beta=0.5),
        "cosine": lambda input, target: functional.cosine_embedding_loss(
            input, target, torch.ones(len(input), dtype=input.dtype)),
    }  # fmt: skip
    for case, loss in losses.items():
        _record(recorder, case, loss, lambda: recorder.normal(8, 3), target=lambda: recorder.normal(8, 3))

    def divergence(input, target):
        return functional.kl_div(functional.log_softmax(input, dim=1), target, reduction="batchmean")

    _record(
        recorder, "klDivergence", divergence,
        lambda: recorder.normal(8, 4, scale=2.0), target=lambda: _softmax(recorder.normal(8, 4)),
    )  # fmt: skip
