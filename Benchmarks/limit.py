"""The hand-written limit: programs that do one workload and nothing else, each step written out by hand.

They are not part of this repository: whoever has them names their folder. A program `limit_NAME` trains for a few
seconds by itself and prints the median time of a step, `NAME min 1.3 ms med 1.4 ms`; so it runs once a round, while
all contenders are stopped. Where there is only its source, `limit_NAME.cpp`, it is compiled against the oneDNN that the
environment variable `DNNL_ROOT` points to.
"""

import os
import pathlib
import re
import select
import signal
import subprocess

NAME = "limit"
# Which program has a workload, and what it is told.
PROGRAMS = {
    "tiny": ("limit_mlp", "tiny"),
    "mlp": ("limit_mlp", "mlp"),
    "cnn": ("limit_cnn",),
    "lstm": ("limit_lstm",),
}
SECONDS_TO_END = 300


class LimitFailure(Exception):
    """A program could not be built, did not end well, or did not say what it measured."""


def build(folder, built):
    """The folder's programs by name; those that are there as source alone are compiled into the folder `built`."""
    programs = {}
    for name in sorted({program for program, *_ in PROGRAMS.values()}):
        program, source = folder / name, folder / f"{name}.cpp"
        if program.exists():
            programs[name] = program
        elif source.exists() and "DNNL_ROOT" in os.environ:
            programs[name] = built / name
            _compile(source, built / name, pathlib.Path(os.environ["DNNL_ROOT"]))
    return programs


class Limit:
    """One workload's program, measured like a contender; `start` says whether there is one."""

    def __init__(self, programs, workload, threads):
        program, *arguments = PROGRAMS[workload]
        self._command = [str(programs[program]), *arguments]
        self._threads = threads
        self.peak_resident_bytes = 0
        self.processor_seconds = 0.0

    def seconds_per_step(self):
        """Runs the program once."""
        processors = sorted(os.sched_getaffinity(0))[: self._threads]
        process = subprocess.Popen(
            self._command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env=os.environ | {"OMP_NUM_THREADS": str(self._threads)},
            preexec_fn=lambda: os.sched_setaffinity(0, processors))  # fmt: skip
        output = ""
        try:
            # What it prints arrives all at once, at its end.
            if select.select([process.stdout], [], [], SECONDS_TO_END)[0]:
                output = process.stdout.read()
        finally:
            if not output:
                # By its number: `process.kill()` would wait for it, and what it used would be lost.
                os.kill(process.pid, signal.SIGKILL)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            process.stdout.close()
        self.peak_resident_bytes = max(self.peak_resident_bytes, usage.ru_maxrss * 1024)
        self.processor_seconds += usage.ru_utime + usage.ru_stime
        found = re.search(r"\bmed ([0-9.]+) ms", output)
        if process.returncode != 0 or not found:
            raise LimitFailure(f"no median within {SECONDS_TO_END} seconds, exit status {process.returncode}")
        return float(found[1]) / 1e3


def _compile(source, program, root):
    options = ["-O3", "-march=native", "-ffast-math", "-fopenmp", "-std=c++17", f"-I{root}/include"]
    libraries = [f"-L{root}/lib", f"-Wl,-rpath,{root}/lib", "-ldnnl"]
    command = ["g++", *options, str(source), "-o", str(program), *libraries]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise LimitFailure(f"{source} cannot be compiled: {done.stderr.strip().splitlines()[-1:]}")
