"""The one seam of the delivery side: what takes envelopes and answers with outcomes."""

from typing import Protocol

from digest.delivery.steps import Steps
from digest.delivery.values import Envelope, Outcome


class Transport(Protocol):
    """A way out for messages, one at a time. Making one connects to nothing."""

    def hand_over(self, envelope: Envelope, following: Envelope | None = None) -> Steps[Outcome]:
        """Hands one message over: steps that wait (see `steps`) and end in the outcome. `TransportDown` when the way out as a whole is shut: this
        message was not handed over, nor can the next be.

        `following` is what will most likely be handed over next. A transport may announce it behind this one (MAIL, RCPT, DATA), but nothing of its
        content leaves before a call of its own, which need not come.
        """

    def leave(self) -> Steps[None]:
        """Takes its leave of the relay."""

    def close(self) -> None:
        """Lets go of whatever it holds, at once."""
