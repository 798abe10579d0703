"""Few at a time, few in line: what is dear is not done as often as strangers ask for it."""

from threading import BoundedSemaphore

from digest.errors import TooBusy


class Turns:
    """`with turns:` lets `at_once` in, and `in_line` wait for them; whoever comes then is told at once that it is `TooBusy`."""

    def __init__(self, *, at_once: int, in_line: int) -> None:
        self._inside = BoundedSemaphore(at_once)
        self._there = BoundedSemaphore(at_once + in_line)

    def __enter__(self) -> None:
        if not self._there.acquire(blocking=False):
            raise TooBusy("Many people sign in just now. Try again in a moment.")
        self._inside.acquire()

    def __exit__(self, *error: object) -> None:
        self._inside.release()
        self._there.release()
