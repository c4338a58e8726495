#!/usr/bin/env python3
"""Takes the pictures of docs/gallery.md anew, from the commands that stand there.

usage: gallery.py ESPALIER [--only NAME]... [--views FOLDER]

Each picture of docs/images is what a headless Chromium shows of a page that the commands in COMMANDS have made. With --views
the whole pages go to FOLDER instead, on a desk, on a phone and in the dark, to be looked at; a page that is wider than a
phone is an error.

Pictures are reduced to 128 colours by Pillow, which `make gallery` installs for itself.
"""

import argparse
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import browser as chromium

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
PAGE = ROOT / "docs" / "gallery.md"
LARGEST = 150_000

# The pages: the commands that make each, its file in the folder, the heading that the picture begins with, and its height.
PAGES = {
    "report": (["espalier train Configurations/digits.yaml --out runs/digits"], "runs/digits/report.html", None, 1240),
    "diagnosis": (["espalier train Zoo/faulty/digits-sigmoid-20.yaml --out runs/deep"], "runs/deep/report.html", None, 1000),
    "repair": (["espalier doctor runs/deep --repair"], "runs/deep/report.html", "Repair", 900),
    "comparison": (
        ["espalier train Configurations/digits.yaml --set optimizer.adam.learningRate=0.03 --out runs/fast",
         "espalier train Configurations/digits.yaml --set model.3.dropout.p=0 --set model.7.dropout.p=0 --out runs/plain",
         "espalier report runs/digits runs/fast runs/plain"], "runs/comparison.html", None, 1380),
    "search": (["espalier search Configurations/digits-search.yaml --out runs/search"], "runs/search/report.html", None, 1860),
    "assessment": (["espalier assess digits --out runs/assessed"], "runs/assessed/assessment.html", None, 1420),
    "lab": (["espalier lab run activationHistograms --out runs/histograms"], "runs/histograms/report.html", None, 1000),
    "labs": (
        ["espalier lab run activationHistograms optimizerPaths selfNormalization lassoPath --out runs/lab"],
        "runs/lab/index.html", None, 760),
}


def carry_out(commands, espalier, folder):
    for command in commands:
        words = command.split()
        words = [espalier if word == "espalier" else str(ROOT / word) if (ROOT / word).exists() else word for word in words]
        result = subprocess.run(words, cwd=folder, capture_output=True, text=True)
        if result.returncode:
            raise SystemExit(f"gallery: {command}\n{result.stderr}")


def reduced(data):
    """A PNG image in 128 colours."""
    from PIL import Image

    image = Image.open(io.BytesIO(data)).convert("RGB")
    image = image.quantize(128, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def take(page, name, anchor, height):
    page.resize(1280, height)
    page.evaluate(
        f"[...document.querySelectorAll('h2')].find(one => one.textContent === {json.dumps(anchor)}).scrollIntoView()"
        if anchor else "scrollTo(0, 0)")
    time.sleep(0.3)
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        page.picture(file.name)
        data = reduced(Path(file.name).read_bytes())
    if len(data) > LARGEST:
        raise SystemExit(f"gallery: {name}.png has {len(data)} bytes, more than {LARGEST}: show less of the page")
    (IMAGES / f"{name}.png").write_bytes(data)
    print(f"  docs/images/{name}.png: {len(data) // 1000} kB")


def look(page, folder, name):
    """The whole page on a desk, on a phone, and both in the dark."""
    for width, kind in [(1280, "desktop"), (390, "phone")]:
        page.resize(width, 900, is_phone=width < 1000)
        for is_dark in [False, True]:
            page.darken(is_dark)
            time.sleep(0.5)
            page.picture(f"{folder}/{name}-{kind}{'-dark' if is_dark else ''}.png", whole=True)
        page.darken(False)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            raise SystemExit(f"gallery: {name} is wider than {width} points")
    page.resize(1280, 900)


def dashboard(page, espalier, folder, act):
    """The page of a training as it goes on."""
    os.makedirs(f"{folder}/live")
    training = subprocess.Popen(
        [espalier, "train", str(ROOT / "Configurations/digits.yaml"), "--set", "training.epochs=100000",
         "--set", "callbacks=[]", "--set", "doctor.probeEvery=500", "--threads", "1", "--out", "live/digits", "--quiet"], cwd=folder)
    shown = subprocess.Popen(
        [espalier, "dashboard", "live", "--port", "0", "--json"], cwd=folder, stdout=subprocess.PIPE, text=True)
    try:
        text = ""
        while not text.rstrip().endswith("}"):
            if not (line := shown.stdout.readline()):
                raise SystemExit("gallery: the dashboard does not start")
            text += line
        page.open(json.loads(text)["dashboard"])
        page.wait("document.querySelector('.card.run a')", "the list has the run")
        act("dashboards")
        page.evaluate("document.querySelector('.card.run a').click()")
        page.wait("document.querySelectorAll('svg.wide[data-plot]').length >= 6", "the page has its plots")
        time.sleep(4)
        act("dashboard")
    finally:
        for process in [training, shown]:
            process.kill()
            process.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("espalier")
    parser.add_argument("--only", action="append", metavar="NAME")
    parser.add_argument("--views", metavar="FOLDER")
    options = parser.parse_args()
    espalier = os.path.abspath(options.espalier)
    program = chromium.find()
    if not program:
        raise SystemExit("gallery: there is no Chromium on this machine, which shows the pages")
    unsaid = [] if options.views else [command for commands, *_ in PAGES.values() for command in commands
              if command.startswith("espalier") and command not in PAGE.read_text()]
    if unsaid:
        raise SystemExit(f"gallery: {PAGE.name} does not say {unsaid}")
    page = chromium.Page(program)
    try:
        with tempfile.TemporaryDirectory() as folder:
            if options.views:
                os.makedirs(options.views, exist_ok=True)
            for name, (commands, file, anchor, height) in PAGES.items():
                # Some pages are made of the runs of those before.
                carry_out(commands, espalier, folder)
                if options.only and name not in options.only:
                    continue
                page.open(f"file://{folder}/{file}")
                look(page, options.views, name) if options.views else take(page, name, anchor, height)
            if not options.only or "dashboard" in options.only:
                def act(name):
                    if options.views:
                        look(page, options.views, name)
                    elif name == "dashboard":
                        take(page, name, None, 1240)
                dashboard(page, espalier, folder, act)
        if page.errors:
            raise SystemExit(f"gallery: the browser complains: {page.errors}")
    finally:
        page.close()


if __name__ == "__main__":
    sys.exit(main())
