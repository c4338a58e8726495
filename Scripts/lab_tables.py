#!/usr/bin/env python3
"""The tables of docs/lab.md out of a folder of `espalier lab run --all`: lab_tables.py FOLDER [--write]"""

import json
import re
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "lab.md"
TABLE = re.compile(r"(<!-- measured -->\n).*?(<!-- end -->)", re.DOTALL)


def number(value):
    if isinstance(value, str):
        return {"NaN": "no number", "Infinity": "infinite", "-Infinity": "−infinite"}[value]
    return f"{value:.4g}".replace("-", "−")


def band(one):
    if one["expected"] is None:
        return "", ""
    low, high = one["expected"]
    text = number(low) if low == high else f"{number(low)} to {number(high)}"
    isInside = isinstance(one["measured"], (int, float)) and low <= one["measured"] <= high
    return text, "yes" if isInside else "**no**"


def tables(folder):
    records = [json.loads(path.read_text()) for path in sorted(folder.glob("*/lab.json"))]
    yield "| Experiment | Measured | Value | Expected | As expected | Seconds |\n| --- | --- | --- | --- | --- | --- |\n"
    for record in records:
        for index, one in enumerate(record["measurements"]):
            text, sign = band(one)
            values = [v for v in one["values"] if isinstance(v, (int, float))]
            spread = f" ({number(min(values))} to {number(max(values))})" if len(values) > 1 else ""
            name = f"`{record['experiment']}`" if index == 0 else ""
            seconds = f"{record['seconds']:.0f}" if index == 0 else ""
            what = one["name"].replace("|", "\\|")
            yield f"| {name} | {what} | {number(one['measured'])}{spread} | {text} | {sign} | {seconds} |\n"


def main():
    text = "".join(tables(Path(sys.argv[1])))
    if "--write" not in sys.argv:
        print(text, end="")
        return
    PAGE.write_text(TABLE.sub(lambda match: match[1] + text + match[2], PAGE.read_text()))


if __name__ == "__main__":
    main()
