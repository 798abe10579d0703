"""What passes between queue, message and transport: all frozen."""

from dataclasses import dataclass
from enum import StrEnum


class DeliveryState(StrEnum):
    QUEUED = "queued"  # waits for its time
    SENDING = "sending"  # claimed by a worker under a lease; nothing handed over before `begun_at` is set
    ACCEPTED = "accepted"  # the relay took it
    REFUSED = "refused"  # 5xx: it will not be taken
    SKIPPED = "skipped"  # the reader left or was suppressed after it was queued
    UNKNOWN = "unknown"  # handed over, the answer never learnt: visible, and sent again only if the newsletter says so


class OutcomeKind(StrEnum):
    ACCEPTED = "accepted"
    DEFERRED = "deferred"  # 4xx, or the connection failed before the message was handed over
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a transport says of one envelope. `code` is the SMTP reply code, 0 where there was none."""

    kind: OutcomeKind
    code: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """One message to one reader: `data` is the whole message with CRLF line ends, headers and body, not dot-stuffed.

    `name` is unique per delivery and stable over every try: file-like transports name the file by it.
    """

    name: str
    sender: str
    recipient: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A delivery this worker may hand over, with what is needed of its reader."""

    delivery_id: int
    subscription_id: int
    subscription_token: str  # the subscription's public id
    subscriber_token: str  # the subscriber's public id
    address: str
    name: str
    language: str
    time_zone: str
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    delivery_id: int
    outcome: Outcome


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

    @property
    def total(self) -> int:
        return self.queued + self.sending + self.accepted + self.refused + self.skipped + self.unknown

    @property
    def open(self) -> int:
        return self.queued + self.sending
