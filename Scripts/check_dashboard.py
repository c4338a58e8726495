#!/usr/bin/env python3
"""Holds the dashboard and the reports against a headless Chromium.

usage: check_dashboard.py ESPALIER [--long SECONDS] [--pictures FOLDER]

A training runs meanwhile: the pages must have their plots, get what it does, work by keyboard, and complain about nothing.
--long also writes the events of an hour of training (360,000 steps) and measures for so many seconds what following it takes.
--pictures keeps what the pages look like: on a desk, on a phone, in the dark, on paper.

Without Chromium it says so and does nothing. It is found as chromium or google-chrome, or where $CHROMIUM says; to get
it: `apt-get install chromium` (Debian), `snap install chromium` (Ubuntu), `dnf install chromium` (Fedora).
"""

import argparse
import json
import math
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta

import browser as chromium

PLOT = "svg.wide[data-plot=loss]"


def check(condition, what):
    if not condition:
        raise AssertionError(what)
    print(f"  {what}")


class Dashboard:
    def __init__(self, espalier, *folders):
        self.process = subprocess.Popen(
            [espalier, "dashboard", *folders, "--port", "0", "--json"], stdout=subprocess.PIPE, text=True)
        text = ""
        while not text.rstrip().endswith("}"):
            line = self.process.stdout.readline()
            check(line, "the dashboard says where it is")
            text += line
        self.address = json.loads(text)["dashboard"]

    def memory(self):
        with open(f"/proc/{self.process.pid}/status") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmRSS"))

    def seconds(self):
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self):
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=10)


# The events of a training that never was

LAYERS = [("0", "Linear(64, 128)"), ("1", "ReLU"), ("2", "Linear(128, 64)"), ("3", "ReLU"), ("4", "Linear(64, 10)")]


def events(first, last, steps_per_epoch, epochs, seed=1):
    """The lines of events.jsonl from one step to another, as a training writes them: every step, a probe every 500."""
    draw = random.Random(f"{seed} {first}")
    begin = datetime(2026, 1, 1)
    total = steps_per_epoch * epochs

    def line(event, step, **rest):
        time = (begin + timedelta(seconds=step * 0.01)).isoformat(timespec="milliseconds") + "Z"
        epoch = (max(step, 1) - 1) // steps_per_epoch + 1 if step else 0
        return json.dumps({"event": event, "time": time, "step": step, "epoch": epoch, **rest}, separators=(",", ":"))

    if first == 1:
        model = [{"path": path, "layer": layer, "output": [64], "parameters": 0 if layer == "ReLU" else 4160, "note": ""}
                 for path, layer in LAYERS]
        yield line("start", 0, name="an-hour", seed=1, threads=4, task="classification",
                   classes=[str(i) for i in range(10)], samples={"train": 60000, "validation": 10000},
                   parameters=12480, statistics=0, model=model, optimizer="Adam(learningRate: 0.001)",
                   loss="crossEntropy", batchSize=64, epochs=epochs, stepsPerEpoch=steps_per_epoch)
    for step in range(first, last + 1):
        share = step / total
        loss = 2.3 * math.exp(-6 * share) + 0.05
        yield line("step", step, loss=loss * math.exp(0.2 * draw.gauss(0, 1)), learningRate=0.001 * (1 - 0.9 * share))
        if step % 500 == 0:
            parameters = [
                {"path": f"{path}.{part}", "gradientNorm": math.exp(-share - 0.4 * i + 0.2 * draw.gauss(0, 1)),
                 "weightNorm": 4 + share, "updateNorm": 0.004 * math.exp(-share + 0.1 * draw.gauss(0, 1))}
                for i, (path, layer) in enumerate(LAYERS) if layer != "ReLU" for part in ["weight", "bias"]]
            layers = [
                {"path": path, "layer": layer, "units": 64, "mean": 0.1, "deviation": 1 + 0.1 * draw.gauss(0, 1),
                 "gradient": math.exp(-i), "saturated": 0.4 + 0.1 * share, "silent": 0.2, "dead": 0.1 * share,
                 "low": -3, "high": 3, "histogram": [int(400 * math.exp(-((bin - 12) ** 2) / 20)) for bin in range(24)]}
                for i, (path, layer) in enumerate(LAYERS)]
            yield line("probe", step, parameters=parameters, layers=layers)
        if step % steps_per_epoch == 0:
            scores = {"loss": loss, "accuracy": math.exp(-loss)}
            worse = {"loss": loss * 1.1 + 0.02 * share, "accuracy": math.exp(-1.1 * loss)}
            yield line("epoch", step, train=scores, validation=worse, learningRate=0.001, seconds=60 + draw.gauss(0, 1))


# What is checked

def follow(page, address):
    """A page of a run that goes on shows what it does."""
    page.open(address)
    page.wait("document.querySelector('.card.run a')", "the list has the run")
    check(page.evaluate("document.querySelector('.card.run .status').textContent") == "Running", "the list says that it runs")
    page.evaluate("document.querySelector('.card.run a').click()")
    page.wait(f"document.querySelector('{PLOT}')", "the page of the run has the loss")
    page.wait("document.querySelectorAll('svg.wide[data-plot]').length >= 6", "it has its plots")
    check(page.evaluate("document.querySelector('.commands code') !== null"), "it says how to stop the training")
    path = f"document.querySelector('.linear {PLOT} .curve, {PLOT} .curve').getAttribute('d')"
    before, shown = page.evaluate(path), page.evaluate("document.querySelector('.progress small').textContent")
    page.wait(f"{path} !== {json.dumps(before)}", "the curve goes on")
    page.wait(f"document.querySelector('.progress small').textContent !== {json.dumps(shown)}", "the steps count on")
    print("  what the training does arrives")


def work(page):
    """Pointer, keyboard and switches, while the page changes."""
    shown = f"[...document.querySelectorAll('{PLOT}')].find(one => one.getClientRects().length)"
    box = page.evaluate(f"(box => [box.x, box.y, box.width, box.height])({shown}.getBoundingClientRect())")
    page.point(box[0] + box[2] * 0.4, box[1] + box[3] * 0.5)
    page.wait("!document.getElementById('tip').hidden", "a plot under the pointer tells its values")
    page.wait("[...document.querySelectorAll('svg.wide .cursor line')].length > 1", "the other plots show the same step")
    page.point(5, 5)
    page.wait("document.getElementById('tip').hidden", "the values go with the pointer")
    print("  the pointer links the plots")

    page.evaluate("document.body.tabIndex = -1, document.body.focus()")
    for _ in range(40):
        page.press("Tab")
        if page.evaluate("document.activeElement.matches('svg[data-plot]')"):
            break
    check(page.evaluate("document.activeElement.matches('svg[data-plot]')"), "Tab reaches a plot")
    page.press("Home")
    first = page.evaluate("document.getElementById('tip').textContent")
    page.press("ArrowRight")
    second = page.evaluate("document.getElementById('tip').textContent")
    check(first and second and first != second, "arrow keys move along it")
    count = page.evaluate("performance.getEntriesByName('update').length")
    page.wait(f"performance.getEntriesByName('update').length > {count + 2}", "updates go on")
    check(page.evaluate("document.activeElement.matches('svg[data-plot]')"), "updates leave the focus where it is")
    check(page.evaluate("!document.getElementById('tip').hidden"), "and the values shown")
    page.press("Escape")
    check(page.evaluate("document.getElementById('tip').hidden"), "Escape puts them away")

    switch = "document.querySelector('.scales input')"
    state = page.evaluate(f"{switch}.checked")
    page.evaluate(f"{switch}.focus()")
    page.press(" ")
    check(page.evaluate(f"{switch}.checked") != state, "a key switches the scale")
    count = page.evaluate("performance.getEntriesByName('update').length")
    page.wait(f"performance.getEntriesByName('update').length > {count + 1}", "updates go on")
    check(page.evaluate(f"{switch}.checked") != state, "updates leave the scale as it was chosen")


def pictures(page, folder, name):
    os.makedirs(folder, exist_ok=True)
    page.picture(f"{folder}/{name}-desktop.png")
    page.darken()
    page.picture(f"{folder}/{name}-dark.png")
    page.darken(False)
    page.resize(390, 844, is_phone=True)
    time.sleep(1)
    page.picture(f"{folder}/{name}-phone.png")
    check(page.evaluate("document.documentElement.scrollWidth <= 390"), "nothing is wider than a phone")
    page.resize(1280, 900)


def follow_an_hour(espalier, page, seconds):
    """What it takes to follow a training of an hour: 360,000 steps are there, a hundred more come every second."""
    with tempfile.TemporaryDirectory() as folder:
        run, steps, epochs = f"{folder}/an-hour", 6000, 100
        os.makedirs(run)
        with open(f"{run}/events.jsonl", "w") as file:
            for line in events(1, 360_000, steps, epochs):
                file.write(line + "\n")
            file.flush()
            size = os.path.getsize(file.name)
            dashboard = Dashboard(espalier, folder)
            start = time.monotonic()
            page.open(dashboard.address)
            page.wait("document.querySelector('.card.run a')", "the list has the run", 120)
            page.evaluate("document.querySelector('.card.run a').click()")
            page.wait(f"document.querySelector('{PLOT}') && !document.querySelector('.verdict').textContent.includes('Reading')",
                      "all is read", 300)
            read = time.monotonic() - start
            page.evaluate("performance.clearMeasures()")
            heap, before, begin, last = page.heap(), dashboard.seconds(), time.monotonic(), 360_000
            while time.monotonic() - begin < seconds:
                for line in events(last + 1, last + 20, steps, epochs):
                    file.write(line + "\n")
                file.flush()
                last += 20
                time.sleep(0.2)
                page.evaluate("1")
            took = time.monotonic() - begin
            costs = sorted(page.evaluate("performance.getEntriesByName('update').map(one => one.duration)"))
            check(len(costs) > seconds / 30, "updates arrive")
            print(f"  events: {size / 1e6:.1f} MB, read and drawn after {read:.1f} s")
            print(f"  updates: {len(costs)} in {took:.0f} s, median {costs[len(costs) // 2]:.1f} ms, "
                  f"longest {costs[-1]:.1f} ms, in all {sum(costs) / took / 10:.2f} % of the page's time")
            print(f"  page: {heap / 1e6:.1f} MB of script memory before, {page.heap() / 1e6:.1f} MB after")
            print(f"  server: {dashboard.memory() / 1e6:.0f} MB, {(dashboard.seconds() - before) / took * 100:.1f} % of a processor")
            check(dashboard.end() == 0, "Ctrl-C ends it")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("espalier")
    parser.add_argument("--long", type=int, metavar="SECONDS")
    parser.add_argument("--pictures", metavar="FOLDER")
    options = parser.parse_args()
    espalier = os.path.abspath(options.espalier)
    program = chromium.find()
    if not program:
        print(__doc__.split("\n\n")[-1].strip().replace("Without Chromium it says so and does nothing.",
                                                        "skipped: there is no Chromium on this machine."))
        return 0
    page = chromium.Page(program)
    training = dashboard = None
    try:
        with tempfile.TemporaryDirectory() as folder:
            run = f"{folder}/runs/digits-live"
            training = subprocess.Popen(
                [espalier, "train", "digits", "--set", "training.epochs=100000", "--set", "doctor.probeEvery=200",
                 "--threads", "1", "--out", run, "--quiet"])
            while not os.path.exists(f"{run}/events.jsonl"):
                check(training.poll() is None, "a training goes on")
                time.sleep(0.05)
            dashboard = Dashboard(espalier, f"{folder}/runs")
            follow(page, dashboard.address)
            work(page)
            if options.pictures:
                pictures(page, options.pictures, "dashboard")
            training.kill()
            page.wait("document.querySelector('.status')?.textContent === 'Not finished'", "the end of the training shows")
            outside = [url for url in page.requests if not url.startswith((dashboard.address, "data:", "about:"))]
            check(not outside, f"nothing is asked for elsewhere {outside or ''}")
            check(not page.errors, f"the browser complains about nothing {page.errors or ''}")
            check(dashboard.end() == 0, "Ctrl-C ends it")
            page.wait("document.body.classList.contains('lost')", "the page says that the dashboard is gone")
            page.open("about:blank")
            page.errors.clear()

            report = subprocess.run([espalier, "report", run, "--json"], capture_output=True, text=True, check=True)
            page.open("file://" + json.loads(report.stdout)["reports"][0])
            page.wait(f"document.querySelector('{PLOT}')", "the report of the killed run has its plots")
            if options.pictures:
                pictures(page, options.pictures, "report")
                page.print(f"{options.pictures}/report.pdf")
            check(not page.errors, f"the browser complains about nothing {page.errors or ''}")
        if options.long:
            follow_an_hour(espalier, page, options.long)
        print("all is well")
        return 0
    finally:
        for process in [training, dashboard and dashboard.process]:
            if process and process.poll() is None:
                process.kill()
                process.wait()
        page.close()


if __name__ == "__main__":
    sys.exit(main())
