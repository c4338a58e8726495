"""Precision against recall over all thresholds of a number that was measured in the zoo."""

import html
from pathlib import Path
from statistics import median


def curve(verdicts, name):
    """(threshold, precision, recall) for each value that a number took, from the strictest threshold on.

    `name` is SYMPTOM.NAME, a number behind findings of that symptom, or SYMPTOM.probe.NAME, one of every run's last
    probe. To be found are the runs of cases in which that fault was put; those where the symptom is merely accepted count
    neither way. Whether small or large values tell of a fault is taken from the side on which its runs lie.
    """
    symptom, _, name = name.partition(".")
    source, name = ("probe", name.removeprefix("probe.")) if name.startswith("probe.") else (symptom, name)
    values = {}
    for kind, case, seed, _, of, _, _, number, value in verdicts.evidence():
        if of == source and number == name and isinstance(value, (int, float)):
            values.setdefault((kind, case, seed), []).append(value)
    ill, well, missed = [], [], 0
    for run in verdicts.faulty + verdicts.healthy:
        measured = values.get((run["kind"], run["case"], run["seed"]))
        accepted = verdicts.expected[run["case"]]["symptoms"] if run["kind"] == "faulty" else []
        if run["faultless"] or symptom in accepted[1:]:
            continue
        if measured:
            (ill if symptom in accepted else well).append(measured)
        else:
            missed += symptom in accepted
    if not ill:
        return []
    falls = not well or median(map(min, ill)) <= median(map(min, well))
    extreme = min if falls else max
    marked = sorted([(extreme(run), True) for run in ill] + [(extreme(run), False) for run in well], reverse=not falls)
    points, right = [], 0
    for number, (value, is_ill) in enumerate(marked, 1):
        right += is_ill
        if number == len(marked) or marked[number][0] != value:
            points.append((value, right / number, right / (len(ill) + missed)))
    return points


# Of numbers that every probe measures: the symptom that rests on it, which way it tells, the threshold that the doctor uses
# in the middle, and others around it.
THRESHOLDS = [
    ("vanishingGradient", "gradientRatio", "below", [1e-5, 1e-4, 1e-3, 1e-2, 1e-1]),
    ("dyingReLU", "max.dead", "above", [0.1, 0.25, 0.5, 0.75, 0.95]),
    ("learningRateTooHigh", "max.update", "above", [1e-3, 1e-2, 1e-1, 1, 10]),
    ("learningRateTooLow", "min.update", "below", [1e-6, 1e-5, 1e-4, 1e-3, 1e-2]),
]
# By how much a training's skill is below a simple model's, to be poor.
TOLERANCES = [-0.05, 0, 0.1, 0.2, 0.4]


def threshold_tables(verdicts):
    """What other thresholds would come to: of all runs, each judged by one number of its last probe, and by that number
    where the training is poor as well."""
    runs = verdicts.faulty + verdicts.healthy
    lines = ["| Number | Threshold | Alone: precision | recall | In poor trainings: precision | recall |", "| --- | ---: | ---: | ---: | ---: | ---: |"]
    for symptom, name, side, thresholds in THRESHOLDS:
        ill = [run for run in runs if run["kind"] == "faulty" and symptom in verdicts.expected[run["case"]]["symptoms"]
               and not run["faultless"]]
        for place, threshold in enumerate(thresholds):
            beyond = [run for run in runs if is_beyond(run, name, side, threshold)]
            poor = [run for run in beyond if run.get("probes", {}).get("deficit", 1) > TOLERANCES[2]]
            cells = [cell for told in (beyond, poor) for cell in precision_and_recall(told, ill)]
            mark = "**" if place == 2 else ""
            lines.append(f"| {symptom}: `{name}` {side} | {mark}{threshold:g}{mark} | " + " | ".join(cells) + " |")
    lines += ["", "| Poor where a simple model is better by more than | Healthy runs | Faulty runs |", "| ---: | ---: | ---: |"]
    for place, tolerance in enumerate(TOLERANCES):
        counts = []
        for kind in ("healthy", "faulty"):
            known = [run["probes"]["deficit"] for run in runs if run["kind"] == kind and "deficit" in run.get("probes", {})]
            counts.append(f"{sum(deficit > tolerance for deficit in known)} of {len(known)}")
        mark = "**" if place == 2 else ""
        lines.append(f"| {mark}{tolerance:g}{mark} | {counts[0]} | {counts[1]} |")
    return "\n".join(lines) + "\n"


def is_beyond(run, name, side, threshold):
    value = run.get("probes", {}).get(name)
    return value is not None and (value < threshold if side == "below" else value > threshold)


def precision_and_recall(told, ill):
    right = sum(run in ill for run in told)
    return [f"{right / len(told):.2f}" if told else "", f"{right / len(ill):.2f}" if ill else ""]


def draw_curve(verdicts, name, path=None):
    points = curve(verdicts, name)
    if not points:
        raise SystemExit(f"zoo: no run has a number {name}")
    if path and path.endswith(".svg"):
        Path(path).write_text(svg(points, name))
        return
    lines = [f"{'threshold':>12} {'precision':>9} {'recall':>7}   {name}"]
    step = max(1, len(points) // 40)
    for value, precision, recall in points[::step] + ([points[-1]] if (len(points) - 1) % step else []):
        lines.append(f"{value:12.4g} {precision:9.3f} {recall:7.3f}   {'#' * round(40 * precision)}")
    text = "\n".join(lines)
    Path(path).write_text(text + "\n") if path else print(text)


def svg(points, name):
    """Precision over recall, with a threshold written at every fifth of the way."""
    at = lambda precision, recall: (40 + 360 * recall, 20 + 360 * (1 - precision))
    line = " ".join("{:.1f},{:.1f}".format(*at(precision, recall)) for _, precision, recall in points)
    labels = "".join(
        '<text x="{:.1f}" y="{:.1f}">{:.3g}</text>'.format(*[place + 4 for place in at(precision, recall)], value)
        for value, precision, recall in points[:: max(1, len(points) // 5)])
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 420 420" font-family="sans-serif" font-size="11">'
        '<rect width="420" height="420" fill="white"/>'
        '<path d="M40 20V380H400" fill="none" stroke="#888"/>'
        f'<polyline points="{line}" fill="none" stroke="#06c" stroke-width="2"/>{labels}'
        f'<text x="220" y="408" text-anchor="middle">recall of {html.escape(name)}</text>'
        '<text x="12" y="200" transform="rotate(-90 12 200)" text-anchor="middle">precision</text>'
        '<text x="36" y="24" text-anchor="end">1</text><text x="400" y="394" text-anchor="middle">1</text></svg>\n')
