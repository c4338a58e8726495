#!/usr/bin/env python3
"""Takes weights from Espalier to PyTorch and back: check_pytorch_weights.py COMMAND

Each model is trained shortly here, and PyTorch's model of the same layers loads the exported weights; and a training here
begins with weights that PyTorch drew and saved, under other names. Both ways the two have to predict the same of the same
samples, to 1e-5. Status 1 if anything differs. `make pytorch` calls this with the packages that it takes.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy
import torch
from torch import nn

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "Tests" / "Fixtures" / "pytorch"))
import safetensors_file  # noqa: E402

TOLERANCE = 1e-5
safetensors_file.DTYPE_NAMES[torch.int64] = "I64"


class Outputs(nn.Module):
    """Of what a recurrent layer gives, the states of all steps."""

    def forward(self, given):
        return given[0]


class SelfAttention(nn.MultiheadAttention):
    def forward(self, x):
        return super().forward(x, x, x, need_weights=False)[0]


def recurrent(kind, ours):
    # The layer that takes the outputs has no parameters, so that numbers stay with one more layer here.
    return (
        [{"reshape": {"shape": [8, 8]}}, {ours: {"units": 5, "layers": 2, "bidirectional": True, "returnSequences": True}},
         "flatten", {"linear": {"units": "auto"}}],
        lambda: nn.Sequential(nn.Unflatten(1, (8, 8)), kind(8, 5, num_layers=2, bidirectional=True, batch_first=True),
                              nn.Sequential(Outputs(), nn.Flatten()), nn.Linear(80, 10)))


def image(ours, theirs, width, channels=3):
    """A layer between a convolution and the outputs."""
    return (
        [{"reshape": {"shape": [1, 8, 8]}}, {"conv2d": {"channels": channels, "kernelSize": 3}}, ours, "flatten",
         {"linear": {"units": "auto"}}],
        lambda: nn.Sequential(nn.Unflatten(1, (1, 8, 8)), nn.Conv2d(1, channels, 3), theirs(), nn.Flatten(),
                              nn.Linear(width, 10)))


# By title: the layers here, and what makes the same in PyTorch.
MODELS = {
    "linear": ([{"linear": {"units": 12}}, "relu", {"linear": {"units": "auto"}}],
               lambda: nn.Sequential(nn.Linear(64, 12), nn.ReLU(), nn.Linear(12, 10))),
    "conv2d": image({"conv2d": {"channels": 6, "kernelSize": 3, "stride": 2, "groups": 3}},
                    lambda: nn.Conv2d(3, 6, 3, stride=2, groups=3), 24),
    "convTransposed2d": image({"convTransposed2d": {"channels": 4, "kernelSize": 3, "stride": 2}},
                              lambda: nn.ConvTranspose2d(3, 4, 3, stride=2), 676),
    "batchNorm": image("batchNorm", lambda: nn.BatchNorm2d(3), 108),
    "groupNorm": image({"groupNorm": {"groups": 2}}, lambda: nn.GroupNorm(2, 4), 144, 4),
    "pReLU": image("pReLU", nn.PReLU, 108),
    "layerNorm": ([{"linear": {"units": 12}}, "layerNorm", {"linear": {"units": "auto"}}],
                  lambda: nn.Sequential(nn.Linear(64, 12), nn.LayerNorm(12), nn.Linear(12, 10))),
    "lstm": recurrent(nn.LSTM, "lstm"),
    "gru": recurrent(nn.GRU, "gru"),
    "rnn": recurrent(nn.RNN, "rnn"),
    "multiHeadAttention": (
        [{"reshape": {"shape": [8, 8]}}, {"multiHeadAttention": {"heads": 2}}, "flatten", {"linear": {"units": "auto"}}],
        lambda: nn.Sequential(nn.Unflatten(1, (8, 8)), SelfAttention(8, 2, batch_first=True), nn.Flatten(),
                              nn.Linear(64, 10))),
}


def run(*arguments):
    outcome = subprocess.run([str(each) for each in arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if outcome.returncode != 0:
        raise RuntimeError(outcome.stderr.strip() or outcome.stdout.strip())
    return outcome.stdout


def train(command, folder, settings):
    folder.mkdir(parents=True)
    settings = {"data": {"source": "digits", "scale": "none", "limit": 200},
                "training": {"epochs": 1, "batchSize": 50}, **settings}
    (folder / "config.yaml").write_text(json.dumps(settings))
    run(command, "train", folder / "config.yaml", "--out", folder / "run", "--quiet", "--threads", "1")
    return folder / "run"


def predictions(command, run_folder, x):
    numpy.save(run_folder / "x.npy", x.numpy())
    rows = json.loads(run(command, "predict", run_folder, run_folder / "x.npy", "--json", "--threads", "1"))
    return torch.tensor([[value for key, value in row.items() if key != "prediction"] for row in rows])


def read(path):
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + length])
    header.pop("__metadata__", None)
    arrays = {}
    for name, each in header.items():
        start, end = (8 + length + offset for offset in each["data_offsets"])
        arrays[name] = torch.from_numpy(numpy.frombuffer(data[start:end], "<f4").reshape(each["shape"]).copy())
    return arrays


def distances(command, folder, layers, make):
    """How far predictions are apart with our weights in PyTorch, and with PyTorch's here."""
    torch.manual_seed(3)
    x = torch.randint(0, 17, (9, 64)).float() / 8
    theirs = make().eval()
    ours = train(command, folder / "ours", {"model": layers})
    run(command, "export", ours, "--format", "safetensors", "--rename", "=net.", "--quiet")
    arrays = {name.removeprefix("net."): each for name, each in read(ours / "weights.safetensors").items()}
    missing, unexpected = theirs.load_state_dict(arrays, strict=False)
    if unexpected or [name for name in missing if not name.endswith("num_batches_tracked")]:
        raise RuntimeError(f"missing {missing}, unexpected {unexpected}")
    out = (theirs(x).softmax(1) - predictions(command, ours, x)).abs().max().item()

    torch.manual_seed(4)
    drawn = make().eval()
    with torch.no_grad():
        for name, each in drawn.named_buffers():
            if "running" in name:
                each.uniform_(0.5, 1.5)
    path = folder / "drawn.safetensors"
    safetensors_file.write(path, {f"model.{name}": each for name, each in drawn.state_dict().items()}, {"format": "pt"})
    # Steps too small to change a weight; frozen normalisations leave their statistics.
    begun = train(command, folder / "theirs", {
        "model": layers, "initialWeights": {"file": str(path), "rename": {"model.": ""}},
        "optimizer": {"sgd": {"learningRate": 1e-30}}, "groups": [{"match": "2", "frozen": True}]
        if "batchNorm" in layers else []})
    back = (drawn(x).softmax(1) - predictions(command, begun, x)).abs().max().item()
    return out, back


def main():
    command = Path(sys.argv[1]).resolve()
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        for title, (layers, make) in MODELS.items():
            try:
                with torch.no_grad():
                    out, back = distances(command, Path(folder) / title, layers, make)
                failed |= not max(out, back) <= TOLERANCE
                print(f"{out:10.1e} to PyTorch {back:10.1e} from PyTorch  {title}")
            except RuntimeError as error:
                failed = True
                print(f"FAILED {title}: {error}")
    print(f"torch {torch.__version__}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
