"""What the benchmark says about the machine that it ran on, and how quiet that machine was."""

import json
import os
import pathlib
import platform
import subprocess
import time


def describe():
    """The processor, its cores and vector extensions, the memory and the system."""
    processor = dict(_pairs("/proc/cpuinfo", ":"))
    memory = dict(_pairs("/proc/meminfo", ":"))
    flags = processor.get("flags", "").split()
    return {
        "processor": processor.get("model name", platform.machine()),
        "family": f"family {processor.get('cpu family', '?')} model {processor.get('model', '?')}",
        "cores": len(os.sched_getaffinity(0)),
        "vectorExtensions": [name for name in ("avx2", "fma", "avx512f", "avx512_vnni", "amx_tile") if name in flags],
        "cacheBytes": {f"L{level}": _cache_bytes(level) for level in (2, 3)},
        "memoryBytes": int(memory["MemTotal"].split()[0]) * 1024,
        "system": f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}",
    }


class Disturbance:
    """The share of the machine's processors that others used (or the host took away) while something was measured."""

    def __init__(self, contender):
        self._contender = contender
        self._before = self._sample()

    def share(self):
        """The share since this object was made, from 0 (quiet) to 1."""
        seconds, busy, own = (now - then for now, then in zip(self._sample(), self._before))
        return min(1.0, max(0.0, (busy - own) / (seconds * os.cpu_count())))

    def _sample(self):
        counters = [int(value) for value in pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
        idle_and_waiting = counters[3] + counters[4]
        busy = (sum(counters) - idle_and_waiting) / os.sysconf("SC_CLK_TCK")
        return time.monotonic(), busy, self._contender.processor_seconds


def peak(benchmark, threads):
    """What the machine can do at most with so many threads: arithmetic operations and bytes copied a second.

    Measured by Espalier's own program, the best of several times, since a neighbour can only slow it down.
    """
    processors = sorted(os.sched_getaffinity(0))[:threads]
    found = []
    for _ in range(3):
        output = subprocess.run(
            [benchmark, "peak", "--threads", str(threads)], check=True, capture_output=True, text=True,
            preexec_fn=lambda: os.sched_setaffinity(0, processors)).stdout  # fmt: skip
        found.append(json.loads(output))
    return {
        "threads": threads,
        "operationsPerSecond": max(each["operationsPerSecond"] for each in found),
        "copiedBytesPerSecond": max(each["bandwidths"][-1]["bytesPerSecond"] for each in found),
    }


def _pairs(path, separator):
    for line in pathlib.Path(path).read_text().splitlines():
        key, found, value = line.partition(separator)
        if found:
            yield key.strip(), value.strip()


def _cache_bytes(level):
    try:
        return os.sysconf(f"SC_LEVEL{level}_CACHE_SIZE")
    except ValueError:
        return None
