"""Writes the reference values of this folder with PyTorch on the CPU; see README.md for their names."""

import pathlib

import torch

import safetensors_file
from activations import record_activations
from attention import record_attention
from axes import record_axes
from convolutional_trajectory import record_convolutional_trajectory
from functions import record_functions
from gradients import record_gradients
from layers import record_layers
from losses import record_losses
from optimizers import record_optimizers
from recorder import Recorder
from recurrent import record_recurrent
from regularization import record_regularization
from reparametrizations import record_reparametrizations
from schedules import record_schedules
from signals import record_signals
from trajectories import record_trajectories

FOLDER = pathlib.Path(__file__).resolve().parent
FILES = {
    "layers": record_layers, "functions": record_functions, "trajectories": record_trajectories,
    "axes": record_axes, "signals": record_signals, "convolutionalTrajectory": record_convolutional_trajectory,
    "recurrent": record_recurrent, "attention": record_attention,
    "optimizers": record_optimizers,
    "activations": record_activations, "reparametrizations": record_reparametrizations,
    "losses": record_losses, "regularization": record_regularization,
    "schedules": record_schedules, "gradients": record_gradients,
}  # fmt: skip


def main():
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    for file, record in FILES.items():
        for name, dtype in (("float32", torch.float32), ("float64", torch.float64)):
            recorder = Recorder(dtype)
            record(recorder)
            path = FOLDER / f"{file}.{name}.safetensors"
            safetensors_file.write(path, recorder.tensors, {"torch": torch.__version__, "computedIn": name})
            print(f"{path.name}: {len(recorder.tensors)} tensors, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
