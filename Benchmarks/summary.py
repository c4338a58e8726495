"""What the measurements say: how much faster Espalier is, how far from the limit, how far from the machine's peak."""

import math
import statistics

import limit

REFERENCE = "espalier"


def summarize(results, training):
    """One row for each workload and number of threads, and the geometric mean over the trainings."""
    peaks = {peak["threads"]: peak["operationsPerSecond"] for peak in results["peaks"]}
    groups = {}
    for measurement in results["measurements"]:
        if not measurement["failure"]:
            key = (measurement["workload"], measurement["threads"])
            groups.setdefault(key, {})[measurement["contender"]] = measurement
    rows = [_row(group, peaks) for group in groups.values() if REFERENCE in group]
    means = [
        {"threads": threads, "fasterBy": _geometric_mean(rows, threads, training)}
        for threads in peaks
        if _geometric_mean(rows, threads, training)
    ]
    return {"rows": rows, "geometricMeans": means}


def _row(group, peaks):
    """Espalier's figures in one workload, with the ratio to each peer: the median of the ratios in a round."""
    ours = group[REFERENCE]
    ratios = {name: ratio(theirs, ours) for name, theirs in group.items() if name != REFERENCE}
    peers = {name: value for name, value in ratios.items() if name != limit.NAME}
    best = min(peers, key=peers.get, default=None)
    seconds = statistics.median(ours["stepSeconds"])
    return {
        "workload": ours["workload"],
        "threads": ours["threads"],
        "seconds": seconds,
        "ratios": ratios,
        "bestPeer": best,
        "fasterBy": peers.get(best),
        "ofLimit": 1 / ratios[limit.NAME] if limit.NAME in ratios else None,
        "shareOfPeak": ours["operations"] / seconds / peaks[ours["threads"]] if ours.get("operations") else None,
        "plannedBytes": ours.get("plannedBytes"),
        "peakResidentBytes": ours["peakResidentBytes"],
        "peersResidentBytes": min((group[name]["peakResidentBytes"] for name in peers), default=None),
    }


def ratio(theirs, ours):
    """How many times as long a step takes there: the median over the rounds, each of which was measured at one time."""
    return statistics.median(a / b for a, b in zip(theirs["stepSeconds"], ours["stepSeconds"]))


def _geometric_mean(rows, threads, training):
    found = [
        row["fasterBy"] for row in rows if row["threads"] == threads and row["workload"] in training and row["fasterBy"]
    ]
    return math.exp(sum(map(math.log, found)) / len(found)) if found else None
