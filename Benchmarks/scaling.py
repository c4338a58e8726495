"""How the cost of a training step grows with the batch, the width and the depth of a dense network."""

import json
import math
import os
import subprocess


def measure(benchmark, threads):
    """Steps of growing networks, along each of the three axes, and how their time grows with their operations."""
    processors = sorted(os.sched_getaffinity(0))[:threads]
    output = subprocess.run(
        [benchmark, "scaling", "--threads", str(threads)], check=True, capture_output=True, text=True,
        env=os.environ | {"OMP_NUM_THREADS": str(threads)},
        preexec_fn=lambda: os.sched_setaffinity(0, processors)).stdout  # fmt: skip
    points = [json.loads(line) for line in output.splitlines()]
    axes = list(dict.fromkeys(point["axis"] for point in points))
    return {"threads": threads, "axes": [_along(axis, points) for axis in axes]}


def _along(axis, points):
    chosen = [point for point in points if point["axis"] == axis]
    return {"axis": axis, "exponent": exponent(chosen), "points": chosen}


def exponent(points):
    """p of the law time = c operations^p that fits best: the slope of a straight line through the logarithms."""
    x = [math.log(point["operations"]) for point in points]
    y = [math.log(point["seconds"]) for point in points]
    x_mean, y_mean = sum(x) / len(x), sum(y) / len(y)
    covariance = sum((a - x_mean) * (b - y_mean) for a, b in zip(x, y))
    return covariance / sum((a - x_mean) ** 2 for a in x)
