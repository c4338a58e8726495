"""The line protocol that every contender of the benchmark speaks with `compare.py`.

A contender takes one step of its workload, then says that it is ready. From then on each line `run K` on its standard
input makes it take K more steps and answer with the seconds they took; `quit` or the end of the input ends it. A
contender that does not have a workload says that instead.
"""

import argparse
import json
import re
import sys
import time


def parse_arguments(modes):
    """Reads what the driver asks for: the workload, the number of threads and, where there are several, the mode."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--workload", required=True)
    parser.add_argument("--threads", required=True, type=int)
    parser.add_argument("--mode", choices=modes, default=modes[0])
    return parser.parse_args()


def split_workload(name):
    """`cnn-inference-128` as the network's name and the samples of a prediction, which are None for a training."""
    found = re.fullmatch(r"(.+)-inference-(\d+)", name)
    return (found[1], int(found[2])) if found else (name, None)


def serve(take_steps, versions):
    """Answers the driver until it says `quit`; `take_steps(count)` returns when that many steps are really done."""
    take_steps(1)
    _answer({"ready": True, "versions": versions})
    for line in sys.stdin:
        command = line.split()
        if command == ["quit"]:
            return
        if len(command) != 2 or command[0] != "run":
            sys.exit(f"expected `run K` or `quit`, found {line!r}")
        start = time.perf_counter()
        take_steps(int(command[1]))
        _answer({"seconds": time.perf_counter() - start})


def refuse(reason):
    """Tells the driver that this contender does not have the workload, and ends."""
    _answer({"ready": False, "reason": reason})
    sys.exit(0)


def _answer(message):
    print(json.dumps(message), flush=True)
