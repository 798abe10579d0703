"""The one seam of the delivery side: what takes envelopes and answers with outcomes."""

from types import TracebackType
from typing import Protocol, Self

from digest.delivery.values import Envelope, Outcome


class Transport(Protocol):
    """A way out for messages, used by one thread at a time, within `with`. Making one connects to nothing."""

    @property
    def idempotent(self) -> bool:
        """Whether the same envelope (by its name) may be handed over twice and is there once."""

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...

    def send(self, envelope: Envelope, following: Envelope | None = None) -> Outcome:
        """Hands one message over. `TransportDown` when the way out as a whole is shut: this message was not handed over, nor can the next be.

        `following` is what will most likely be sent next. A transport may announce it behind this one (MAIL, RCPT, DATA), but hands nothing of its
        content over: that is only done by a call of its own, which need not come.
        """
