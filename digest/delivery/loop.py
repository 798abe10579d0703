"""Many hand-overs at once in one thread, and what they have to write, in one transaction for many (group commit).

A transaction costs far more than a row in it, and a thread for each connection costs more in taking turns than in work. So each connection is a
generator (see `steps`); what it yields that is no wait is an entry to be written, and it goes on with the answer once that is done. Entries are kept
back for a few milliseconds, as long as enough other connections have the relay at work.
"""

import select
import socket
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from time import monotonic
from typing import Any, Generic, TypeVar

from digest.delivery.steps import Later, Readable, Writable

Entry = TypeVar("Entry")
Answer = TypeVar("Answer")
Task = Generator[Any, Any, None]
Ended = Callable[[BaseException | None], None]

LINGER_SECONDS = 0.004  # an entry is kept back that long for others to join it: little beside a relay's own time for a message
# With half of them the transactions cost 7 µs more a mail; with nine tenths the relay has nothing to do meanwhile.
SHARE = 0.7  # of the tasks that are under way: so many entries are written at once
LOOK_SECONDS = 0.5  # how often time limits are looked at


class Loop(Generic[Entry, Answer]):
    """`write` gets the entries of one transaction and gives an answer for each, in order."""

    def __init__(self, write: Callable[[Sequence[Entry]], Sequence[Answer]]) -> None:
        self._write = write
        self._ready: deque[tuple[Task, Any, BaseException | None]] = deque()
        self._ended: dict[Task, Ended] = {}
        self._lines: dict[int, tuple[Task, float]] = {}  # by file descriptor: who waits for it, and how long at most
        self._later: dict[Task, float] = {}
        self._entries: list[tuple[Task, Entry]] = []
        self._first_entry_at = 0.0
        self._looked_at = 0.0
        self._poll = select.poll()
        self._done: deque[tuple[Task, Future[Any]]] = deque()  # filled by the threads that a future is done in
        self._waker, self._woken = socket.socketpair()
        self._woken.settimeout(0)
        self._poll.register(self._woken, select.POLLIN)

    def add(self, task: Task, ended: Ended) -> None:
        """Takes part from now on. `ended` is told when it is over, and of the exception it ended with."""
        self._ended[task] = ended
        self._ready.append((task, None, None))

    def __len__(self) -> int:
        return len(self._ended)

    def run(self) -> None:
        """Comes back when every task has ended. Whatever interrupts it closes them all."""
        try:
            while self._ended:
                while self._ready:
                    self._step(*self._ready.popleft())
                if self._entries and self._enough():
                    self._write_entries()
                elif self._ended:
                    self._wait()
        finally:
            for task in tuple(self._ended):
                task.close()
            self._waker.close()
            self._woken.close()

    def _step(self, task: Task, answer: Any, error: BaseException | None) -> None:
        try:
            wait = task.send(answer) if error is None else task.throw(error)
        except StopIteration:
            self._ended.pop(task)(None)
        except Exception as failure:
            self._ended.pop(task)(failure)
        else:
            self._take(task, wait)

    def _take(self, task: Task, wait: Any) -> None:
        if isinstance(wait, Readable):
            self._lines[wait.line.fileno()] = (task, wait.until)
            self._poll.register(wait.line, select.POLLIN)
        elif isinstance(wait, Writable):
            self._lines[wait.line.fileno()] = (task, wait.until)
            self._poll.register(wait.line, select.POLLOUT)
        elif isinstance(wait, Later):
            self._later[task] = wait.until
        elif isinstance(wait, Future):
            wait.add_done_callback(lambda done: self._wake(task, done))
        else:
            if not self._entries:
                self._first_entry_at = monotonic()
            self._entries.append((task, wait))

    def _enough(self) -> bool:
        under_way = len(self._lines)
        return len(self._entries) >= SHARE * (len(self._entries) + under_way) or monotonic() >= self._first_entry_at + LINGER_SECONDS

    def _write_entries(self) -> None:
        entries, self._entries = self._entries, []
        try:
            answers = self._write([entry for _, entry in entries])
        except Exception as error:
            self._ready.extend((task, None, error) for task, _ in entries)
            return
        self._ready.extend((task, answer, None) for (task, _), answer in zip(entries, answers, strict=True))

    def _wait(self) -> None:
        now = monotonic()
        until = min((*self._later.values(), now + LOOK_SECONDS))
        if self._entries:
            until = min(until, self._first_entry_at + LINGER_SECONDS)
        for descriptor, _ in self._poll.poll(max(0.0, until - now) * 1000):
            if descriptor == self._woken.fileno():
                self._take_done()
            else:
                self._poll.unregister(descriptor)
                self._ready.append((self._lines.pop(descriptor)[0], None, None))
        self._look_at_the_time()

    def _look_at_the_time(self) -> None:
        now = monotonic()
        for task in [task for task, until in self._later.items() if until <= now]:
            del self._later[task]
            self._ready.append((task, None, None))
        if now < self._looked_at + LOOK_SECONDS:
            return
        self._looked_at = now
        for descriptor in [descriptor for descriptor, (_, until) in self._lines.items() if until <= now]:
            self._poll.unregister(descriptor)
            self._ready.append((self._lines.pop(descriptor)[0], None, TimeoutError()))

    def _wake(self, task: Task, done: Future[Any]) -> None:
        """Called in another thread, or at once."""
        self._done.append((task, done))
        with suppress(OSError):  # the loop is over
            self._waker.send(b"!")

    def _take_done(self) -> None:
        self._woken.recv(4096)
        while self._done:
            task, done = self._done.popleft()
            error = done.exception()
            self._ready.append((task, None if error else done.result(), error))
