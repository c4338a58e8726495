#!/usr/bin/env python3
"""Runs the reference trainings, Configurations/NAME.yaml, beside PyTorch training the same network on the same data.

    Benchmarks/reference_trainings.py --data-root DIR            both to the end: what each reached, in which time
    Benchmarks/reference_trainings.py --data-root DIR --time     an epoch of each, alternating, --rounds times

Time is that of an epoch with its validation, without reading the data; memory is the most that the process ever held
(its maximum resident set). Needs the environment that `make bench` makes, or another Python with torch and numpy.
"""

import argparse
import csv
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

import machine

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
# What is reported, and where the run's summary has it.
SCORES = {
    "mnist": ("test accuracy", lambda summary: summary["test"]["accuracy"]),
    "fashion": ("test accuracy", lambda summary: summary["test"]["accuracy"]),
    "housing": ("test R2", lambda summary: summary["test"]["r2"]),
    "shakespeare": ("validation nats", lambda summary: summary["best"]["validation"]["loss"]),
}
# An epoch of the table is over before all is warm: of several the first does not count.
TIMED_EPOCHS = {"mnist": 1, "fashion": 1, "housing": 6, "shakespeare": 1}


def main():
    arguments = parse_arguments()
    print(heading(arguments), flush=True)
    disturbance = machine.Disturbance(OwnTime())
    for name in arguments.trainings:
        rounds = []
        for _ in range(arguments.rounds if arguments.time else 1):
            epochs = TIMED_EPOCHS[name] if arguments.time else None
            rounds.append((run_espalier(name, epochs, arguments), run_pytorch(name, epochs, arguments)))
        print(row(name, rounds, arguments.time), flush=True)
    print(f"\nProcessor time taken by others meanwhile: {disturbance.share():.0%}.")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trainings", nargs="*", metavar="NAME", help=f"of {', '.join(SCORES)}; all if none is named")
    parser.add_argument("--data-root", required=True, help="the folder with mnist/, fashion/, housing/ and text/")
    parser.add_argument("--time", action="store_true", help="measure the time of an epoch alone")
    parser.add_argument("--rounds", type=int, default=3, help="how often, alternating (3); the median counts")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="of either side (all)")
    parser.add_argument("--espalier", type=pathlib.Path, default=REPOSITORY / ".build/release/espalier")
    python = REPOSITORY / "Benchmarks/.venv/bin/python"
    parser.add_argument("--python", default=python if python.exists() else sys.executable, help="with torch and numpy")
    arguments = parser.parse_args()
    unknown = set(arguments.trainings) - set(SCORES)
    if unknown:
        parser.error(f"no reference training is called {', '.join(sorted(unknown))}")
    arguments.trainings = arguments.trainings or list(SCORES)
    return arguments


class OwnTime:
    """The processor time of what was started here, once it has ended."""

    @property
    def processor_seconds(self):
        times = os.times()
        return times.user + times.system + times.children_user + times.children_system


def run_espalier(name, epochs, arguments):
    """Trains by the command as a user does."""
    with tempfile.TemporaryDirectory() as folder:
        run = pathlib.Path(folder) / "run"
        command = [
            arguments.espalier, "train", REPOSITORY / f"Configurations/{name}.yaml", "--quiet", "--out", run,
            "--data-root", arguments.data_root, "--threads", str(arguments.threads),
        ]  # fmt: skip
        _, peak = finished(command + (["--set", f"training.epochs={epochs}"] if epochs else []))
        summary = json.loads((run / "summary.json").read_text())
        with open(run / "metrics.csv", newline="") as file:
            seconds = [float(epoch["seconds"]) for epoch in csv.DictReader(file)]
    return {
        "seconds": seconds, "peak": peak, "parameters": summary["parameters"], "value": SCORES[name][1](summary)
    }  # fmt: skip


def run_pytorch(name, epochs, arguments):
    script = REPOSITORY / "Benchmarks/reference/pytorch_training.py"
    command = [
        arguments.python, script, name, "--data-root", arguments.data_root, "--threads", str(arguments.threads)
    ]  # fmt: skip
    output, peak = finished(command + (["--epochs", str(epochs)] if epochs else []))
    return json.loads(output.splitlines()[-1]) | {"peak": peak}


def finished(command):
    """What a process printed and the most memory that it held, in bytes."""
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen([str(word) for word in command], stdout=output)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            sys.exit(f"status {process.returncode}: {' '.join(process.args)}")
        output.seek(0)
        return output.read(), usage.ru_maxrss * 1024


def heading(arguments):
    described = machine.describe()
    lines = [f"{described['processor']} ({described['family']}), {arguments.threads} threads.", ""]
    names = ["training", "parameters", "s an epoch", "PyTorch's", "faster by", "peak memory, MB", "PyTorch's"]
    if not arguments.time:
        names = names[:2] + ["measured", "Espalier", "PyTorch", "epochs"] + names[2:]
    lines += ["| " + " | ".join(names) + " |", "| --- |" + " ---: |" * (len(names) - 1)]
    return "\n".join(lines)


def epoch_seconds(result):
    """Of several epochs the median of all but the first."""
    return statistics.median(result["seconds"][1:] or result["seconds"])


def row(name, rounds, is_timing):
    ours, theirs = rounds[-1]
    if ours["parameters"] != theirs["parameters"]:
        sys.exit(f"{name}: {ours['parameters']} parameters, and PyTorch's network has {theirs['parameters']}")
    times = [[epoch_seconds(result) for result in results] for results in rounds]
    peaks = [max(results[side]["peak"] for results in rounds) / 1e6 for side in (0, 1)]
    cells = [
        *(f"{statistics.median(column):.2f}" for column in zip(*times)),
        f"{statistics.median(other / own for own, other in times):.2f}", *(f"{peak:.0f}" for peak in peaks),
    ]  # fmt: skip
    if not is_timing:
        scores = [SCORES[name][0], f"{ours['value']:.4f}", f"{theirs['value']:.4f}", str(len(ours["seconds"]))]
        cells = scores + cells
    return "| " + " | ".join([name, f"{ours['parameters']:,}", *cells]) + " |"


if __name__ == "__main__":
    main()
