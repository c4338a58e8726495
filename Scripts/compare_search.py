#!/usr/bin/env python3
"""Compares the samplers of a search with Optuna's: compare_search.py BENCHMARK [--trials N --seeds N]

Both minimise the same functions with the same number of evaluations from the same number of seeds. BENCHMARK is
espalier-benchmark, whose functions are held against those here at every point that it gives. Prints a table; fails where a
sampler finds worse values than its counterpart beyond chance (Mann-Whitney, one-sided, at 5 % over all comparisons).
"""

import argparse
import json
import math
import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import optuna
from scipy.stats import mannwhitneyu

OPTIMIZERS = ["sgd", "adam", "rmsProp"]


def branin(x):
    b, c, t = 5.1 / (4 * math.pi**2), 5 / math.pi, 1 / (8 * math.pi)
    return (x[1] - b * x[0] ** 2 + c * x[0] - 6) ** 2 + 10 * (1 - t) * math.cos(x[0]) + 10


def hartmann6(x):
    scales = [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
    centers = [
        [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886], [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
        [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650], [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
    ]
    distances = (np.array(scales) * (np.array(x) - np.array(centers)) ** 2).sum(axis=1)
    return float(-(np.array([1.0, 1.2, 3.0, 3.2]) * np.exp(-distances)).sum())


def rosenbrock4(x):
    return sum(100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(3))


def mixed(x):
    rate, offset = [(-1.0, 0.2), (-2.5, 0.0), (-3.0, 0.1)][int(x[4])]
    terms = [math.log10(x[0]) - rate, (math.log2(x[1]) - 7) / 2, 2 * (x[2] - 0.3), (x[3] - 3) / 3]
    return offset + sum(term**2 for term in terms)


def uniform(low, high, count):
    return lambda trial: [trial.suggest_float(f"x{i}", low, high) for i in range(count)]


# Each with its space and the standard deviation of its noise.
FUNCTIONS = {
    "branin": (branin, lambda t: [t.suggest_float("x0", -5, 10), t.suggest_float("x1", 0, 15)], 0),
    "hartmann6": (hartmann6, uniform(0, 1, 6), 0),
    "rosenbrock4": (rosenbrock4, uniform(-5, 10, 4), 0),
    "mixed": (mixed, lambda t: [
        t.suggest_float("rate", 1e-5, 1, log=True), t.suggest_int("units", 8, 512, log=True),
        t.suggest_float("dropout", 0, 0.9), t.suggest_int("layers", 1, 6),
        OPTIMIZERS.index(t.suggest_categorical("optimizer", OPTIMIZERS))], 0.1),
}

# Ours beside its counterparts.
PAIRS = [
    ("tpe", "TPE", lambda seed: optuna.samplers.TPESampler(seed=seed)),
    ("tpe", "TPE, one by one", lambda seed: optuna.samplers.TPESampler(seed=seed, multivariate=False)),
    ("random", "random", lambda seed: optuna.samplers.RandomSampler(seed=seed)),
]


def theirs(arguments):
    pair, name, seed, trials = arguments
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    function, suggest, deviation = FUNCTIONS[name]
    noise = np.random.default_rng(seed)
    points = []

    def objective(trial):
        points.append(suggest(trial))
        return function(points[-1]) + deviation * noise.standard_normal()

    study = optuna.create_study(sampler=PAIRS[pair][2](seed))
    study.optimize(objective, n_trials=trials)
    return function(points[study.best_trial.number])


def ours(benchmark, sampler, name, trials, seeds):
    command = [benchmark, "search", "--sampler", sampler, "--objective", name, "--trials", str(trials), "--seeds", str(seeds)]
    outcomes = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    for outcome in outcomes:
        expected = FUNCTIONS[name][0](outcome["point"])
        if not math.isclose(outcome["value"], expected, rel_tol=1e-9, abs_tol=1e-9):
            raise SystemExit(f"compare_search: {name} is {outcome['value']} there and {expected} here")
    return [outcome["value"] for outcome in outcomes]


def quartiles(values):
    return " ".join(f"{value:.4g}" for value in np.quantile(values, [0.5, 0.25, 0.75]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("benchmark")
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--seeds", type=int, default=20)
    options = parser.parse_args()
    print(f"Best value after {options.trials} evaluations over {options.seeds} seeds: median (quartiles); Optuna {optuna.__version__}.\n")
    print("| Function | Sampler | Espalier | Optuna | p (Espalier is worse) |\n| --- | --- | ---: | ---: | ---: |")
    worse = []
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for name in FUNCTIONS:
            for pair, (sampler, title, _) in enumerate(PAIRS):
                mine = ours(options.benchmark, sampler, name, options.trials, options.seeds)
                other = list(pool.map(theirs, [(pair, name, seed, options.trials) for seed in range(options.seeds)]))
                p = mannwhitneyu(mine, other, alternative="greater").pvalue
                cells = []
                for values in (mine, other):
                    median, low, high = quartiles(values).split()
                    cells.append(f"{median} ({low} to {high})")
                print(f"| `{name}` | {title} | {cells[0]} | {cells[1]} | {p:.3f} |", flush=True)
                # Bonferroni: one comparison in twenty would be below 5 % where both are the same.
                if p < 0.05 / (len(FUNCTIONS) * len(PAIRS)):
                    worse.append(f"{name} with {title}")
    if worse:
        raise SystemExit(f"compare_search: worse than Optuna's beyond chance: {', '.join(worse)}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    main()
