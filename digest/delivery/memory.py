"""Messages kept in a list: for programs that embed the package, and for tests."""

from collections.abc import Callable

from digest.delivery.steps import Steps, at_once
from digest.delivery.values import Envelope, Outcome, OutcomeKind


def accept(envelope: Envelope) -> Outcome:
    return Outcome(kind=OutcomeKind.ACCEPTED, code=250, text="kept in memory")


class MemoryTransport:
    """`sent` holds what was accepted, in order. `answer` may refuse, put off or raise `TransportDown`."""

    def __init__(self, answer: Callable[[Envelope], Outcome] = accept, *, idempotent: bool = False) -> None:
        self.sent: list[Envelope] = []
        self.idempotent = idempotent
        self._answer = answer

    def hand_over(self, envelope: Envelope, following: Envelope | None = None) -> Steps[Outcome]:
        outcome = self._answer(envelope)
        if outcome.kind is OutcomeKind.ACCEPTED:
            self.sent.append(envelope)
        return at_once(outcome)

    def leave(self) -> Steps[None]:
        return at_once(None)

    def close(self) -> None:
        return None
