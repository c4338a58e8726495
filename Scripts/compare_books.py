#!/usr/bin/env python3
"""Times the books' own programs beside the lab's experiments: compare_books.py ESPALIER --books DIR [--only NAME …] [--write]

DIR holds checkouts of github.com/oreilly-japan/deep-learning-from-scratch and github.com/ageron/handson-ml2; the data root
(--data-root or ESPALIER_DATA) MNIST and Fashion-MNIST. Each program runs as it is, in a process of its own, and then its
experiment with one seed; both on one thread. Compared are processor seconds, which depend little on what else runs: of a book's
program without the import of its libraries, of Espalier's command from its start to its end. --write puts the rows into
docs/lab.md.
"""

import argparse
import json
import os
import re
import resource
import runpy
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "lab.md"
TABLE = re.compile(r"(<!-- books -->\n)(.*?)(<!-- end books -->)", re.DOTALL)
HEAD = "| Experiment | The book's program | Its seconds | Here | Times as fast |\n| --- | --- | ---: | ---: | ---: |\n"

SCRATCH, HANDS_ON = "deep-learning-from-scratch", "handson-ml2"
NOTEBOOK = "11_training_deep_neural_networks.ipynb"
ONE_SEED = ["seeds=[0]"]

# Of a notebook the cells that are timed, by number (the state of 1e21152); settings that make the experiment do as much.
PAIRS = {
    "activationHistograms": ("weight_init_activation_histogram.py", [], "one activation and deviation of ten"),
    "initializationComparison": ("weight_init_compare.py", ONE_SEED, ""),
    "optimizerPaths": ("optimizer_compare_naive.py", [], "draws contour plots besides"),
    "optimizerComparison": ("optimizer_compare_mnist.py", ONE_SEED, ""),
    "batchNormalization": ("batch_norm_test.py", ONE_SEED, ""),
    "overfitting": ("overfit_weight_decay.py", ONE_SEED, "with a decay, as the next"),
    "weightDecay": ("overfit_weight_decay.py", ONE_SEED, ""),
    "dropoutEffect": ("overfit_dropout.py", ONE_SEED, ""),
    "hyperparameterSearch": ("hyperparameter_optimization.py", [], ""),
    "gradientCheck": ("batch_norm_gradient_check.py", [], "all 89,000 derivatives on one sample; here 40 of each parameter on five"),
    "deepSELU": ([*range(43, 54)], ONE_SEED, ""),
    "batchNormPlacement": ([56, 60, 61, 63, 64, 65], ONE_SEED, ""),
    "transfer": ([73, *range(79, 92), 93, 94], ONE_SEED, ""),
    "schedules": ([115, 116, 117, 121, 122, 123, 124, 133, 134, 135, 139, 146, 148, 150, 151], ONE_SEED, ""),
    "regularizers": ([155, 158, 161, 167, 184], ONE_SEED, "no training without any; here one"),
}

# What Keras 3 no longer takes, in its own words of today.
MODERN = {
    "learning_rate=0.01, decay=1e-4": "keras.optimizers.schedules.InverseTimeDecay(0.01, 1, 1e-4)",
    "K.set_value(self.model.optimizer.learning_rate, rate)": "self.model.optimizer.learning_rate = rate",
    "n_epochs = 25\nonecycle": "n_epochs = 25\nbatch_size = 128\nonecycle",
}
SETUP = """
import math, os
from functools import partial
import numpy as np
import tensorflow as tf
from tensorflow import keras
tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)
"""


def program(path, cells):
    """Runs a book's program in this process, and prints the processor seconds that it took."""
    import matplotlib.pyplot as plt  # noqa: F401: imported before the clock starts
    import numpy as np

    if cells:
        notebook = json.loads(Path(path).read_text())["cells"]
        code = ["".join(cell["source"]) for cell in notebook]
        names = {}
        exec(SETUP, names)
        exec(code[20], names)  # the images
        exec(code[47], names)  # the same, standardised
        timed = "\n".join(code[int(cell)] for cell in cells.split(",") if notebook[int(cell)]["cell_type"] == "code")
        for old, new in MODERN.items():
            timed = timed.replace(old, new)
        begin = time.process_time()
        exec(timed, names)
    else:
        np.random.seed(0)
        begin = time.process_time()
        runpy.run_path(path, run_name="__main__")
    print(f"\nseconds {time.process_time() - begin}")


def link(files, folder):
    """Puts the published files where a program looks for them, so that it fetches nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in files.glob("*.gz"):
        if not (folder / file.name).exists():
            (folder / file.name).symlink_to(file.resolve())


def run(command, folder, **environment):
    """The output of a command on one thread, and its processor seconds."""
    threads = {name: "1" for name in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"]}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env={**os.environ, **threads, **environment})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done.stdout, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def time_book(what, books, data, temporary):
    if isinstance(what, str):
        folder = books / SCRATCH / "ch06"
        link(data / "mnist", books / SCRATCH / "dataset")
        arguments = [folder / what]
        if not (books / SCRATCH / "dataset" / "mnist.pkl").exists():
            run([sys.executable, "mnist.py"], books / SCRATCH / "dataset")
    else:
        folder = temporary
        link(data / "fashion", temporary / "keras" / "datasets" / "fashion-mnist")
        arguments = [books / HANDS_ON / NOTEBOOK, "--cells", ",".join(map(str, what))]
    output, _ = run(
        [sys.executable, Path(__file__).resolve(), "--program", *arguments], folder, MPLBACKEND="Agg",
        KERAS_HOME=str(temporary / "keras"), CUDA_VISIBLE_DEVICES="-1", TF_CPP_MIN_LOG_LEVEL="3")
    return float(output.split()[-1])


def write(rows):
    page = PAGE.read_text()
    found = TABLE.search(page)
    if not found:
        sys.exit(f"{PAGE} has no place between <!-- books --> and <!-- end books -->")
    kept = {line.split("`")[1]: line for line in found[2].splitlines() if line.startswith("| `")}
    kept.update(rows)
    text = HEAD + "".join(kept[name] + "\n" for name in PAIRS if name in kept)
    PAGE.write_text(TABLE.sub(lambda match: match[1] + text + match[3], page))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("espalier", nargs="?", type=Path)
    parser.add_argument("--books", type=Path, default=Path("books"), help="the folder of the two checkouts (default: books)")
    parser.add_argument("--data-root", type=Path, default=os.environ.get("ESPALIER_DATA"))
    parser.add_argument("--only", nargs="+", choices=PAIRS, default=list(PAIRS), metavar="NAME")
    parser.add_argument("--write", action="store_true", help="into docs/lab.md")
    parser.add_argument("--program", help=argparse.SUPPRESS)
    parser.add_argument("--cells", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.program:
        return program(options.program, options.cells)
    if not options.espalier or not options.data_root:
        parser.error("the command espalier and the data root are needed")
    books, data = options.books.resolve(), Path(options.data_root).resolve()
    for needed in [books / SCRATCH / "ch06", books / HANDS_ON / NOTEBOOK, data / "mnist", data / "fashion"]:
        if not needed.exists():
            parser.error(f"{needed} is missing")
    print(HEAD, end="")
    rows = {}
    for name in options.only:
        what, settings, remark = PAIRS[name]
        with tempfile.TemporaryDirectory() as temporary:
            book = time_book(what, books, data, Path(temporary))
            command = [options.espalier.resolve(), "lab", "run", name, "--threads", "1", "--data-root", data, "--quiet"]
            for setting in settings:
                command += ["--set", setting]
            _, here = run([*command, "--out", Path(temporary) / "lab"], temporary)
        title = f"`{what}`" if isinstance(what, str) else "cells of the notebook"
        rows[name] = (
            f"| `{name}` | {title}{': ' if remark else ''}{remark} | {book:.3g} | {here:.3g} | {book / here:.1f} |")
        print(rows[name], flush=True)
        if options.write:
            write(rows)


if __name__ == "__main__":
    main()
