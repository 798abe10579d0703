"""Work that has to wait: a generator that yields what it waits for and is resumed when that has come. Many of them share one thread (see `loop`)."""

import select
import socket
import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future
from time import monotonic
from typing import Any, NamedTuple, TypeVar

Result = TypeVar("Result")
# Yields waits; a wait whose time is over is answered by a TimeoutError.
Steps = Generator[Any, Any, Result]


class Readable(NamedTuple):
    """Something can be read from the line, until that moment by `time.monotonic`."""

    line: socket.socket
    until: float


class Writable(NamedTuple):
    line: socket.socket
    until: float


class Later(NamedTuple):
    until: float


Wait = Readable | Writable | Later | Future[Any]


def at_once(result: Result) -> Steps[Result]:
    """Steps of what needs not wait."""
    yield from ()
    return result


def finish(steps: Steps[Result]) -> Result:
    """Goes through the steps alone, waiting wherever they wait."""
    try:
        wait = next(steps)
        while True:
            try:
                answer = _wait(wait)
            except Exception as error:
                wait = steps.throw(error)
            else:
                wait = steps.send(answer)
    except StopIteration as done:
        result: Result = done.value
        return result


def in_background(work: Callable[[], Result]) -> Future[Result]:
    """What can only be done blocking (opening a connection: names are looked up) is done in a thread of its own, and waited for as anything else."""
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True, name="background").start()
    return future


def _wait(wait: Wait) -> object:
    if isinstance(wait, Future):
        return wait.result()
    left = max(0.0, wait.until - monotonic())
    if isinstance(wait, Later):
        threading.Event().wait(left)
        return None
    poll = select.poll()
    poll.register(wait.line, select.POLLIN if isinstance(wait, Readable) else select.POLLOUT)
    if not poll.poll(left * 1000):
        raise TimeoutError
    return None
