#!/usr/bin/env python3
"""Holds every technique against the command: check_techniques.py COMMAND

Each name in TECHNIQUES has to be in `COMMAND list KIND --json` and the other way round, in the documentation, and in use by
a configuration in Configurations/techniques, all of which are trained. A training has to end well: status 0, finite losses, the last training
loss below the first, unless the configuration's first line says `# demonstration:` and what of.
"""

import csv
import json
import math
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Read files of the user's; the tests write such files.
FILE_SOURCES = {"idx", "mnist", "fashionMNIST", "npz", "npy", "cifar10", "cifar100"}
CONFIGURATIONS = sorted((ROOT / "Configurations").glob("*/*.yaml"))
DOCUMENTS = sorted((ROOT / "docs").rglob("*.md"))
MODEL = ("layers", "activations", "normalizations", "regularizers")
# The settings of parts that hold parts.
NESTED = {"model", "body", "layers", "layer", "shortcut", "initializer", "schedule", "then"}

# By kind, as `espalier list` calls it. `part.setting` is a technique that is a setting of a part, or a value of one.
TECHNIQUES = {
    "initializers": """
        constant zeros ones uniform normal truncatedNormal xavierUniform xavierNormal xavierUniform.gain lecunUniform
        lecunNormal heUniform heNormal heNormal.slope heUniform.mode orthogonal orthogonal.gain identity dirac sparse
        lsuv""",
    "activations": """
        sigmoid tanh relu leakyReLU rReLU pReLU pReLU.perChannel elu selu celu gelu gelu.approximation silu mish softplus
        softsign hardTanh hardSigmoid hardSwish relu6 glu softmax logSoftmax exponential thresholded""",
    "normalizations": """
        batchNorm layerNorm layerNorm.shape instanceNorm groupNorm rmsNorm weightNorm spectralNorm""",
    "regularizers": """
        l1 l2 weightDecay dropout dropout2d alphaDropout gaussianDropout gaussianNoise stochasticDepth""",
    "constraints": "maxNorm unitNorm nonNegative",
    "augmentations": """
        horizontalFlip verticalFlip randomCrop rotation affine colorJitter erasing noise mixUp cutMix""",
    "callbacks": """
        earlyStopping earlyStopping.minDelta checkpoint timeLimit tensorBoard tensorBoard.histograms""",
    "averages": "ema swa",
    "settings": """
        gradient.clipNorm gradient.clipValue gradient.clipParameterNorm gradient.adaptiveClip gradient.accumulate
        groups.frozen groups.unfreezeAt groups.rateFactor groups.decays initialWeights""",
    "optimizers": """
        sgd momentum momentum.dampening nesterov adaGrad rmsProp rmsProp.alpha rmsProp.centered rmsProp.epsPlace adam
        adam.epsPlace adamW nAdam rAdam adaDelta adaMax lion lamb muon adafactor lbfgs momentum.rateInVelocity
        adam.biasCorrection""",
    "schedules": """
        constant piecewise step multiStep exponential power performance polynomial linear cosine cosineWarmRestarts cyclic
        oneCycle inverseSqrt warmupStableDecay warmup""",
    "layers": """
        linear conv1d conv2d conv2d.stride conv2d.padding conv2d.dilation conv2d.groups conv3d convTransposed1d
        convTransposed2d convTransposed3d maxPool1d maxPool2d maxPool3d avgPool1d avgPool2d avgPool3d adaptiveAvgPool1d
        adaptiveAvgPool2d adaptiveAvgPool3d adaptiveMaxPool1d adaptiveMaxPool2d adaptiveMaxPool3d globalAvgPool
        globalMaxPool upsample flatten reshape embedding positionalEmbedding rnn lstm lstm.bidirectional gru gru.layers
        multiHeadAttention transformerBlock residual sequential sequential.recompute""",
    "losses": """
        crossEntropy crossEntropy.classWeights crossEntropy.labelSmoothing crossEntropy.ignoredIndex binaryCrossEntropy
        crossEntropyOnProbabilities binaryCrossEntropyOnProbabilities focal mse mae huber smoothL1 hinge klDivergence
        cosine""",
    "metrics": "accuracy topK precision recall f1 auc calibrationError mae mse rmse r2 perplexity",
    "datasets": """digits digitImages csv iris wine breastCancer diabetes circles moons blobs classification regression xor
        spirals polynomial imageFolder text""",
}


def run(*arguments):
    return subprocess.run(arguments, capture_output=True, text=True, stdin=subprocess.DEVNULL)


# What a configuration uses


def named(value):
    """A part in a configuration as its name and settings: from `name`, or `{name: {settings}}`."""
    if isinstance(value, str):
        return value, {}
    (name, settings), = value.items()
    return name, settings or {}


def parts_in(settings):
    """Every part that stands in the settings of another, however deep."""
    for key in NESTED & settings.keys():
        values = settings[key] if isinstance(settings[key], list) else [settings[key]]
        for name, below in map(named, filter(lambda value: isinstance(value, (str, dict)), values)):
            yield name, below
            yield from parts_in(below)


def parts(configuration):
    """(kind, name, settings) of all that is asked for; a layer's kind is `model`, that of an initialiser too."""
    for key, kind in {"loss": "losses", "optimizer": "optimizers"}.items():
        yield kind, *named(configuration[key])
    for part in parts_in({"schedule": configuration["schedule"]}):
        yield "schedules", *part
    for key, kind in {"metrics": "metrics", "callbacks": "callbacks", "augment": "augmentations"}.items():
        for part in configuration.get(key) or ():
            yield kind, *named(part)
    for part in parts_in({"model": configuration["model"], "initializer": configuration["initializer"]}):
        yield "model", *part
    yield "datasets", *named(configuration["data"]["source"])
    if configuration.get("averaging"):
        yield "averages", *named(configuration["averaging"])
    if configuration.get("initialWeights"):
        yield "settings", "initialWeights", configuration["initialWeights"]
    yield "settings", "gradient", configuration.get("gradient") or {}
    for group in configuration.get("groups") or ():
        yield "settings", "groups", group
    for name, value in configuration["regularization"].items():
        strength = value["strength"] if isinstance(value, dict) else value
        if strength:
            yield "regularization", name, {name: value}


def uses(configuration, listed):
    """The techniques of a resolved configuration: `kind name`, and `kind name.setting` where that is not the default."""
    used = set()
    for where, name, settings in parts(configuration):
        kinds = {"model": MODEL + ("initializers",), "regularization": ("regularizers", "constraints")}.get(where, (where,))
        for kind in kinds:
            if name in listed[kind]:
                used.add(f"{kind} {name}")
                defaults = listed[kind][name]["parameters"]
                used |= {
                    f"{kind} {name}.{setting}" for setting, value in settings.items()
                    if setting in defaults and value != defaults[setting]["default"]}
    return used


def resolved_configuration(folder):
    """The complete configuration of a run, which its weights carry as JSON."""
    data = (folder / "best.safetensors").read_bytes()
    header = json.loads(data[8:8 + int.from_bytes(data[:8], "little")])
    return json.loads(header["__metadata__"]["espalier"])["configuration"]


# The checks


def listings(command):
    listed = {}
    for kind in TECHNIQUES:
        result = run(command, "list", kind, "--json")
        if result.returncode != 0:
            raise SystemExit(f"check_techniques: {result.stderr}")
        listed[kind] = {part["name"]: part for part in json.loads(result.stdout)}
    return listed


def train(command, path, folder):
    """Problems of one training, and its run folder where it ended well."""
    result = run(command, "train", str(path), "--out", str(folder), "--quiet", "--threads", "1")
    if result.returncode != 0:
        return [f"status {result.returncode}: {result.stderr.strip()}"]
    rows = list(csv.DictReader((folder / "metrics.csv").open()))
    losses = [float(row["train_loss"]) for row in rows]
    if not all(map(math.isfinite, losses)):
        return ["a loss is not finite"]
    is_demonstration = path.read_text().startswith("# demonstration:")
    if losses[-1] >= losses[0] and not is_demonstration:
        return [f"the training loss went from {losses[0]} to {losses[-1]}"]
    return []


def problems(command):
    listed = listings(command)
    documented = "\n".join(path.read_text() for path in DOCUMENTS)
    used = set()
    with tempfile.TemporaryDirectory() as temporary, ThreadPoolExecutor(2) as pool:
        folders = [Path(temporary) / path.stem for path in CONFIGURATIONS]
        trained = list(pool.map(lambda pair: train(command, *pair), zip(CONFIGURATIONS, folders)))
        for path, folder, found in zip(CONFIGURATIONS, folders, trained):
            yield from (f"{path.relative_to(ROOT)}: {problem}" for problem in found)
            if not found:
                used |= uses(resolved_configuration(folder), listed)
    # A layer against overfitting is listed under two kinds, and stands in the table once.
    known = {technique.partition(".")[0] for names in TECHNIQUES.values() for technique in names.split()}
    for kind, names in TECHNIQUES.items():
        for name in sorted(listed[kind].keys() - known - FILE_SOURCES):
            yield f"{name} (of {kind}) is listed, and not in the table of this script"
        for technique in names.split():
            name, _, setting = technique.partition(".")
            if name not in listed[kind] or setting and setting not in listed[kind][name]["parameters"]:
                yield f"`espalier list {kind}` has no {technique}"
            for word in filter(None, (name, setting)):
                if not re.search(rf"`{word}`", documented):
                    yield f"the documentation does not name {word} (of {kind})"
            if f"{kind} {technique}" not in used:
                yield f"no configuration in a folder of Configurations uses {technique} (of {kind})"


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    found = [f"check_techniques: {problem}" for problem in problems(str(Path(sys.argv[1]).resolve()))]
    if found:
        raise SystemExit("\n".join(found))
    count = sum(len(names.split()) for names in TECHNIQUES.values())
    print(f"{count} techniques are listed, documented and trained by {len(CONFIGURATIONS)} configurations")


if __name__ == "__main__":
    main()
