"""The line protocol that every contender of the benchmark speaks with `compare.py`.

A contender trains one step, then says that it is ready. From then on each line `run K` on its standard input
makes it train K more steps and answer with the seconds they took; `quit` or the end of the input ends it.
"""

import argparse
import json
import sys
import time


def parse_arguments(modes):
    """Reads what the driver asks for: the workload, the number of threads and, where there are several, the mode."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--workload", required=True, choices=["tiny", "mlp", "mlpbn"])
    parser.add_argument("--threads", required=True, type=int)
    parser.add_argument("--mode", choices=modes, default=modes[0])
    return parser.parse_args()


def serve(train, versions):
    """Answers the driver until it says `quit`; `train(count)` returns when that many steps are really done."""
    train(1)
    _answer({"ready": True, "versions": versions})
    for line in sys.stdin:
        command = line.split()
        if command == ["quit"]:
            return
        if len(command) != 2 or command[0] != "run":
            sys.exit(f"expected `run K` or `quit`, found {line!r}")
        start = time.perf_counter()
        train(int(command[1]))
        _answer({"seconds": time.perf_counter() - start})


def _answer(message):
    print(json.dumps(message), flush=True)
