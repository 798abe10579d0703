"""Messages kept in a list: for programs that embed the package, and for tests."""

from collections.abc import Callable
from types import TracebackType
from typing import Self

from digest.delivery.values import Envelope, Outcome, OutcomeKind


def accept(envelope: Envelope) -> Outcome:
    return Outcome(kind=OutcomeKind.ACCEPTED, code=250, text="kept in memory")


class MemoryTransport:
    """`sent` holds what was accepted, in order. `answer` may refuse, put off or raise `TransportDown`."""

    def __init__(self, answer: Callable[[Envelope], Outcome] = accept, *, idempotent: bool = False) -> None:
        self.sent: list[Envelope] = []
        self.idempotent = idempotent
        self._answer = answer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        return None

    def send(self, envelope: Envelope) -> Outcome:
        outcome = self._answer(envelope)
        if outcome.kind is OutcomeKind.ACCEPTED:
            self.sent.append(envelope)
        return outcome
