"""Readers at the pages, as many a second as it is said, over some kept connections: `wrk`, which is in C and leaves the machine to those it asks."""

import json
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.measure import Missing

WRK = "/usr/bin/wrk"
SCRIPT = Path(__file__).with_suffix(".lua")
CONNECTIONS = 8
FOREVER = "1h"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visited:
    """`seconds` from the first to the last answer, `worst` of a single one."""

    requests: int
    failed: int
    seconds: float
    worst: float


@contextmanager
def visited(port: int, rate: float, links: str = "") -> Iterator["subprocess.Popen[str]"]:
    """A crowd that comes until the end of the block, each connection waiting before each request. With `links`, a file of paths to leave, it acts;
    without, it only asks for the port's /."""
    if shutil.which(WRK) is None:
        raise Missing(f"{WRK} is not on this machine")
    wait = round(CONNECTIONS / rate * 1_000)
    command = [WRK, "-t1", f"-c{CONNECTIONS}", f"-d{FOREVER}", "-s", str(SCRIPT), f"http://127.0.0.1:{port}", "--", str(wait), *filter(None, [links])]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield running
    finally:
        if running.poll() is None:
            running.kill()
            running.wait()


def told(running: "subprocess.Popen[str]") -> Visited:
    """What it saw, once it has been asked to go."""
    running.send_signal(signal.SIGINT)
    said, _ = running.communicate()
    return Visited(**json.loads(said.splitlines()[-1]))
