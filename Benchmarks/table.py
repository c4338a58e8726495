"""The benchmark's results as a Markdown table, put between two markers of a document."""

import statistics

BEGIN = "<!-- benchmarks: begin (written by Benchmarks/compare.py) -->"
END = "<!-- benchmarks: end -->"
HEADER = [
    "workload", "threads", "contender", "ms per step (median)", "(least)", "Espalier is faster by",
    "first step, s", "peak memory, MB",
]  # fmt: skip


def render(results):
    """Returns the description of the run and its table."""
    ratios = {(ratio["workload"], ratio["threads"], ratio["peer"]): ratio["median"] for ratio in results["ratios"]}
    rows = [_row(measurement, ratios) for measurement in results["measurements"]]
    failures = [
        f"- {each['contender']}, {each['workload']}, threads {each['threads']}: {each['failure']}"
        for each in results["measurements"]
        if each["failure"]
    ]
    lines = [_description(results), "", *_markdown([HEADER, *rows])]
    if failures:
        lines += ["", "Failed:", "", *failures]
    return "\n".join(lines)


def insert(text, document):
    """Replaces what stands between the markers of `document` with `text`."""
    before, found_begin, rest = document.read_text().partition(BEGIN)
    _, found_end, after = rest.partition(END)
    if not (found_begin and found_end):
        raise SystemExit(f"{document}: expected the two lines\n{BEGIN}\n{END}\nbetween which the table is written")
    document.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}")


def _description(results):
    machine = results["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in sorted(results["versions"].items()))
    shares = [share for each in results["measurements"] for share in each["disturbance"]]
    quiet = f"{statistics.median(shares):.0%} (median), {max(shares):.0%} (most)" if shares else "not measured"
    return (
        f"{results['date'][:10]}; {machine['processor']} ({machine['family']}), {machine['cores']} cores, "
        f"{' '.join(machine['vectorExtensions'])}, {machine['memoryBytes'] / 2**30:.0f} GiB, {machine['system']}; "
        f"{versions}; {results['rounds']} rounds. Processor time taken by others while measuring: {quiet}."
    )


def _row(measurement, ratios):
    name = measurement["contender"]
    key = (measurement["workload"], measurement["threads"], name)
    if measurement["failure"]:
        return [key[0], str(key[1]), name, "failed", "", "", "", ""]
    milliseconds = [seconds * 1e3 for seconds in measurement["stepSeconds"]]
    return [
        key[0],
        str(key[1]),
        name,
        f"{statistics.median(milliseconds):.3f}",
        f"{min(milliseconds):.3f}",
        f"{ratios[key]:.2f}" if key in ratios else "",
        f"{statistics.median(measurement['firstStepSeconds']):.2f}",
        f"{measurement['peakResidentBytes'] / 1e6:.0f}",
    ]


def _markdown(rows):
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADER))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows]
    rule = ["-" * width if column == 2 or column == 0 else "-" * (width - 1) + ":" for column, width in enumerate(widths)]
    return [lines[0], "| " + " | ".join(rule) + " |", *lines[1:]]
