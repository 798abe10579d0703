"""What every measurement gives, and how time and memory are taken."""

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Seconds for ours and for what it is held against, taken in one process; with `unit` “/s” how many a second. `more` is said beside it, `aim` is
    what the ratio should be. `other` is None where there is nothing to hold it against."""

    what: str
    ours: float
    against: str = ""
    other: float | None = None
    more: str = ""
    unit: str = "s"
    aim: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    per_second: float
    cpu: float  # processor seconds a message


class Missing(Exception):
    """Something this measurement needs is not on this machine; the text says what."""


def seconds(work: Callable[[], object], *, times: int = 1, rounds: int = 5) -> float:
    """The best of some rounds, for one call."""
    best = float("inf")
    for _ in range(rounds):
        begun = time.perf_counter()
        for _ in range(times):
            work()
        best = min(best, (time.perf_counter() - begun) / times)
    return best


def megabytes() -> float:
    """The most memory this process has held. Linux says it of the program alone; ru_maxrss (bytes on macOS) also counts what it was started from."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024)
