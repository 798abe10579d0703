"""What passes between queue, message and transport: all frozen."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class DeliveryState(StrEnum):
    QUEUED = "queued"  # waits for its time
    SENDING = "sending"  # claimed by a worker under a lease; nothing handed over before `begun_at` is set
    ACCEPTED = "accepted"  # the relay took it
    REFUSED = "refused"  # 5xx: it will not be taken
    SKIPPED = "skipped"  # the reader left or was suppressed after it was queued
    HELD = "held"  # its domain refuses us as a sender: waits until a person has seen to it
    CANCELLED = "cancelled"  # the edition was cancelled before its turn
    UNKNOWN = "unknown"  # handed over, the answer never learnt: visible, and sent again only if the newsletter says so


class Step(StrEnum):
    """Where in a mail transaction an answer was given: it decides whom it concerns."""

    CONNECT = "connect"  # greeting, EHLO, STARTTLS, AUTH: the relay
    MAIL = "mail"  # us as a sender, or the relay
    RCPT = "rcpt"  # the reader, or the reader's domain
    DATA = "data"
    END = "end"  # after the final dot: the message, the reader or the domain


class OutcomeKind(StrEnum):
    ACCEPTED = "accepted"
    DEFERRED = "deferred"  # 4xx, or the connection failed before the message was handed over
    REFUSED = "refused"
    UNKNOWN = "unknown"
    HELD = "held"  # refused for what the sender is, not the reader: waits for a person


class Outcome(NamedTuple):
    """What a transport says of one envelope. `code` is the SMTP reply code, 0 where there was none. A tuple, for one is made for every mail."""

    kind: OutcomeKind
    code: int = 0
    text: str = ""
    step: Step | None = None  # None where there was no reply


class Envelope(NamedTuple):
    """One message to one reader: `parts`, one after another, are the whole message with CRLF line ends, headers and body, not dot-stuffed. Nearly all
    of it is the same for every reader: in parts it goes from where it lies to the socket, never copied.

    `name` is unique per delivery and stable over every try: file-like transports name the file by it. `clean` promises that the message holds no bare
    CR or LF and no line that begins with a dot, and ends with CRLF, `seven_bit` that it is ASCII: compiled bytes are made so once, and need not be
    looked through again.
    """

    name: str
    sender: str
    recipient: str
    parts: tuple[bytes, ...]
    clean: bool = False
    seven_bit: bool = False

    @property
    def data(self) -> bytes:
        return b"".join(self.parts)


class Claimed(NamedTuple):
    """A delivery this worker may hand over, with what is needed of its reader. A tuple, for one is made for every mail.

    What stands behind `attempts` is known only of an edition that is not the same for everybody."""

    delivery_id: int
    subscription_id: int
    subscription_token: str  # the subscription's public id
    subscriber_token: str  # the subscriber's public id
    address: str
    name: str
    language: str
    time_zone: str
    attempts: int
    plan: str = ""  # its key; empty: what everybody gets
    hour: int | None = None  # of their own day; None: the newsletter's
    due: datetime | None = None  # when it was

    @property
    def domain(self) -> str:
        """Of the address, in lower case: what a pace is kept for."""
        return self.address.rpartition("@")[2].lower()


class Settled(NamedTuple):
    """What became of a delivery, and through which relay. `returned`: not handed over, for no fault of this reader's, so no try is counted."""

    delivery_id: int
    outcome: Outcome
    relay: str = ""
    returned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How an edition's deliveries stand. They add up: `total` is the sum of the rest."""

    queued: int = 0  # of these, `deferred` wait after a 4xx
    deferred: int = 0
    sending: int = 0
    accepted: int = 0
    refused: int = 0
    skipped: int = 0
    unknown: int = 0
    held: int = 0
    cancelled: int = 0

    @property
    def total(self) -> int:
        return self.open + self.accepted + self.refused + self.skipped + self.unknown + self.cancelled

    @property
    def open(self) -> int:
        """What keeps an edition from being sent."""
        return self.queued + self.sending + self.held
