"""A process that draws, seen from outside: started with nothing of ours, asked, and ended when it takes too long."""

import atexit
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from digest.render.sandbox_jobs import LENGTH, Job

LARGEST = 256 * 1024 * 1024  # bytes of an answer
KEPT = 2  # processes that wait for the next page: of more, each one ends when it is done
IDLE_SECONDS = 600.0  # after which those that wait are ended: each has 64 MB, and takes half a second to be there again

STARTING = 30.0  # seconds that the first answer may take longer: half a one, but ten where Python may not keep what it compiled
NEEDED = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONHOME")  # what a Python that was moved finds itself by

_START = "import sys; sys.path[:] = {path!r}; from digest.render.sandbox_child import main; main()"


class Lost(Exception):
    """The process ended without an answer; `by` is its exit code, below zero a signal."""

    def __init__(self, by: int) -> None:
        super().__init__(by)
        self.by = by


class Worker:
    """One process. Of our environment, in which there are passwords, it has what Python starts by alone; no terminal, and no files but its pipes."""

    def __init__(self) -> None:
        self._patience = STARTING
        path = [str(Path(entry).resolve()) for entry in sys.path]
        self._process = subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-s", "-P", "-X", "utf8", "-c", _START.format(path=path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={name: os.environ[name] for name in NEEDED if name in os.environ},
            start_new_session=True,  # Ctrl-C is ours to answer
        )

    def ask(self, job: Job, wait: float) -> bytes:
        """Its answer within so many seconds; `Lost` without one. A process that was lost has ended."""
        sent = pickle.dumps(job, protocol=pickle.HIGHEST_PROTOCOL)
        given, taken = self._process.stdin, self._process.stdout
        assert given is not None and taken is not None  # noqa: S101 - both are pipes
        patience, self._patience = self._patience, 0.0
        with self._deadline(wait + patience), suppress(OSError):
            given.write(LENGTH.pack(len(sent)))
            given.write(sent)
            given.flush()
            head = taken.read(LENGTH.size)
            size = LENGTH.unpack(head)[0] if len(head) == LENGTH.size else LARGEST + 1
            if size <= LARGEST and len(answer := taken.read(size)) == size:
                return answer
        raise Lost(self.end())

    @contextmanager
    def _deadline(self, seconds: float) -> Iterator[None]:
        timer = threading.Timer(seconds, self._process.kill)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    @property
    def number(self) -> int:
        return self._process.pid

    @property
    def lives(self) -> bool:
        return self._process.poll() is None

    def end(self) -> int:
        """At once, and leaves nothing behind; the exit code."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                pipe.close()  # type: ignore[union-attr]
        return self._process.wait()


class Pool:
    """Processes that wait, for threads that come for one: each page has a process to itself while it is drawn."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Worker] = []
        self._timer: threading.Timer | None = None

    @property
    def waiting(self) -> tuple[Worker, ...]:
        return tuple(self._waiting)

    def take(self) -> Worker:
        with self._lock:
            while self._waiting:
                worker = self._waiting.pop()
                if worker.lives:
                    return worker
                worker.end()
        return Worker()

    def give_back(self, worker: Worker) -> None:
        with self._lock:
            if len(self._waiting) < KEPT:
                self._waiting.append(worker)
                self._start_timer()
                return
        worker.end()

    def replace(self, worker: Worker) -> None:
        """Ends it, and has another one get ready: who mends a theme looks again at once."""
        worker.end()
        self.give_back(Worker())

    def _start_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = threading.Timer(IDLE_SECONDS, self.clear)
        self._timer.daemon = True
        self._timer.start()

    def clear(self) -> None:
        """Ends all that wait."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
        for worker in waiting:
            worker.end()

    def forget(self) -> None:
        """In a copy of this process: what waits is the other's."""
        self.__init__()  # type: ignore[misc]


POOL = Pool()
atexit.register(POOL.clear)
os.register_at_fork(after_in_child=POOL.forget)
