#!/usr/bin/env python3
"""Builds the documentation of the library's targets: build_docs.py FOLDER

The modules that `make build` left in .build/release give the symbols, so that nothing is compiled a second time. DocC
makes an archive of each target's symbols and catalogue (Sources/TARGET/Documentation.docc), those it imports first,
so that links reach across targets; FOLDER gets all of them as one site. It fails on any warning, and where a public
symbol stands in no group of its target's page.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / ".build" / "release"
CATALOG = "Documentation.docc"


def run(*command):
    if subprocess.run([str(part) for part in command], cwd=ROOT).returncode != 0:
        raise SystemExit(f"build_docs: {Path(command[0]).name} failed")


def tool(name):
    """A program of the toolchain that `swift` belongs to."""
    path = Path(shutil.which("swift")).resolve().parent / name
    return path if path.exists() else name


def targets():
    """The library's targets, each after those that it imports."""
    package = json.loads(subprocess.check_output(["swift", "package", "describe", "--type", "json"], cwd=ROOT))
    libraries = {
        target["name"]: target.get("target_dependencies", [])
        for target in package["targets"]
        if target["type"] == "library" and target["path"].startswith("Sources/Espalier")
    }
    order = TopologicalSorter({name: [x for x in needs if x in libraries] for name, needs in libraries.items()})
    return list(order.static_order())


def extract(target, folder):
    """Writes the public symbols of a module that was built."""
    maps = [*BUILD.glob("*.build/module.modulemap"), *(ROOT / ".build" / "checkouts").glob("**/module.modulemap")]
    folders = [f"-I{path.parent}" for path in sorted(maps)]
    folder.mkdir()
    triple = json.loads(subprocess.check_output(["swift", "-print-target-info"]))["target"]["unversionedTriple"]
    run(
        tool("swift-symbolgraph-extract"), "-module-name", target, "-target", triple, f"-I{BUILD / 'Modules'}", *folders,
        "-minimum-access-level", "public", "-skip-synthesized-members", "-emit-extension-block-symbols",
        "-output-dir", folder)


def convert(target, symbols, archive, dependencies):
    run(
        tool("docc"), "convert", ROOT / "Sources" / target / CATALOG, "--additional-symbol-graph-dir", symbols,
        "--fallback-display-name", target, "--fallback-bundle-identifier", target, "--output-path", archive,
        "--enable-experimental-external-link-support", "--ide-console-output", "--warnings-as-errors",
        *(option for dependency in dependencies for option in ("--dependency", dependency)))


def ungrouped(target, archive):
    """What stands on the target's page in the groups alone that DocC makes of what is left."""
    page = json.loads((archive / "data" / "documentation" / f"{target.lower()}.json").read_text())
    for section in page.get("topicSections", []):
        if section.get("generated") and section["title"] != "Extended Modules":
            for identifier in section["identifiers"]:
                name = page["references"][identifier]["title"]
                yield f"{target}: {name} is in no group of Sources/{target}/{CATALOG}/{target}.md"


def main(output):
    problems, archives = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for target in targets():
            extract(target, folder / target)
            archive = folder / f"{target}.doccarchive"
            convert(target, folder / target, archive, archives)
            problems += ungrouped(target, archive)
            archives.append(archive)
        if problems:
            raise SystemExit("\n".join(f"build_docs: {problem}" for problem in problems))
        shutil.rmtree(output, ignore_errors=True)
        run(tool("docc"), "merge", *archives, "--synthesized-landing-page-name", "Espalier", "--output-path", output)
    print(f"documentation: python3 -m http.server -d {output}, then http://localhost:8000/documentation/espalier")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]).resolve())
