"""A contender of the benchmark: a process that works when told to and is stopped while another one is measured."""

import dataclasses
import json
import os
import pathlib
import select
import signal
import subprocess
import sys
import tempfile
import time

FOLDER = pathlib.Path(__file__).resolve().parent
SECONDS_TO_ANSWER = 300
# About how long a contender trains or predicts in one round.
SECONDS_A_ROUND = 0.5


@dataclasses.dataclass(frozen=True)
class Contender:
    """What is measured: a name for the table and the command that speaks the protocol."""

    name: str
    command: tuple

    def start(self, workload, threads):
        return RunningContender(self, workload, threads)


def known_contenders(python=sys.executable):
    """All contenders by their names; the peers run in the interpreter that runs this script unless told otherwise."""
    peers = FOLDER / "peers"
    commands = {
        "espalier": (FOLDER / ".build/release/espalier-benchmark",),
        "pytorch-eager": (python, peers / "pytorch_peer.py", "--mode", "eager"),
        "pytorch-fused": (python, peers / "pytorch_peer.py", "--mode", "fused"),
        "pytorch-channels-last": (python, peers / "pytorch_peer.py", "--mode", "eager-channels-last"),
        "pytorch-compiled": (python, peers / "pytorch_peer.py", "--mode", "compiled"),
        "jax": (python, peers / "jax_peer.py"),
    }
    return {name: Contender(name, tuple(map(str, command))) for name, command in commands.items()}


class ContenderFailure(Exception):
    """A contender did not start, died, or gave no answer in time."""


class Unsupported(Exception):
    """A contender does not have a workload."""


class RunningContender:
    """A started process of a contender; it is stopped (SIGSTOP) except while it is asked something.

    Stopping matters: the threads of an idle team spin for a while before they sleep, and would be measured in the
    figures of whoever runs next.
    """

    def __init__(self, contender, workload, threads):
        """Starts the process and waits until its first step is done."""
        self.contender = contender
        self.threads = threads
        self._errors = tempfile.TemporaryFile()
        command = [*contender.command, "--workload", workload, "--threads", str(threads)]
        processors = sorted(os.sched_getaffinity(0))[:threads]
        start = time.monotonic()
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, bufsize=0,
                env=os.environ | {"OMP_NUM_THREADS": str(threads)}, start_new_session=True,
                preexec_fn=lambda: os.sched_setaffinity(0, processors))  # fmt: skip
        except OSError as error:
            raise ContenderFailure(f"cannot be started: {error}") from error
        try:
            self.answer = self._read()
        except BaseException:
            self.end()
            raise
        if not self.answer["ready"]:
            self.end()
            raise Unsupported(self.answer["reason"])
        self.first_step_seconds = time.monotonic() - start
        self._signal(signal.SIGSTOP)

    def prepare(self):
        """Warms up, and chooses how many steps a round has.

        Memory is touched for the first time here, and kernels that are tuned at first use are tuned.
        """
        self._signal(signal.SIGCONT)
        try:
            self._run(1)
            steps, seconds = 1, self._run(1)
            while seconds < SECONDS_A_ROUND / 4:
                steps *= 4
                seconds = self._run(steps)
        finally:
            self._signal(signal.SIGSTOP)
        self.steps = max(1, round(steps * SECONDS_A_ROUND / seconds))

    def seconds_per_step(self):
        """The time of a step over one round, after some steps that are not counted."""
        self._signal(signal.SIGCONT)
        try:
            self._run(max(1, self.steps // 10))
            return self._run(self.steps) / self.steps
        finally:
            self._signal(signal.SIGSTOP)

    @property
    def peak_resident_bytes(self):
        """The largest resident set that the process ever had, as the kernel counts it (`VmHWM`)."""
        status = pathlib.Path(f"/proc/{self._process.pid}/status").read_text()
        kibibytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(kibibytes) * 1024

    @property
    def processor_seconds(self):
        """The processor time that the process has used so far."""
        fields = pathlib.Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self):
        """Ends the process and what it started; ending it again does nothing."""
        if self._process.returncode is None:
            self._signal(signal.SIGKILL)
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()
        self._errors.close()

    def _run(self, steps):
        try:
            self._process.stdin.write(f"run {steps}\n".encode())
        except BrokenPipeError:
            self._fail("it ended too early")
        return self._read()["seconds"]

    def _read(self):
        readable, _, _ = select.select([self._process.stdout], [], [], SECONDS_TO_ANSWER)
        if not readable:
            self._fail(f"no answer in {SECONDS_TO_ANSWER} seconds")
        line = self._process.stdout.readline()
        if not line:
            self._fail("it ended too early")
        try:
            return json.loads(line)
        except json.JSONDecodeError:
            self._fail(f"unexpected answer {line.decode(errors='replace')!r}")

    def _fail(self, reason):
        self._errors.seek(0)
        last_words = self._errors.read().decode(errors="replace").strip().splitlines()[-1:]
        raise ContenderFailure(": ".join([reason, *last_words]))

    def _signal(self, number):
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            pass  # It has ended already, which the next question to it reports.
