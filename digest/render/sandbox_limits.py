"""What a process that draws somebody's own theme may take: set by itself, and watched from outside by `sandbox_worker`."""

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from math import ceil

# An edition of 20 articles takes 0.2 s when its templates are read for the first time and 0.015 s after that; inlining one of 500 takes 3 s.
SECONDS = 4.0  # of work, for drawing
SECONDS_INLINING = 20.0
GRACE = 2  # seconds of work after which what cannot be interrupted is ended
WAIT = 3.0  # a machine that does other things beside may take so many times as long
MEMORY = 512 * 1024 * 1024  # address space, of which an idle one has 75 MB
CHARACTERS = 16 * 1024 * 1024  # of one part: the pool of a thousand articles has 4 million


class OutOfTime(Exception):
    pass


def bound() -> None:
    """Binds this process for good: memory, no files written, no children (root is let make some)."""
    _lower(resource.RLIMIT_AS, MEMORY)
    for kind in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE, resource.RLIMIT_NPROC):
        _lower(kind, 0)
    signal.signal(signal.SIGPROF, _out_of_time)


def _lower(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
    with suppress(ValueError, OSError):  # macOS knows no limit of address space
        resource.setrlimit(kind, (limit, limit))


@contextmanager
def timed(seconds: float) -> Iterator[None]:
    """Within, `OutOfTime` is raised after so many seconds of work; what does not hear it ends the process, `GRACE` seconds later."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    until = ceil(usage.ru_utime + usage.ru_stime + seconds) + GRACE  # this limit counts whole seconds from the beginning of the process
    resource.setrlimit(resource.RLIMIT_CPU, (until if hard == resource.RLIM_INFINITY else min(until, hard), hard))
    signal.setitimer(signal.ITIMER_PROF, seconds, 0.5)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        resource.setrlimit(resource.RLIMIT_CPU, (hard, hard))


@contextmanager
def closed() -> Iterator[None]:
    """Within, nothing can be opened: no file and no connection."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _out_of_time(*_: object) -> None:
    raise OutOfTime("it is still at it, after more time than any page takes: does a loop not end?")
