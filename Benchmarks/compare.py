#!/usr/bin/env python3
"""Measures Espalier's training steps and predictions against its peers', interleaved on one machine.

For each workload and number of threads every contender is started several times (time to the first step), one process
of each is kept, and in each round every one of them works for about as long while the others are stopped. Ratios are
taken within a round, so that a machine that slows down slows both sides; medians are over the rounds.
"""

import argparse
import contextlib
import datetime
import json
import os
import pathlib
import statistics
import sys
import tempfile

import contender
import limit
import machine
import scaling
import summary
import table

REPOSITORY = contender.FOLDER.parent
TRAINING = ["tiny", "mlp", "mlpbn", "cnn", "resnet20", "lstm", "gpt"]
INFERENCE = ["mlp-inference-1", "mlp-inference-128", "cnn-inference-1", "cnn-inference-128"]


def main():
    arguments = parse_arguments()
    available = contender.known_contenders(arguments.python)
    contenders = [available[name] for name in arguments.contenders]
    benchmark = available[summary.REFERENCE].command[0]
    results = {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "machine": machine.describe(),
        "rounds": arguments.rounds,
        "versions": {},
        "peaks": [machine.peak(benchmark, threads) for threads in arguments.threads],
        "measurements": [],
        "scaling": [],
    }
    with tempfile.TemporaryDirectory() as built:
        limits = limit.build(arguments.limit, pathlib.Path(built)) if arguments.limit else {}
        for threads in arguments.threads:
            for workload in arguments.workloads:
                measurements, versions = measure(contenders, limits, workload, threads, arguments)
                results["versions"] |= versions
                results["measurements"] += measurements
    if not arguments.no_scaling:
        results["scaling"] = [scaling.measure(benchmark, threads) for threads in arguments.threads]
    results["summary"] = summary.summarize(results, TRAINING)
    text = table.render(results)
    print(text)
    if not arguments.dry:
        arguments.results.write_text(json.dumps(results, indent=1) + "\n")
        table.insert(text, arguments.document)
    sys.exit(1 if any(measurement["failure"] for measurement in results["measurements"]) else 0)


def parse_arguments():
    names = list(contender.known_contenders())
    cores = len(os.sched_getaffinity(0))
    workloads = TRAINING + INFERENCE
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--workloads", nargs="+", choices=workloads, default=workloads)
    parser.add_argument("--threads", nargs="+", type=int, default=sorted({1, cores}))
    parser.add_argument("--contenders", nargs="+", choices=names, default=names)
    parser.add_argument("--rounds", type=int, default=21, help="measurements of each contender's steady state")
    parser.add_argument("--starts", type=int, default=3, help="fresh starts for the time to the first step")
    parser.add_argument("--limit", type=pathlib.Path, metavar="FOLDER", help="where the hand-written programs are")
    parser.add_argument("--no-scaling", action="store_true", help="leave out the cost against batch, width and depth")
    parser.add_argument("--python", default=sys.executable, help="the interpreter that has the peers")
    parser.add_argument("--results", type=pathlib.Path, default=contender.FOLDER / "results.json")
    parser.add_argument("--document", type=pathlib.Path, default=REPOSITORY / "docs/benchmarks.md")
    parser.add_argument("--dry", action="store_true", help="print the table and write no file")
    arguments = parser.parse_args()
    for option in ("rounds", "starts"):
        if getattr(arguments, option) < 1:
            parser.error(f"--{option}: expected at least 1, found {getattr(arguments, option)}")
    for threads in arguments.threads:
        if not 1 <= threads <= cores:
            parser.error(f"--threads: expected 1 to {cores}, the cores that may be used here, found {threads}")
    if arguments.limit and not arguments.limit.is_dir():
        parser.error(f"--limit: expected a folder, found {arguments.limit}")
    return arguments


def measure(contenders, limits, workload, threads, arguments):
    """Measures the contenders on one workload.

    One that fails is reported as such and the others go on; one that does not have the workload is left out.
    """
    found = {each.name: new_measurement(each.name, workload, threads) for each in contenders}
    with contextlib.ExitStack() as cleanup:
        running = start_repeatedly(contenders, workload, threads, arguments.starts, found, cleanup)
        versions = {name: version for each in running.values() for name, version in each.answer["versions"].items()}
        for name, process in running.items():
            prepare(process, found[name])
        if limit.PROGRAMS.get(workload, ("",))[0] in limits:
            found[limit.NAME] = new_measurement(limit.NAME, workload, threads)
            running[limit.NAME] = limit.Limit(limits, workload, threads)
        for round in range(arguments.rounds):
            names = [name for name in running if not found[name]["failure"]]
            # Whoever runs first after a pause may find another clock rate, so the order turns.
            turn = round % max(1, len(names))
            for name in names[turn:] + names[:turn]:
                run_round(running[name], found[name])
        for name, process in running.items():
            if not found[name]["failure"]:
                found[name]["peakResidentBytes"] = process.peak_resident_bytes
    for measurement in found.values():
        report(measurement)
    return list(found.values()), versions


def prepare(process, measurement):
    """Warms a contender up, and notes what it says of itself."""
    measurement |= {key: process.answer.get(key) for key in ("operations", "plannedBytes")}
    try:
        process.prepare()
        measurement["stepsPerRound"] = process.steps
    except contender.ContenderFailure as failure:
        measurement["failure"] = str(failure)


def run_round(process, measurement):
    """Lets one contender work for a round, and keeps the time of a step."""
    disturbance = machine.Disturbance(process)
    try:
        measurement["stepSeconds"].append(round_to(process.seconds_per_step(), 9))
        measurement["disturbance"].append(round_to(disturbance.share(), 3))
    except (contender.ContenderFailure, limit.LimitFailure) as failure:
        measurement["failure"] = str(failure)


def new_measurement(name, workload, threads):
    return {
        "workload": workload, "threads": threads, "contender": name, "failure": None, "stepSeconds": [],
        "disturbance": [], "firstStepSeconds": [], "peakResidentBytes": None,
    }  # fmt: skip


def start_repeatedly(contenders, workload, threads, starts, found, cleanup):
    """Starts every contender `starts` times, taking turns, and returns the last process of each by its name."""
    running = {}
    for _ in range(starts):
        for each in contenders:
            measurement = found.get(each.name)
            if measurement is None or measurement["failure"]:
                continue
            if each.name in running:
                running.pop(each.name).end()
            try:
                running[each.name] = each.start(workload, threads)
            except contender.Unsupported:
                del found[each.name]
            except contender.ContenderFailure as failure:
                measurement["failure"] = str(failure)
            else:
                cleanup.callback(running[each.name].end)
                measurement["firstStepSeconds"].append(round_to(running[each.name].first_step_seconds, 4))
    return running


def report(measurement):
    """One line of progress on standard error."""
    label = f"{measurement['workload']:17} {measurement['threads']} threads  {measurement['contender']:21}"
    if measurement["failure"]:
        print(f"{label} failed: {measurement['failure']}", file=sys.stderr)
    else:
        milliseconds = statistics.median(measurement["stepSeconds"]) * 1e3
        print(f"{label} {milliseconds:9.3f} ms per step", file=sys.stderr)


def round_to(value, digits):
    return float(f"{value:.{digits}f}")


if __name__ == "__main__":
    main()
