"""The benchmark's results as Markdown tables, put between two markers of a document."""

import statistics

import summary

BEGIN = "<!-- benchmarks: begin (written by Benchmarks/compare.py) -->"
END = "<!-- benchmarks: end -->"
SUMMARY_HEADER = [
    "workload", "threads", "ms per step", "best peer", "faster by", "of the limit's time", "share of peak",
    "planned, MB", "peak memory, MB", "least of a peer, MB",
]  # fmt: skip
MEASUREMENT_HEADER = [
    "workload", "threads", "contender", "ms per step (median)", "(least)", "Espalier is faster by", "first step, s",
    "peak memory, MB",
]  # fmt: skip
SCALING_HEADER = ["threads", "along", "value", "operations a step", "ms per step", "ns per 1000 operations", "exponent"]


def render(results):
    """Returns the description of the run and its tables."""
    ratios = {
        (row["workload"], row["threads"], name): value
        for row in results["summary"]["rows"]
        for name, value in row["ratios"].items()
    }
    lines = [_description(results), "", *_peaks(results), ""]
    lines += _markdown(SUMMARY_HEADER, [_summary_row(row) for row in results["summary"]["rows"]], texts={0, 3})
    lines += ["", *_means(results), "All contenders:", ""]
    lines += _markdown(
        MEASUREMENT_HEADER, [_measurement_row(each, ratios) for each in results["measurements"]], texts={0, 2}
    )
    if results["scaling"]:
        lines += ["", "Cost of a step of a dense network along one axis at a time:", ""]
        lines += _markdown(SCALING_HEADER, _scaling_rows(results["scaling"]), texts={1})
    failures = [
        f"- {each['contender']}, {each['workload']}, threads {each['threads']}: {each['failure']}"
        for each in results["measurements"]
        if each["failure"]
    ]
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


def _peaks(results):
    return [
        f"Peak with {peak['threads']} {'thread' if peak['threads'] == 1 else 'threads'}: "
        f"{peak['operationsPerSecond'] / 1e9:.0f} GFLOP/s (matrix product), "
        f"{peak['copiedBytesPerSecond'] / 1e9:.1f} GB/s (copying memory, read and written)."
        for peak in results["peaks"]
    ]


def _means(results):
    lines = [
        f"Geometric mean of the trainings, {mean['threads']} threads: {mean['fasterBy']:.2f} times as fast as the best "
        "peer of each."
        for mean in results["summary"]["geometricMeans"]
    ]
    return [*lines, ""] if lines else []


def _summary_row(row):
    return [
        row["workload"],
        str(row["threads"]),
        f"{row['seconds'] * 1e3:.3f}",
        row["bestPeer"] or "",
        _number(row["fasterBy"], ".2f"),
        _number(row["ofLimit"], ".2f"),
        _number(row["shareOfPeak"], ".0%"),
        _megabytes(row["plannedBytes"]),
        _megabytes(row["peakResidentBytes"]),
        _megabytes(row["peersResidentBytes"]),
    ]


def _measurement_row(measurement, ratios):
    name = measurement["contender"]
    key = (measurement["workload"], measurement["threads"], name)
    if measurement["failure"]:
        return [key[0], str(key[1]), name, "failed", "", "", "", ""]
    milliseconds = [seconds * 1e3 for seconds in measurement["stepSeconds"]]
    starts = measurement["firstStepSeconds"]
    return [
        key[0],
        str(key[1]),
        name,
        f"{statistics.median(milliseconds):.3f}",
        f"{min(milliseconds):.3f}",
        _number(ratios.get(key), ".2f"),
        _number(statistics.median(starts) if starts else None, ".2f"),
        _megabytes(measurement["peakResidentBytes"]),
    ]


def _scaling_rows(scaling):
    return [
        [
            str(measured["threads"]),
            axis["axis"],
            str(point["value"]),
            f"{point['operations'] / 1e6:.0f} M",
            f"{point['seconds'] * 1e3:.3f}",
            f"{point['seconds'] / point['operations'] * 1e12:.1f}",
            f"{axis['exponent']:.2f}" if point is axis["points"][-1] else "",
        ]
        for measured in scaling
        for axis in measured["axes"]
        for point in axis["points"]
    ]


def _number(value, form):
    return "" if value is None else format(value, form)


def _megabytes(value):
    return "" if value is None else f"{value / 1e6:.0f}"


def _markdown(header, rows, texts):
    """A table whose columns are right-aligned, but for those that hold text."""
    rows = [header, *rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(header))]

    def cell(text, column):
        return text.ljust(widths[column]) if column in texts else text.rjust(widths[column])

    lines = ["| " + " | ".join(cell(text, column) for column, text in enumerate(row)) + " |" for row in rows]
    rule = ["-" * width if column in texts else "-" * (width - 1) + ":" for column, width in enumerate(widths)]
    return [lines[0], "| " + " | ".join(rule) + " |", *lines[1:]]
