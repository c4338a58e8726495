#!/usr/bin/env python3
"""Writes the pages of techniques from the comments in the sources: check_pages.py COMMAND [--write]

What there is says `COMMAND list KIND`; what is said of it is the `///` comment of the type that stands behind the name.
Without --write the pages are compared. Every comment has to have

- a paragraph that begins with `Source:` or `Sources:`, author, year and title,
- a sentence that begins with `Use it`: when to, and when not.

Every activation, initialiser and schedule has a picture in docs/images, which `make pictures` draws.
"""

import json
import re
import sys
from pathlib import Path

from check_docs import ROOT, run, settings

PAGES = ROOT / "docs" / "techniques"
INDEX = ROOT / "docs" / "techniques.md"

# The kinds with a page: the heading, and what the types that stand behind the names conform to.
KINDS = {
    "layers": ("Layers", re.compile(r"\w*(Layer|Recurrent)Specification")),
    "activations": ("Activations", re.compile("LayerSpecification")),
    "initializers": ("Initialisers", re.compile("Initializer")),
    "normalizations": ("Normalisations", re.compile("LayerSpecification")),
    "losses": ("Losses", re.compile(r"\w*Loss")),
    "optimizers": ("Optimisers", re.compile("Optimizer")),
    "schedules": ("Schedules", re.compile("Schedule")),
    "settings": ("Gradients and groups", re.compile("Specification")),
    "averages": ("Averages of weights", re.compile("Specification")),
    "regularizers": ("Against overfitting", re.compile("LayerSpecification")),
    "constraints": ("Constraints", None),
    "augmentations": ("Augmentations", re.compile(r"\w*Augmentation")),
    "metrics": ("Metrics", re.compile(r"\w*Metric")),
    "callbacks": ("Callbacks", re.compile("Callback")),
    "samplers": ("Samplers of a search", re.compile("Sampler")),
    "pruners": ("Pruners of a search", re.compile("Pruner")),
}
PICTURED = {"activations", "initializers", "schedules"}

# Matters of form, or older than any source.
WITHOUT_SOURCE = {
    "layers": {"flatten", "reshape", "sequential", "upsample"},
    "initializers": {"zeros", "ones", "constant", "uniform", "normal", "truncatedNormal"},
    "schedules": {"constant", "piecewise", "step", "exponential", "performance"},
    "settings": {"groups", "initialWeights"},
    "augmentations": {"verticalFlip"},
    "metrics": {"accuracy", "mae", "mse", "rmse"},
    "constraints": {"unitNorm", "nonNegative"},
    "pruners": {"none"},
}


class Type:
    """A type of the sources: its comment, what it conforms to, and its text."""

    def __init__(self, path, comment, name, parents, body):
        self.path, self.comment, self.name, self.body = path, comment, name, body
        self.parents = {parent.strip() for parent in parents.partition(" where ")[0].split(",")}

    @property
    def pattern(self):
        """What its name in a configuration looks like; generic types have one for each of their axes and operations."""
        match = re.search(r'static (?:let name = |var name: String { )"([^\n]*?)"( |$)', self.body, re.MULTILINE)
        return match and match[1].replace(r"\(Axes.count)", r"\d").replace(r"\(Operation.name)", r"\w+")


TYPE = re.compile(r"(?:public )?(?:final )?(?:struct|class|enum) (\w+)(?:<[^>{]*>)?(?:: ?(.*))?")


def types():
    """Every type at the top of a file, by its lines: from its comment to the brace in the first column."""
    for path in sorted((ROOT / "Sources").glob("Espalier*/**/*.swift")):
        comment, head, body = [], None, []
        for line in path.read_text().split("\n"):
            if head:
                body.append(line)
                if line.startswith("}"):
                    yield Type(path, text(comment), head[1], (head[2] or "").rstrip(" {"), "\n".join(body))
                    comment, head, body = [], None, []
            elif line.startswith("///"):
                comment.append(line)
            elif not line.startswith("@"):
                head = None if line.endswith("}") else TYPE.match(line)
                comment = comment if head else []


def text(comment):
    """The words of a comment, without marks and without what documents parameters."""
    lines = [re.sub(r"^ */// ?", "", line) for line in comment]
    end = next((i for i, line in enumerate(lines) if re.match(r"- (Parameter|Throws|Returns)", line)), len(lines))
    return "\n".join(lines[:end]).strip()


def commented(kind, name, types):
    """The type, or setting of a type, whose comment says what `name` is: an identity, its comment and its file."""
    parent = KINDS[kind][1]
    for type in types:
        if parent and type.pattern and re.fullmatch(type.pattern, name) and any(map(parent.fullmatch, type.parents)):
            type = made(type, types)
            return type.name, type.comment, type.path
    if kind == "settings":
        owner = next(t for t in types if t.name == {"groups": "ParameterGroup"}.get(name, name[0].upper() + name[1:]))
        return owner.name, owner.comment, owner.path
    penalty = next(type for type in types if type.name == "WeightPenalty")
    comment = re.search(rf"((?:^ *///.*\n)+) *public var {name}\b", penalty.body, re.MULTILINE)
    return f"regularization.{name}", comment and text(comment[1].strip("\n").split("\n")), penalty.path


def made(specification, types):
    """The layer that a specification makes; of other parts the specification is all there is."""
    calls = set(re.findall(r"\b([A-Z]\w*)(?:<[\w, ]+>)?\(", specification.body.partition("makeLayer(")[2]))
    return next((type for type in types if type.name in calls and type.parents & LAYERS), specification)


LAYERS = {"Layer", "Activation", "ModeDependent", "Initializable", "ConvolutionLayer", "RecurrentLayer", "Reparametrization"}


def sections(command, kind, types):
    """The parts of a kind, those that one type stands behind together: their listings, identity, comment and file."""
    groups = {}
    for part in json.loads(run(command, "list", kind, "--json")):
        identity, comment, path = commented(kind, part["name"], types)
        groups.setdefault(identity, ([], comment or "", path))[0].append(part)
    return groups.values()


def problems(kind, parts, comment, path):
    names = ", ".join(part["name"] for part in parts)
    place = f"{names}: the comment in {path.relative_to(ROOT)}"
    if not re.search(r"^Sources?: .*\b(1[6-9]|20)\d\d\b", comment, re.MULTILINE | re.DOTALL):
        if not all(part["name"] in WITHOUT_SOURCE.get(kind, ()) for part in parts):
            yield f"{place} has no paragraph `Source: author year, title`"
    if not re.search(r"\bUse\sit\b", comment):
        yield f"{place} has no sentence that begins with `Use it`"
    for part in parts:
        if kind in PICTURED and not (ROOT / "docs" / "images" / kind / f"{part['name']}.svg").exists():
            yield f"{part['name']}: docs/images/{kind} has no picture of it; make pictures draws them"


def section(kind, parts, comment, path):
    lines = ["## " + ", ".join(f"`{part['name']}`" for part in parts), ""]
    comment = re.sub(r"^(Sources?:)", r"**\1**", comment, flags=re.MULTILINE)
    lines += [re.sub(r"\bUse\sit\b", "**Use it**", comment), ""]
    if kind in PICTURED:
        lines += [f"![{part['summary']}](../images/{kind}/{part['name']}.svg)" for part in parts] + [""]
    for rows, names in merged(parts).items():
        if len(merged(parts)) > 1:
            lines += [", ".join(f"`{name}`:" for name in names), ""]
        if rows:
            lines += ["| Setting | Default | Accepted | What it is |", "| --- | --- | --- | --- |", *rows, ""]
    return "\n".join(lines + [f"In [{path.name}](../../{path.relative_to(ROOT)}).", ""])


def merged(parts):
    """The rows of settings, with the names of the parts that have just these."""
    rows = {}
    for part in parts:
        rows.setdefault(tuple(settings(part)), []).append(part["name"])
    return rows


def page(kind, groups):
    title = KINDS[kind][0]
    lines = [f"# {title}", "", f"What `espalier list {kind}` lists. [All techniques](../techniques.md).", ""]
    if kind == "normalizations":
        lines += ["Which elements of a block share mean and variance with the one in the corner:", ""]
        lines += ["![Blocks of N samples, C channels, H W places](../images/normalizations/blocks.svg)", ""]
    return "\n".join(lines + [section(kind, *group) for group in groups])


def index(groups):
    lines = [
        "# Techniques", "", "Every part that a configuration can name: what it computes, on which shapes, with which",
        "defaults, who it is from, when to use it and when not. These pages are the comments of the sources, written out",
        "by `Scripts/check_pages.py`. What textbooks say otherwise is in [books.md](books.md).", "",
    ]
    for kind, parts in groups.items():
        names = [part["name"] for group in parts for part in group[0]]
        heads = {part["name"]: "-".join(p["name"].lower() for p in group[0]) for group in parts for part in group[0]}
        links = ", ".join(f"[{name}](techniques/{kind}.md#{heads[name]})" for name in names)
        lines += [f"## [{KINDS[kind][0]}](techniques/{kind}.md)", "", links, ""]
    return "\n".join(lines)


def main():
    command, write = str(Path(sys.argv[1]).resolve()), "--write" in sys.argv[2:]
    known = list(types())
    groups = {kind: list(sections(command, kind, known)) for kind in KINDS}
    apart = {part["name"] for group in groups["regularizers"] for part in group[0]}
    groups["layers"] = [group for group in groups["layers"] if group[0][0]["name"] not in apart]
    faults = [fault for kind, parts in groups.items() for group in parts for fault in problems(kind, *group)]
    pages = {INDEX: index(groups)} | {PAGES / f"{kind}.md": page(kind, parts) for kind, parts in groups.items()}
    for path in set(PAGES.glob("*.md")) - set(pages):
        faults.append(f"{path.relative_to(ROOT)}: there is no such kind")
    for path, content in pages.items():
        if write:
            path.parent.mkdir(exist_ok=True)
            path.write_text(content)
        elif not path.exists() or path.read_text() != content:
            faults.append(f"{path.relative_to(ROOT)} is not what the sources say; write it with --write")
    if faults:
        raise SystemExit("\n".join(f"check_pages: {fault}" for fault in faults))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    main()
