"""Group commit: what several threads want written at the same time goes into one transaction.

A transaction costs far more than a row in it. Whoever comes while one is being written waits for it, and the first of those who waited then writes for
all of them: ten connections pay for one transaction in ten messages each, and none waits longer than for two.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Entry = TypeVar("Entry")
Answer = TypeVar("Answer")


class _Turn(Generic[Entry, Answer]):
    __slots__ = ("answers", "entry", "error")

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.answers: list[Answer] = []
        self.error: BaseException | None = None


class GroupCommit(Generic[Entry, Answer]):
    """`write` gets the entries of one transaction and gives an answer for each, in order. It is never called by two threads at once."""

    def __init__(self, write: Callable[[Sequence[Entry]], Sequence[Answer]]) -> None:
        self._write = write
        self._waiting: list[_Turn[Entry, Answer]] = []
        self._queueing = threading.Lock()
        self._writing = threading.Lock()

    def __call__(self, entry: Entry) -> Answer:
        """The answer to this entry, once it is written; what `write` raised, where it failed for the group."""
        turn: _Turn[Entry, Answer] = _Turn(entry)
        with self._queueing:
            self._waiting.append(turn)
        with self._writing:
            if not turn.answers and turn.error is None:
                self._write_all()
        if turn.error is not None:
            raise turn.error
        return turn.answers[0]

    def _write_all(self) -> None:
        with self._queueing:
            turns, self._waiting = self._waiting, []
        try:
            answers = self._write([turn.entry for turn in turns])
        except BaseException as error:
            for turn in turns:
                turn.error = error
            return
        for turn, answer in zip(turns, answers, strict=True):
            turn.answers.append(answer)
