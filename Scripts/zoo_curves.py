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
