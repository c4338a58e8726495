#!/usr/bin/env python3
"""Holds what `espalier export` writes against the programs that read it: check_interchange.py COMMAND

A model with each layer is trained shortly and exported. ONNX Runtime's outputs for random samples, in batches of two sizes,
have to be those of `espalier predict` to 1e-5 of their scale, and onnx.checker has to find nothing. NumPy, safetensors' own
layout and TensorBoard have to read back what the run holds. Status 1 if anything differs. `make interchange` calls this with
the packages that it takes.
"""

import io
import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy
import onnx
import onnxruntime
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util.tensor_util import make_ndarray

ROOT = Path(__file__).resolve().parent.parent
TOLERANCE = 1e-5
BATCHES = (1, 7)
# Those of data that is not in the repository only where ESPALIER_DATA says where it is.
ELSEWHERE = re.compile("mnist|fashionMNIST|housing/|tinyshakespeare" if "ESPALIER_DATA" not in os.environ else "fashionMNIST")
CONFIGURATIONS = [path for path in sorted((ROOT / "Configurations").rglob("*.yaml"))
                  if not ELSEWHERE.search(path.read_text())]

# What stands in front of a layer so that samples of the digits, [64], have the shape it takes.
SEQUENCE = [{"reshape": {"shape": [8, 8]}}]
IMAGE = [{"reshape": {"shape": [1, 8, 8]}}, {"conv2d": {"channels": 4, "kernelSize": 3, "padding": 1}}]
LINE = [{"reshape": {"shape": [4, 16]}}]
VOLUME = [{"reshape": {"shape": [1, 4, 4, 4]}}]
TOKENS = [{"embedding": {"units": 6, "vocabulary": 17}}]
WIDE = [{"linear": {"units": 16}}]


def by_axes(settings):
    """The same cases of a layer over one, two and three axes."""
    fronts = (LINE, IMAGE, VOLUME)
    return {axes: [(fronts[axes - 1], each(axes)) for each in settings] for axes in (1, 2, 3)}


CONVOLUTIONS = by_axes([
    lambda n: {"channels": 4, "kernelSize": 3},
    lambda n: {"channels": 4, "kernelSize": 3, "stride": 2, "padding": 1, "bias": False},
    lambda n: {"channels": 8, "kernelSize": 2, "padding": "same", "groups": 1 if n == 3 else 4},
    lambda n: {"channels": 2, "kernelSize": 2, "dilation": 2},
])
TRANSPOSED = by_axes([
    lambda n: {"channels": 3, "kernelSize": 3},
    lambda n: {"channels": 4, "kernelSize": 3, "stride": 2, "padding": 1, "outputPadding": 1},
    lambda n: {"channels": 4, "kernelSize": 2, "stride": 3, "groups": 1 if n == 3 else 2},
])
POOLS = by_axes([
    lambda n: {"kernelSize": 2},
    lambda n: {"kernelSize": 3, "stride": 2, "padding": 1},
    lambda n: {"kernelSize": 3, "stride": 2, "ceilMode": True},
])
AVERAGES = by_axes([
    lambda n: {"kernelSize": 2},
    lambda n: {"kernelSize": 3, "stride": 2, "padding": 1},
    lambda n: {"kernelSize": 3, "stride": 2, "padding": 1, "countIncludePad": False},
    lambda n: {"kernelSize": 3, "stride": 2, "ceilMode": True},
])
ADAPTIVE = by_axes([lambda n: {"outputSize": 2}, lambda n: {"outputSize": 3}])

# For each layer what stands in front of it, and its settings; a name alone has the settings that it has by itself.
LAYERS = {
    "linear": [([], {"units": 12}), (SEQUENCE, {"units": 5, "bias": False})],
    "flatten": [(IMAGE, {})],
    "reshape": [([], {"shape": [4, 4, 4]})],
    "sequential": [(WIDE, {"layers": ["relu", {"linear": {"units": 9}}, "tanh"]}),
                   (WIDE, {"layers": ["relu", {"linear": {"units": 9}}], "recompute": True})],
    "residual": [(WIDE, {"body": ["relu", {"linear": {"units": 16}}]}),
                 (IMAGE, {"body": [{"conv2d": {"channels": 6, "kernelSize": 3, "padding": 1}}],
                          "shortcut": [{"conv2d": {"channels": 6, "kernelSize": 1}}]})],
    "globalMaxPool": [(IMAGE, {})],
    "globalAvgPool": [(IMAGE, {}), (LINE, {})],
    "upsample": [(IMAGE, {"scale": 2}), (IMAGE, {"scale": 2, "mode": "bilinear"}),
                 (IMAGE, {"size": [13, 11], "mode": "bilinear", "alignCorners": True}), (IMAGE, {"size": [13, 5]}),
                 (LINE, {"scale": 2, "mode": "linear"})],
    "embedding": [([], {"units": 5, "vocabulary": 17})],
    "positionalEmbedding": [(TOKENS, {}), (SEQUENCE, {})],
    "multiHeadAttention": [(SEQUENCE, {"heads": 2}), (SEQUENCE, {"heads": 4, "causal": True})],
    "transformerBlock": [(SEQUENCE, {"heads": 2}), (SEQUENCE, {"heads": 2, "causal": True})],
    "batchNorm": [(WIDE, {}), (IMAGE, {}), (WIDE, {"affine": False})],
    "layerNorm": [(WIDE, {}), (SEQUENCE, {})],
    "rmsNorm": [(WIDE, {}), (SEQUENCE, {})],
    "groupNorm": [(IMAGE, {"groups": 2})],
    "instanceNorm": [(IMAGE, {})],
    "weightNorm": [([], {"layer": {"linear": {"units": 12}}}),
                   (IMAGE, {"layer": {"conv2d": {"channels": 4, "kernelSize": 3}}})],
    "spectralNorm": [([], {"layer": {"linear": {"units": 12}}})],
    "dropout2d": [(IMAGE, {})],
    "pReLU": [(WIDE, {}), (IMAGE, {"perChannel": True})],
    "gelu": [(WIDE, {}), (WIDE, {"approximation": "tanh"})],
    "glu": [(WIDE, {}), (IMAGE, {})],
    "softmax": [(WIDE, {}), (IMAGE, {})],
    "logSoftmax": [(WIDE, {}), (IMAGE, {})],
    "stochasticDepth": [(WIDE + [{"residual": {"body": [{"linear": {"units": 16}}, {"stochasticDepth": {"p": 0.3}}]}}],
                         {})],
    **{f"conv{n}d": cases for n, cases in CONVOLUTIONS.items()},
    **{f"convTransposed{n}d": cases for n, cases in TRANSPOSED.items()},
    **{f"maxPool{n}d": cases for n, cases in POOLS.items()},
    **{f"avgPool{n}d": cases for n, cases in AVERAGES.items()},
    **{f"adaptiveMaxPool{n}d": cases for n, cases in ADAPTIVE.items()},
    **{f"adaptiveAvgPool{n}d": cases for n, cases in ADAPTIVE.items()},
    **{name: [(SEQUENCE, {"units": 6}), (SEQUENCE, {"units": 5, "layers": 2, "bidirectional": True}),
              (SEQUENCE, {"units": 6, "returnSequences": True}), (TOKENS, {"units": 3, "bias": False})]
       for name in ("lstm", "gru", "rnn")},
}
LAYERS["rnn"].append((SEQUENCE, {"units": 6, "nonlinearity": "relu"}))
# What regularisers `espalier list` has that are no layers.
PENALTIES = {"l1", "l2", "weightDecay"}

# Whole models besides: losses and scalings.
MODELS = {
    "regression": {"data": {"source": "diabetes", "scale": "standard", "targetScale": "standard"}},
    "several values": {"data": {"source": {"regression": {"samples": 200, "targets": 3}}, "scale": "minMax"}},
    "two classes, one output": {
        "data": {"source": "breastCancer", "scale": "standard"}, "loss": "binaryCrossEntropy",
        "model": [{"linear": {"units": 1}}]},
    "probabilities": {
        "data": {"source": "iris", "scale": "none"}, "loss": "crossEntropyOnProbabilities",
        "model": [{"linear": {"units": "auto"}}, "softmax"]},
    "images": {
        "data": {"source": "digitImages", "scale": "standard"},
        "model": [{"conv2d": {"channels": 4, "kernelSize": 3}}, "relu", "flatten", {"linear": {"units": "auto"}}]},
    "unit": {"data": {"source": "digitImages", "scale": "unit"}, "model": ["flatten", {"linear": {"units": "auto"}}]},
}


def run(*arguments):
    outcome = subprocess.run([str(each) for each in arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if outcome.returncode != 0:
        raise RuntimeError(outcome.stderr.strip() or outcome.stdout.strip())
    return outcome.stdout


def listed(command):
    names = []
    for kind in ("layers", "activations", "normalizations", "regularizers"):
        names += [part["name"] for part in json.loads(run(command, "list", kind, "--json"))]
    return [name for name in dict.fromkeys(names) if name not in PENALTIES]


def configuration(name, front, settings):
    is_tokens = front is TOKENS or name == "embedding"
    return {
        "data": {"source": "digits", "scale": "none" if is_tokens else "unit", "limit": 200},
        "model": front + [{name: settings} if settings else name, "flatten", {"linear": {"units": "auto"}}],
    }


def train(command, folder, settings):
    """Trains a configuration, or the file of one for six epochs; gives the run folder."""
    folder.mkdir()
    path, options = settings, ["--set", "training.epochs=6"]
    if isinstance(settings, dict):
        path, options = folder / "config.yaml", []
        path.write_text(json.dumps({"training": {"epochs": 1, "batchSize": 50}, **settings}))
    run(command, "train", path, "--out", folder / "run", "--quiet", "--threads", "1", *options)
    return folder / "run"


def samples(shape, has_fractions):
    generator = numpy.random.default_rng(1)
    whole = generator.integers(0, 17, (BATCHES[1], *shape))
    return (whole * 0.02 - 0.15 if has_fractions else whole).astype(numpy.float32)


def predictions(command, run_folder, x):
    """What `espalier predict` says of x, as columns of numbers."""
    numpy.save(run_folder / "x.npy", x)
    rows = json.loads(run(command, "predict", run_folder, run_folder / "x.npy", "--json", "--threads", "1"))
    # Of sequences there is a row for each step.
    return numpy.array([[value for key, value in row.items() if key != "prediction"] for row in rows]).reshape(len(x), -1)


def distance(found, expected):
    """The largest difference, relative to the largest magnitude."""
    if found.shape != expected.shape:
        return float("inf")
    return float(numpy.abs(found - expected).max() / max(numpy.abs(expected).max(), 1e-30))


def compare(command, folder, settings):
    """The largest distance of ONNX Runtime's outputs from ours."""
    run_folder = train(command, folder, settings)
    path = run_folder / "model.onnx"
    run(command, "export", run_folder, "--format", "onnx", "--quiet")
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    runtime = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    shape = runtime.get_inputs()[0].shape[1:]
    x = samples(shape, isinstance(settings, dict) and settings["data"]["source"] not in ("digits", "digitImages"))
    expected = predictions(command, run_folder, x)
    # Some configurations are of models that learn nothing.
    if isinstance(settings, dict) and not numpy.ptp(expected, axis=0).any():
        raise RuntimeError("the model says the same of all samples, which would hide any difference")
    worst = 0.0
    for size in BATCHES:
        outputs = dict(zip([each.name for each in runtime.get_outputs()], runtime.run(None, {"input": x[:size]})))
        said = outputs.get("probabilities", outputs.get("values")).astype(numpy.float64).reshape(size, -1)
        rows = expected[:size]
        worst = max(worst, distance(said, rows))
        logits = outputs.get("logits")
        if logits is not None and logits.shape == rows.shape:
            # Logits are known but for what is added to all classes.
            logits = logits - logits.mean(axis=1, keepdims=True, dtype=numpy.float64)
            if rows.min() > 1e-30:
                logarithms = numpy.log(rows) - numpy.log(rows).mean(axis=1, keepdims=True)
                worst = max(worst, distance(logits, logarithms))
    return worst, len(model.graph.node)


def check_models(command, folder):
    """Every layer and model through ONNX Runtime; gives what failed."""
    jobs, failed = [], []
    for name in listed(command):
        cases = LAYERS.get(name, [(WIDE, {})])
        jobs += [(f"{name} {json.dumps(settings) if settings else ''}", configuration(name, front, settings))
                 for front, settings in cases]
    jobs += MODELS.items()
    jobs += [(str(path.relative_to(ROOT)), path) for path in CONFIGURATIONS]

    def outcome(numbered):
        number, (title, settings) = numbered
        try:
            return title, compare(command, folder / str(number), settings)
        except Exception as error:
            return title, error

    with ThreadPoolExecutor(2) as pool:
        for title, result in pool.map(outcome, enumerate(jobs)):
            if isinstance(result, Exception):
                failed.append(title)
                print(f"{'FAILED':>10}        {title}: {result}")
                continue
            worst, count = result
            print(f"{worst:10.1e} {count:4} op {title}")
            if not worst <= TOLERANCE:
                failed.append(title)
    unknown = set(LAYERS) - set(listed(command))
    return failed + [f"{name}: no such layer" for name in unknown]


def read_safetensors(path):
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + length])
    header.pop("__metadata__", None)
    return {name: numpy.frombuffer(
        data[8 + length + each["data_offsets"][0]:8 + length + each["data_offsets"][1]], "<f4").reshape(each["shape"])
        for name, each in header.items()}


def check_arrays(command, folder):
    """NumPy reads our archive, and we begin with NumPy's, under other names."""
    settings = {"data": {"source": "digits"}, "model": [{"linear": {"units": 12}}, "batchNorm", {"linear": {"units": "auto"}}]}
    run_folder = train(command, folder, settings)
    run(command, "export", run_folder, "--format", "npz", "--rename", "0.=first.", "--quiet")
    weights = read_safetensors(run_folder / "best.safetensors")
    arrays = dict(numpy.load(run_folder / "weights.npz"))
    expected = {name.replace("0.", "first.", 1) if name.startswith("0.") else name: each for name, each in weights.items()}
    failed = []
    if arrays.keys() != expected.keys() or any((arrays[name] != expected[name]).any() for name in arrays):
        failed.append("npz: NumPy reads other arrays than the run has")
    for save in (numpy.savez, numpy.savez_compressed):
        save(folder / "given.npz", **{f"net.{name}": each.astype(numpy.float64) for name, each in weights.items()},
             **{"net.1.num_batches_tracked": numpy.array(7)})
        begin = {"file": str(folder / "given.npz"), "rename": {"net.": ""}}
        again = folder / save.__name__
        settings = {**settings, "initialWeights": begin, "optimizer": {"sgd": {"learningRate": 1e-30}}}
        loaded = read_safetensors(train(command, again, settings) / "best.safetensors")
        if any((loaded[name] != weights[name]).any() for name in weights if "running" not in name):
            failed.append(f"npz: weights of numpy.{save.__name__} are not those that the training began with")
    print(f"{'npz':>10}        {len(arrays)} arrays read by NumPy {numpy.__version__}, and taken from it")
    return failed


def expected_scalars(events):
    """The numbers of events.jsonl, by the tags that they have in TensorBoard."""
    scalars = {}

    def put(tag, event, value):
        scalars.setdefault(tag, []).append((event["step"], float(numpy.float32(float(value)))))

    for event in events:
        if event["event"] == "step":
            put("loss/step", event, event["loss"])
            put("learningRate/step", event, event["learningRate"])
        elif event["event"] == "epoch":
            for part in ("train", "validation"):
                for name, value in event.get(part, {}).items():
                    put(f"{name}/{part}", event, value)
            for name in ("learningRate", "seconds", "clippedShare"):
                if name in event:
                    put(f"{name}/epoch", event, event[name])
        elif event["event"] == "probe":
            for each in event["parameters"]:
                for name in ("gradientNorm", "weightNorm", "updateNorm"):
                    put(f"{name}/{each['path']}", event, each[name])
    return scalars


def check_tensorboard(command, folder):
    """TensorBoard reads from our event files what events.jsonl has."""
    run_folder = train(command, folder, {
        "data": {"source": "digits"}, "training": {"epochs": 3, "batchSize": 64}, "gradient": {"clipNorm": 1.0},
        "callbacks": [{"tensorBoard": {"histograms": True}}]})
    run(command, "export", run_folder, "--format", "tensorboard", "--out", folder / "exported", "--quiet")
    events = [json.loads(line) for line in (run_folder / "events.jsonl").read_text().splitlines()]
    expected = expected_scalars(events)
    confusion = numpy.array(next(event["matrix"] for event in events if event["event"] == "confusion"))
    shares = confusion / numpy.maximum(confusion.sum(axis=1, keepdims=True), 1)
    weights = read_safetensors(run_folder / "best.safetensors")
    failed = []
    for place, has_histograms in ((run_folder / "tensorboard", True), (folder / "exported", False)):
        board = EventAccumulator(str(place), size_guidance={"scalars": 0, "histograms": 0, "images": 0, "tensors": 0})
        board.Reload()
        tags = board.Tags()
        found = {tag: [(each.step, each.value) for each in board.Scalars(tag)] for tag in tags["scalars"]}
        if found != expected:
            failed.append(f"tensorboard: {place.name} has other scalars than events.jsonl")
        text = make_ndarray(board.Tensors("configuration")[0].tensor_proto).item().decode()
        if "epochs: 3" not in text:
            failed.append(f"tensorboard: {place.name} lacks the configuration")
        picture = numpy.asarray(Image.open(io.BytesIO(board.Images(tags["images"][0])[0].encoded_image_string)), float)
        if numpy.abs(255 - 255 * shares - picture[8::16, 8::16]).max() > 1:
            failed.append(f"tensorboard: {place.name} has another picture of the confusion matrix")
        if set(tags["histograms"]) != ({f"parameters/{name}" for name in weights} if has_histograms else set()):
            failed.append(f"tensorboard: {place.name} has histograms of {tags['histograms']}")
        for tag in tags["histograms"]:
            last, size = board.Histograms(tag)[-1], weights[tag.removeprefix("parameters/")].size
            counts = last.histogram_value
            if len(board.Histograms(tag)) != 3 or counts.num != size or sum(counts.bucket) != size:
                failed.append(f"tensorboard: {tag} does not count {size} values at 3 epochs")
        count = sum(len(each) for each in found.values())
        print(f"{'events':>10}        {len(found)} tags, {count} values, {len(tags['histograms'])} histograms read "
              f"by TensorBoard from {place.name}")
    return failed


def main():
    command = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        failed = check_models(command, folder)
        failed += check_arrays(command, folder / "arrays")
        failed += check_tensorboard(command, folder / "board")
    print(f"onnxruntime {onnxruntime.__version__}, onnx {onnx.__version__}, numpy {numpy.__version__}")
    for each in failed:
        print(f"failed: {each}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
