"""Writes metrics.json: what scikit-learn makes of predictions, for the metrics' tests.

    python -m pip install scikit-learn==1.9.1
    python make_metrics.py

The calibration error, the perplexity and Wilson's interval are written out in numpy: scikit-learn has none of the first
and the last, and the logarithm of a probability is all that the second takes.
"""

import json
import pathlib

import numpy
import sklearn
from sklearn import metrics

Z = 1.959963984540054


def classification(random, samples, classes, rare):
    """Probabilities in float32 with some equal ones, and labels that follow them more often than not."""
    logits = random.normal(size=(samples, classes)).round(1).astype(numpy.float32)
    labels = numpy.where(random.random(samples) < 0.6, logits.argmax(axis=1), random.integers(0, classes, samples))
    labels = numpy.where(random.random(samples) < rare, labels, 0)
    probabilities = numpy.exp(logits) / numpy.exp(logits).sum(axis=1, keepdims=True)
    probabilities = probabilities.astype(numpy.float32).astype(float)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    probabilities = probabilities.astype(numpy.float32).astype(float)
    predicted = probabilities.argmax(axis=1)
    expected = {
        "accuracy": metrics.accuracy_score(labels, predicted),
        # Of equals scikit-learn takes the last: here one is among the first two where fewer than two are above it.
        "topK": ((probabilities > probabilities[numpy.arange(samples), labels][:, None]).sum(axis=1) < 2).mean(),
        "calibrationError": calibration_error(probabilities, labels, bins=10),
        "perplexity": float(numpy.exp(-numpy.log(probabilities[numpy.arange(samples), labels]).mean())),
        "auc": metrics.roc_auc_score(labels, probabilities[:, 1])
        if classes == 2
        else numpy.mean([metrics.roc_auc_score(labels == c, probabilities[:, c]) for c in range(classes)]),
    }
    for average in ("macro", "micro"):
        for name, score in (
            ("precision", metrics.precision_score), ("recall", metrics.recall_score), ("f1", metrics.f1_score),
        ):  # fmt: skip
            expected[f"{name}.{average}"] = score(labels, predicted, average=average, zero_division=0)
    return {"probabilities": probabilities.tolist(), "labels": labels.tolist(), "expected": expected}


def calibration_error(probabilities, labels, bins):
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    error = 0.0
    for low, high in zip(numpy.arange(bins) / bins, (numpy.arange(bins) + 1) / bins):
        within = (confidence > low) & (confidence <= high)
        if within.any():
            error += within.mean() * abs(right[within].mean() - confidence[within].mean())
    return error


def regression(random, samples, width, offset):
    targets = (offset + random.normal(size=(samples, width))).astype(numpy.float32).astype(float)
    predictions = (targets + 0.5 * random.normal(size=(samples, width))).astype(numpy.float32).astype(float)
    expected = {
        "mae": metrics.mean_absolute_error(targets, predictions),
        "mse": metrics.mean_squared_error(targets, predictions),
        "rmse": metrics.root_mean_squared_error(targets.ravel(), predictions.ravel()),
        "r2": metrics.r2_score(targets, predictions),
    }
    return {"predictions": predictions.tolist(), "targets": targets.tolist(), "expected": expected}


def wilson(share, count):
    centre = share + Z**2 / (2 * count)
    spread = Z * numpy.sqrt(share * (1 - share) / count + Z**2 / (4 * count**2))
    return [(centre - spread) / (1 + Z**2 / count), (centre + spread) / (1 + Z**2 / count)]


def main():
    random = numpy.random.default_rng(7)
    cases = {
        "sklearn": sklearn.__version__,
        "classification": [
            classification(random, 60, 4, 1.0), classification(random, 45, 2, 1.0), classification(random, 50, 3, 0.2),
        ],
        "regression": [regression(random, 40, 1, 0.0), regression(random, 40, 3, 1000.0)],
        "wilson": [[share, count, *wilson(share, count)] for share, count in ((0.9, 10), (0.0, 5), (1.0, 20), (0.31, 1000))],
    }  # fmt: skip
    path = pathlib.Path(__file__).resolve().parent / "metrics.json"
    path.write_text(json.dumps(cases, indent=1, default=float) + "\n")


if __name__ == "__main__":
    main()
