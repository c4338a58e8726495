#!/usr/bin/env python3
"""Holds the documents against the command that they describe: check_docs.py COMMAND [--write]

- The tables of docs/configuration.md are what `COMMAND list KIND` says; with --write they are written anew.
- Every complete configuration in README.md, docs/ and the library's articles can be trained, and docs/configuration.md
  names every setting.
- Swift in README.md and in the articles stands in an example that is compiled and run.
- Links lead to files that are there, as do the paths that articles name. DocC sees to the links of articles.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "configuration.md"
# Their commands are carried out by DocumentTests, and so are their configurations.
SESSIONS = [ROOT / "docs" / "first-steps.md"]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("**/*.md"))]
ARTICLES = sorted((ROOT / "Sources" / "Espalier" / "Documentation.docc").glob("*.md"))
TABLES = re.compile(r"(<!-- list (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def run(*arguments):
    result = subprocess.run(arguments, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if result.returncode != 0:
        raise SystemExit(f"check_docs: {' '.join(arguments)}\n{result.stderr}")
    return result.stdout


def cell(text):
    return text.replace("|", "\\|")


def settings(part):
    """A row for each setting of a part."""
    for name, setting in part["parameters"].items():
        default = "required" if setting["required"] else f"`{json.dumps(setting['default'])}`"
        yield f"| `{name}` | {default} | {cell(setting['accepted'])} | {cell(setting['summary'])} |"


def table(command, kind):
    """The parts of a kind, a row for each part and one for each of its settings."""
    rows = ["| Name | Default | Accepted | What it is |", "| --- | --- | --- | --- |"]
    for part in json.loads(run(command, "list", kind, "--json")):
        rows += [f"| **`{part['name']}`** | | | {cell(part['summary'])} |", *settings(part)]
    return "\n".join(rows) + "\n"


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def keys(configuration):
    """Every key of a configuration in YAML, comments aside."""
    return set(re.findall(r"(\w+):", re.sub(r"#.*", "", configuration)))


def tables_are_written(command, write):
    text = PAGE.read_text()
    current = TABLES.sub(lambda match: match[1] + table(command, match[2]) + match[3], text)
    if write:
        PAGE.write_text(current)
    elif current != text:
        yield f"{PAGE.name}: the tables are not what `espalier list` says; write them with Scripts/check_docs.py {command} --write"


def configurations_train(command):
    resolved, named = set(), keys("".join(blocks(PAGE.read_text(), "yaml")))
    for document in sorted({*DOCUMENTS, *ARTICLES} - set(SESSIONS)):
        for block in blocks(document.read_text(), "yaml"):
            if not re.search(r"^data:", block, re.MULTILINE):
                continue
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "documented.yaml"
                path.write_text(block)
                run(command, "train", str(path), "--set", "training.epochs=1", "--out", f"{folder}/run", "--quiet")
                resolved |= keys((Path(folder) / "run" / "config.yaml").read_text())
    for key in sorted(resolved - named):
        yield f"{PAGE.name}: nothing is said of the setting {key}"


def swift_is_compiled():
    def unindented(text):
        return "\n".join(line.strip() for line in text.strip().splitlines())

    examples = [unindented(path.read_text()) for path in (ROOT / "Examples").glob("Sources/**/*.swift")]
    for document in [ROOT / "README.md", *ARTICLES]:
        for block in blocks(document.read_text(), "swift"):
            is_piece = document in ARTICLES or "import Espalier" in block
            if is_piece and not any(unindented(block) in example for example in examples):
                yield f"{document.name}: this stands in no example:\n{block}"


def links_lead_somewhere():
    for document in DOCUMENTS:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text()):
            if not (document.parent / target).exists():
                yield f"{document.name}: there is no {target}"
    for article in ARTICLES:
        for path in re.findall(r"`((?:docs|Configurations|Examples)/[^`]+)`", article.read_text()):
            if not (ROOT / path).exists():
                yield f"{article.name}: there is no {path}"


def main():
    command, write = sys.argv[1], "--write" in sys.argv[2:]
    command = str(Path(command).resolve())
    problems = [
        *tables_are_written(command, write), *configurations_train(command), *swift_is_compiled(),
        *links_lead_somewhere(),
    ]
    if problems:
        raise SystemExit("\n".join(f"check_docs: {problem}" for problem in problems))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    main()
