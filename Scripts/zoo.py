#!/usr/bin/env python3
"""Runs the zoo, trainings that are known to be faulty or healthy, and tells how the doctor did.

Every configuration in Zoo/faulty and Zoo/healthy is trained with several seeds, side by side with one thread each, and
what the doctor says of it is held against Zoo/expected.json. Each is also examined once by `check`, and each faulty one
once repaired by `doctor --repair`. A run that neither ends nor diverges as it should is a failure of the program and
reported as one: the exit status is then 1.

What was seen is kept in OUT/results.json, from which `--from` makes tables and curves again without a training.
"""

import argparse
import csv
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from zoo_curves import draw_curve, threshold_tables
from zoo_tables import Verdicts, first_line, write

ROOT = Path(__file__).resolve().parent.parent
ZOO = ROOT / "Zoo"
# What is not in the repository: read from the data root.
ELSEWHERE = re.compile(r"\b(mnist|fashionMNIST)\b|\bhousing/")
# Seconds after which a call counts as hanging.
LIMIT = 1200


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", help="the program `espalier`")
    parser.add_argument("--seeds", type=int, default=4, help="seeds of each faulty configuration (%(default)s)")
    parser.add_argument("--healthy-seeds", type=int, default=20, help="seeds of each healthy one (%(default)s)")
    parser.add_argument("--cases", nargs="*", default=[], help="only those that have one of these in their names")
    parser.add_argument("--kind", choices=["faulty", "healthy"], help="only these")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="trainings side by side (%(default)s)")
    parser.add_argument("--no-repair", action="store_true", help="only find, do not repair")
    parser.add_argument("--no-check", action="store_true", help="do not time `check`")
    parser.add_argument("--data-root", help="where mnist/, fashion/ and housing/ lie; else ESPALIER_DATA")
    parser.add_argument("--out", default=str(ROOT / "runs" / "zoo"), help="where results go (%(default)s)")
    parser.add_argument("--keep", action="store_true", help="keep the run folders beside the results")
    parser.add_argument("--from", dest="results", help="the results.json of an earlier run, in place of trainings")
    parser.add_argument("--evidence", help="a CSV file for the numbers behind each finding and of the probes")
    parser.add_argument(
        "--curve", nargs="+", metavar=("SYMPTOM.NAME", "FILE"),
        help="precision against recall over thresholds of a number, such as vanishingGradient.ratio; "
        "with an ending .svg as a picture")
    parser.add_argument("--write", action="store_true", help="write the tables into docs/doctor.md")
    return parser.parse_args()


def data_root(given):
    """The data root, if there is one."""
    candidates = [given] if given else [os.environ.get("ESPALIER_DATA"), ROOT.parent / "shared" / "data"]
    return next((Path(path) for path in candidates if path and Path(path).is_dir()), None)


def cases(options, root):
    """The cases to run, and the names of those left out for want of their data."""
    chosen, left_out = [], []
    for kind in ["faulty", "healthy"]:
        for path in sorted((ZOO / kind).glob("*.yaml")):
            if options.kind not in (None, kind):
                continue
            if options.cases and not any(part in path.stem for part in options.cases):
                continue
            lines = (line for line in path.read_text().splitlines() if not line.startswith("#"))
            elsewhere = root is None and ELSEWHERE.search("\n".join(lines))
            left_out.append(path.stem) if elsewhere else chosen.append((kind, path))
    return chosen, left_out


class Program:
    """Calls of the program, each in a folder of its own that is gone when what it wrote has been read."""

    def __init__(self, command, root, out, keep):
        self.command, self.root, self.out, self.keep = str(Path(command).resolve()), root, out, keep

    def call(self, *arguments):
        """Status, standard output, last line of the errors, and seconds."""
        root = ["--data-root", str(self.root)] if self.root else []
        start = time.monotonic()
        try:
            ended = subprocess.run(
                [self.command, *map(str, arguments), *root], capture_output=True, text=True, errors="replace",
                stdin=subprocess.DEVNULL, timeout=LIMIT)
            status, output, errors = ended.returncode, ended.stdout, ended.stderr
        except subprocess.TimeoutExpired:
            status, output, errors = None, "", f"has not ended after {LIMIT} s"
        return status, output, errors.strip(), time.monotonic() - start

    def train(self, kind, path, seed):
        folder = self.out / "runs" / f"{kind}-{path.stem}-{seed}"
        shutil.rmtree(folder, ignore_errors=True)
        status, _, errors, seconds = self.call(
            "train", path, "--seed", seed, "--threads", 1, "--out", folder, "--quiet")
        run = {"kind": kind, "case": path.stem, "seed": seed, "seconds": seconds}
        try:
            # 1 is a training that diverged: it has a diagnosis as any other.
            if status not in (0, 1):
                raise ValueError(errors or f"ended with status {status}")
            run["findings"] = json.loads((folder / "diagnosis.json").read_text())["findings"]
            run["summary"] = json.loads((folder / "summary.json").read_text())["status"]
            run["scores"] = scores(folder / "metrics.csv")
            run["probes"] = probed(folder / "events.jsonl")
        except (OSError, ValueError, KeyError) as error:
            run["failure"] = f"{error}\n{errors}"[:2000]
        if not self.keep and "failure" not in run:
            shutil.rmtree(folder, ignore_errors=True)
        return run

    def check(self, kind, path):
        status, _, errors, seconds = self.call("check", path, "--threads", 1, "--quiet")
        check = {"kind": kind, "case": path.stem, "seconds": seconds}
        if status not in (0, 1):
            check["failure"] = errors[:2000] or f"ended with status {status}"
        return check

    def repair(self, path):
        folder = self.out / "repairs" / path.stem
        shutil.rmtree(folder, ignore_errors=True)
        status, _, errors, seconds = self.call(
            "doctor", path, "--repair", "--out", folder, "--json", "--threads", 1)
        repair = {"case": path.stem, "seconds": seconds}
        try:
            if status not in (0, 1):
                raise ValueError(errors or f"ended with status {status}")
            record = json.loads((folder / "repair.json").read_text())
            repair |= {key: record[key] for key in ("repaired", "metric", "before", "after")}
            repair["remedies"] = next(
                (attempt["remedies"] for attempt in reversed(record["attempts"]) if attempt["accepted"]), [])
        except (OSError, ValueError, KeyError) as error:
            repair["failure"] = f"{error}\n{errors}"[:2000]
        if not self.keep and "failure" not in repair:
            shutil.rmtree(folder, ignore_errors=True)
        return repair


def scores(path):
    """The metrics of the last epoch; none where not one was completed."""
    with open(path) as file:
        rows = list(csv.DictReader(file))
    return {key: float(value) for key, value in rows[-1].items() if value and key != "seconds"} if rows else {}


def number(value):
    """A finite number, or nothing: those that are not finite stand as texts in the records."""
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def probed(path):
    """Numbers of the last probe, and by how much the training's skill is below a simple model's: the same for every run, the
    ground on which thresholds can be judged."""
    probe, baselines, epochs = None, {}, []
    with open(path) as file:
        for line in file:
            if '"probe"' in line[:30]:
                probe = json.loads(line)
            elif '"baselines"' in line[:30]:
                baselines = json.loads(line)
            elif '"epoch"' in line[:30]:
                epochs.append(json.loads(line))
    if probe is None:
        return {}
    deficit = skill_deficit(baselines, epochs)
    return of_probe(probe) | ({} if deficit is None else {"deficit": deficit})


def skill_deficit(baselines, epochs):
    """As the doctor counts it, from accuracy or R^2 in the last epochs; nothing where those were not measured."""
    simple = max((value for key in ("nearestNeighbours", "linear") if (value := number(baselines.get(key))) is not None),
                 default=None)
    majority = number(baselines.get("majority"))
    skills = []
    for part in ("train", "validation"):
        last = [epoch.get(part) or {} for epoch in epochs[-max(3, len(epochs) // 20):]]
        if majority is not None and majority < 1:
            values = [(value - majority) / (1 - majority) for one in last if (value := number(one.get("accuracy"))) is not None]
        else:
            values = [value for one in last if (value := number(one.get("r2"))) is not None]
        if values:
            skills.append(statistics.median(values))
    return simple - max(skills) if skills and simple is not None else None


def of_probe(probe):
    values = {}
    for layer in probe.get("layers", []):
        for name, value in layer.items():
            if number(value) is not None:
                values.setdefault(name, []).append(value)
    for parameter in probe.get("parameters", []):
        weight, update = number(parameter["weightNorm"]), number(parameter["updateNorm"])
        if weight and update is not None:
            values.setdefault("update", []).append(update / weight)
    found = {f"{edge.__name__}.{name}": edge(numbers) for name, numbers in values.items() for edge in (min, max)}
    gradients = values.get("gradient")
    if gradients and gradients[-1]:
        found["gradientRatio"] = gradients[0] / gradients[-1]
    return found


def measure(options):
    root, out = data_root(options.data_root), Path(options.out).resolve()
    chosen, left_out = cases(options, root)
    if not chosen:
        raise SystemExit("zoo: there is no such case")
    out.mkdir(parents=True, exist_ok=True)
    if root and any(path.stem == "mnist-permuted-labels" for _, path in chosen):
        subprocess.run([sys.executable, ZOO / "data" / "make_data.py", root], check=True)
    program = Program(options.command, root, out, options.keep)
    results, jobs = {"leftOut": left_out, "runs": [], "checks": [], "repairs": []}, []
    lock, started = threading.Lock(), time.monotonic()
    for kind, path in chosen:
        seeds = options.seeds if kind == "faulty" else options.healthy_seeds
        jobs += [("runs", partial(program.train, kind, path, seed)) for seed in range(1, seeds + 1)]
        if not options.no_check:
            jobs.append(("checks", partial(program.check, kind, path)))
        if not options.no_repair and kind == "faulty":
            jobs.append(("repairs", partial(program.repair, path)))
    # What takes longest comes first, so that nobody waits for it alone at the end.
    jobs.sort(key=lambda job: job[0] != "repairs")

    def work(job):
        what, call = job
        result = call()
        with lock:
            results[what].append(result)
            done = sum(map(len, results.values())) - len(left_out)
            if "failure" in result:
                print(f"zoo: FAILED {what} {result['case']}: {first_line(result['failure'])}", file=sys.stderr)
            if done % 20 == 0 or done == len(jobs):
                print(f"zoo: {done} of {len(jobs)} done in {time.monotonic() - started:.0f} s", file=sys.stderr)
            if done % 20 == 0 or what == "repairs":
                (out / "results.json").write_text(json.dumps(results))

    with ThreadPoolExecutor(options.jobs) as pool:
        list(pool.map(work, jobs))
    for what in ("runs", "checks", "repairs"):
        results[what].sort(key=lambda result: (result["case"], result.get("seed", 0)))
    (out / "results.json").write_text(json.dumps(results))
    return results


def main():
    given = options()
    results = json.loads(Path(given.results).read_text()) if given.results else measure(given)
    verdicts = Verdicts(results, json.loads((ZOO / "expected.json").read_text()))
    print(verdicts.text())
    if given.evidence:
        verdicts.write_evidence(given.evidence)
    if given.curve:
        draw_curve(verdicts, *given.curve)
    if given.write:
        write(ROOT / "docs" / "doctor.md", "zoo", verdicts.page())
        write(ROOT / "docs" / "doctor.md", "thresholds", threshold_tables(verdicts))
    if verdicts.failures:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
