#!/usr/bin/env python3
"""Whether Espalier trains to the same loss curves as PyTorch, from the same weights on the same batches.

What float tolerance means is measured: PyTorch trains in float64 too, and how far its own float32 losses are from those
is the yardstick. Espalier's losses may be at most `--factor` times as far from the float64 ones, in the median of
`--seeds` trainings: where training magnifies rounding, how far one of them gets is chance.
"""

import argparse
import copy
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

import torch
from torch.nn import functional

from networks import CURVES

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests/Fixtures/pytorch"))
import safetensors_file  # noqa: E402

# A loss is a float32 number: neither side can be nearer than this.
LEAST_DEVIATION = 2.0**-23


def train(network, curve, batches, dtype):
    """The loss at each step, in double precision."""
    network = copy.deepcopy(network).to(dtype)
    optimizer = curve.make_optimizer(network.parameters())
    losses = []
    for inputs, labels in zip(*batches):
        if inputs.is_floating_point():
            inputs = inputs.to(dtype)
        optimizer.zero_grad(set_to_none=True)
        loss = functional.cross_entropy(network(inputs).flatten(0, -2), labels.flatten())
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def train_espalier(name, network, batches, options):
    """The same in Espalier, which gets weights and batches as files."""
    inputs, labels = batches
    weights = {key: value for key, value in network.state_dict().items() if value.is_floating_point()}
    with tempfile.TemporaryDirectory() as folder:
        weights_path, batches_path = (pathlib.Path(folder) / f"{kind}.safetensors" for kind in ("weights", "batches"))
        safetensors_file.write(weights_path, weights, {"format": "pt"})
        safetensors_file.write(batches_path, {"inputs": inputs.float(), "labels": labels.int()}, {"format": "pt"})
        output = subprocess.run(
            [options.benchmark, "curve", "--network", name, "--weights", weights_path, "--batches", batches_path,
             "--threads", str(options.threads)], check=True, stdout=subprocess.PIPE, text=True).stdout  # fmt: skip
    return json.loads(output)


def deviation(losses, reference, steps):
    """The largest relative difference over the first `steps` steps."""
    return max(abs(a - b) / abs(b) for a, b in zip(losses[:steps], reference[:steps]))


def compare(name, seed, options):
    """The losses of all three trainings."""
    torch.manual_seed(seed)
    curve = CURVES[name]
    network = curve.make_network()
    batches = curve.make_batches(options.steps, options)
    return {
        "float32": train(network, curve, batches, torch.float32),
        "float64": train(network, curve, batches, torch.float64),
        "espalier": train_espalier(name, network, batches, options),
    }


def distances(losses, steps):
    """How far Espalier is from PyTorch and from float64, how far PyTorch is from float64, and the last two's ratio."""
    ours, single, double = losses["espalier"], losses["float32"], losses["float64"]
    found, yardstick = deviation(ours, double, steps), deviation(single, double, steps)
    return deviation(ours, single, steps), found, yardstick, found / max(yardstick, LEAST_DEVIATION)


def report(name, trainings, options):
    """Prints a network's rows of the table, medians over its trainings; whether Espalier is near enough."""
    holds = True
    for steps in sorted({min(10, options.steps), options.steps}):
        rows = [distances(losses, steps) for losses in trainings]
        between, found, yardstick, ratio = (statistics.median(column) for column in zip(*rows))
        holds = holds and ratio <= options.factor
        first, last = (statistics.median(losses["float64"][i] for losses in trainings) for i in (0, steps - 1))
        ratios = " ".join(f"{row[3]:.2f}" for row in rows)
        print(
            f"| `{name}` | 1-{steps} | {first:.4f} to {last:.4f} | {between:.1e} | {found:.1e} | {yardstick:.1e} "
            f"| {ratio:.2f} | {ratios} |", flush=True)  # fmt: skip
    return holds


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("networks", nargs="*", choices=[[], *CURVES], metavar="NETWORK", help=", ".join(CURVES))
    parser.add_argument("--steps", type=int, default=100, help="how long each training is (100)")
    parser.add_argument(
        "--seeds", type=int, default=1, help="trainings of each network, from other first weights, on other batches (1)")
    parser.add_argument("--threads", type=int, default=2, help="of either side (2)")
    parser.add_argument("--factor", type=float, default=3, help="the largest ratio that passes (3)")
    parser.add_argument("--text", type=pathlib.Path, default=ROOT / "LICENSE", help="a file to read (the licence)")
    parser.add_argument("--images", type=pathlib.Path, help="a folder with MNIST's files (random patterns)")
    parser.add_argument("--losses", type=pathlib.Path, help="where to write all losses, as JSON")
    parser.add_argument(
        "--benchmark", type=pathlib.Path, default=ROOT / "Benchmarks/.build/release/espalier-benchmark",
        help="Espalier's program")  # fmt: skip
    return parser.parse_args()


def main():
    options = parse_options()
    torch.set_num_threads(options.threads)
    print("| network | steps | loss | Espalier to PyTorch | Espalier to float64 | PyTorch to float64 | ratio | of each |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    losses, failed = {}, []
    for name in options.networks or CURVES:
        losses[name] = [compare(name, seed, options) for seed in range(options.seeds)]
        if not report(name, losses[name], options):
            failed.append(name)
    if options.losses:
        options.losses.write_text(json.dumps(losses, indent=1) + "\n")
    if failed:
        sys.exit(f"more than {options.factor:g} times as far from the float64 curve as PyTorch: {', '.join(failed)}")


if __name__ == "__main__":
    main()
