#!/usr/bin/env python3
"""The table of docs/lab.md out of a folder of `espalier lab run --all`: lab_tables.py FOLDER [--write]"""

import json
import re
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "lab.md"
TABLE = re.compile(r"(<!-- measured -->\n).*?(<!-- end -->)", re.DOTALL)


def number(value):
    if isinstance(value, str):
        return {"NaN": "no number", "Infinity": "infinite", "-Infinity": "-infinite"}[value]
    return f"{value:.0f}" if value == round(value) and abs(value) < 1e9 else f"{value:.4g}"


def row(one):
    values = [v for v in one["values"] if isinstance(v, (int, float))]
    spread = f" ({number(min(values))} to {number(max(values))})" if len(set(values)) > 1 else ""
    expected, sign = "", ""
    if one["expected"]:
        low, high = one["expected"]
        expected = number(low) if low == high else f"{number(low)} to {number(high)}"
        isInside = isinstance(one["measured"], (int, float)) and low <= one["measured"] <= high
        sign = "" if isInside else "**outside**"
    what = one["name"].replace("|", "\\|")
    return f"{what} | {number(one['measured'])}{spread} | {expected} | {sign} |"


def tables(folder):
    """Of each experiment what a book or a formula states; where nothing does, the first three numbers."""
    records = [json.loads(path.read_text()) for path in sorted(folder.glob("*/lab.json"))]
    yield "| Experiment | Seconds | Measured | | Expected | |\n| --- | ---: | --- | ---: | --- | --- |\n"
    for record in records:
        stated = [one for one in record["measurements"] if one["expected"]]
        head = f"| `{record['experiment']}` | {record['seconds']:.1f} | "
        for one in stated or record["measurements"][:3]:
            yield head + row(one) + "\n"
            head = "|  |  | "
    yield f"| all | {sum(record['seconds'] for record in records):.0f} |  |  |  |  |\n"


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    text = "".join(tables(Path(sys.argv[1])))
    if "--write" not in sys.argv:
        print(text, end="")
        return
    PAGE.write_text(TABLE.sub(lambda match: match[1] + text + match[2], PAGE.read_text()))


if __name__ == "__main__":
    main()
