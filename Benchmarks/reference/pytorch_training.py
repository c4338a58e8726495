#!/usr/bin/env python3
"""Trains a reference training's network in PyTorch and prints what came of it as JSON: pytorch_training.py NAME.

The fastest idiom of those that compare.py tries: fused optimisers, gradients dropped rather than zeroed, images with
channels last, augmentation of whole batches.
"""

import argparse
import copy
import json
import time

import torch

from trainings import TRAININGS


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=TRAININGS)
    parser.add_argument("--data-root", required=True)
    parser.add_argument("--epochs", type=int, help="fewer than the training has")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    training = TRAININGS[arguments.name]
    parts = training.load(arguments.data_root, arguments.seed)
    print(json.dumps(train(training, parts, arguments.epochs or training.epochs)))


def train(training, parts, epochs):
    """Trains, restores the weights of the lowest validation loss, and measures them on the last part."""
    network = training.make_network()
    has_images = parts[0][0].dim() == 4
    if has_images:
        network = network.to(memory_format=torch.channels_last)
    optimizer = training.make_optimizer(network)
    steps = epochs * step_count(training, len(parts[0][0]))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: training.schedule(step / steps))
    best, seconds = (float("inf"), None), []
    for _ in range(epochs):
        start = time.perf_counter()
        take_epoch(training, network, optimizer, schedule, *parts[0])
        loss = training.loss(outputs(network, parts[1][0]), parts[1][1]).item()
        if loss < best[0]:
            best = (loss, copy.deepcopy(network.state_dict()))
        seconds.append(time.perf_counter() - start)
    network.load_state_dict(best[1])
    name, score = training.score
    return {
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "seconds": seconds, "validationLoss": best[0],
        "score": name, "value": float(score(outputs(network, parts[-1][0]), parts[-1][1])),
        "torch": torch.__version__,
    }  # fmt: skip


def step_count(training, samples):
    return samples // training.batch_size if training.drop_last else -(-samples // training.batch_size)


def take_epoch(training, network, optimizer, schedule, inputs, targets):
    network.train()
    order = torch.randperm(len(inputs))
    for step in range(step_count(training, len(inputs))):
        rows = order[step * training.batch_size : (step + 1) * training.batch_size]
        batch = training.augment(inputs[rows])
        optimizer.zero_grad(set_to_none=True)
        training.loss(network(laid_out(batch)), targets[rows]).backward()
        if training.clip_norm:
            torch.nn.utils.clip_grad_norm_(network.parameters(), training.clip_norm)
        optimizer.step()
        schedule.step()


def outputs(network, inputs, batch=256):
    """What the network says in inference."""
    network.eval()
    with torch.inference_mode():
        return torch.cat([network(laid_out(part)) for part in inputs.split(batch)])


def laid_out(batch):
    return batch.contiguous(memory_format=torch.channels_last) if batch.dim() == 4 else batch


if __name__ == "__main__":
    main()
