#!/usr/bin/env python3
"""Measures Espalier's training steps against its peers', interleaved on one machine.

For each workload and number of threads every contender is started several times (time to the first step), one process
of each is kept, and in each round every one of them trains the same number of steps while the others are stopped.
Ratios are taken within a round, so that a machine that slows down slows both sides; medians are over the rounds.
"""

import argparse
import contextlib
import datetime
import json
import os
import pathlib
import statistics
import sys

import contender
import machine
import table

REPOSITORY = contender.FOLDER.parent
# Short rounds, and many of them: a median over many is robust against a neighbour that wakes up now and then.
STEPS_PER_ROUND = {"tiny": 100, "mlp": 30, "mlpbn": 30}
REFERENCE = "espalier"


def main():
    arguments = parse_arguments()
    results = {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "machine": machine.describe(),
        "rounds": arguments.rounds,
        "stepsPerRound": {name: STEPS_PER_ROUND[name] for name in arguments.workloads},
        "versions": {},
        "measurements": [],
        "ratios": [],
    }
    available = contender.known_contenders(arguments.python)
    contenders = [available[name] for name in arguments.contenders]
    for threads in arguments.threads:
        for workload in arguments.workloads:
            measurements, versions = measure(contenders, workload, threads, arguments.rounds, arguments.starts)
            results["versions"] |= versions
            results["measurements"] += measurements
            results["ratios"] += ratios(measurements)
    text = table.render(results)
    print(text)
    if not arguments.dry:
        arguments.results.write_text(json.dumps(results, indent=1) + "\n")
        table.insert(text, arguments.document)
    failed = [measurement for measurement in results["measurements"] if measurement["failure"]]
    sys.exit(1 if failed else 0)


def parse_arguments():
    names = list(contender.known_contenders())
    cores = len(os.sched_getaffinity(0))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--workloads", nargs="+", choices=STEPS_PER_ROUND, default=list(STEPS_PER_ROUND))
    parser.add_argument("--threads", nargs="+", type=int, default=sorted({1, cores}))
    parser.add_argument("--contenders", nargs="+", choices=names, default=names)
    parser.add_argument("--rounds", type=int, default=21, help="measurements of each contender's steady state")
    parser.add_argument("--starts", type=int, default=3, help="fresh starts for the time to the first step")
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
    return arguments


def measure(contenders, workload, threads, rounds, starts):
    """Measures the contenders on one workload; one that fails is reported as such and the others go on."""
    found = {each.name: new_measurement(each, workload, threads) for each in contenders}
    with contextlib.ExitStack() as cleanup:
        running = start_repeatedly(contenders, workload, threads, starts, found, cleanup)
        versions = {name: version for process in running for name, version in process.versions.items()}
        for round in range(rounds + 1):
            # Whoever runs first after a pause may find another clock rate, so the order turns.
            turn = round % max(1, len(running))
            for process in running[turn:] + running[:turn]:
                # Round 0 warms up: memory touched for the first time, kernels that are tuned at first use.
                run_round(process, STEPS_PER_ROUND[workload], found[process.contender.name], counts=round > 0)
            running = [process for process in running if not found[process.contender.name]["failure"]]
        for process in running:
            found[process.contender.name]["peakResidentBytes"] = process.peak_resident_bytes()
    for measurement in found.values():
        report(measurement)
    return list(found.values()), versions


def run_round(process, steps, measurement, counts):
    """Lets one contender train its steps of one round, and keeps the time of a step if the round counts."""
    disturbance = machine.Disturbance(process)
    try:
        seconds = process.measure(steps, warmup=max(1, steps // 10))
    except contender.ContenderFailure as failure:
        measurement["failure"] = str(failure)
        return
    if counts:
        measurement["stepSeconds"].append(round_to(seconds / steps, 9))
        measurement["disturbance"].append(round_to(disturbance.share(), 3))


def new_measurement(each, workload, threads):
    return {
        "workload": workload, "threads": threads, "contender": each.name, "failure": None, "stepSeconds": [],
        "disturbance": [], "firstStepSeconds": [], "peakResidentBytes": None,
    }  # fmt: skip


def start_repeatedly(contenders, workload, threads, starts, found, cleanup):
    """Starts every contender `starts` times, taking turns, and returns the last process of each."""
    running = {}
    for _ in range(starts):
        for each in contenders:
            measurement = found[each.name]
            if measurement["failure"]:
                continue
            if each.name in running:
                running.pop(each.name).end()
            try:
                running[each.name] = each.start(workload, threads)
            except contender.ContenderFailure as failure:
                measurement["failure"] = str(failure)
            else:
                cleanup.callback(running[each.name].end)
                measurement["firstStepSeconds"].append(round_to(running[each.name].first_step_seconds, 4))
    return list(running.values())


def ratios(measurements):
    """How many times faster than each peer the reference is: the median over the rounds of the ratio in a round."""
    by_name = {measurement["contender"]: measurement for measurement in measurements if not measurement["failure"]}
    reference = by_name.pop(REFERENCE, None)
    if reference is None:
        return []
    found = []
    for name, peer in by_name.items():
        rounds = [theirs / ours for theirs, ours in zip(peer["stepSeconds"], reference["stepSeconds"])]
        found.append({
            "workload": peer["workload"], "threads": peer["threads"], "peer": name,
            "median": round_to(statistics.median(rounds), 3), "rounds": [round_to(ratio, 3) for ratio in rounds],
        })  # fmt: skip
    return found


def report(measurement):
    """One line of progress on standard error."""
    label = f"{measurement['workload']:6} {measurement['threads']} threads  {measurement['contender']:17}"
    if measurement["failure"]:
        print(f"{label} failed: {measurement['failure']}", file=sys.stderr)
    else:
        milliseconds = statistics.median(measurement["stepSeconds"]) * 1e3
        print(f"{label} {milliseconds:8.3f} ms per step", file=sys.stderr)


def round_to(value, digits):
    return float(f"{value:.{digits}f}")


if __name__ == "__main__":
    main()
