"""A look at an edition in a real mail program: the preview's bytes, to an address that somebody names, past the queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from digest.accounts import log
from digest.accounts.roles import Deed
from digest.delivery.route import Route
from digest.delivery.values import Claimed, Outcome, OutcomeKind
from digest.editions import store
from digest.errors import DigestError
from digest.limits import Limit, allow
from digest.newsletter import Newsletter
from digest.personal import SAMPLE
from digest.preview import preview_message
from digest.review.hand_in import hand_in
from digest.settings import Settings
from subscribers.address import parse_address

TESTS = Limit(what="test mail", count=20, period=timedelta(hours=1))
TOO_MANY = "That were 20 test mails in an hour: wait a few minutes, and send the next one then."
WORDS = {
    OutcomeKind.ACCEPTED: "It is on its way.",
    OutcomeKind.DEFERRED: "The relay does not take it now: try again in a while.",
    OutcomeKind.REFUSED: "The relay refuses it.",
    OutcomeKind.HELD: "The relay refuses you as a sender.",
    OutcomeKind.UNKNOWN: "It was handed over, but the relay never answered: look whether it arrives.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What became of a test: whether it was taken, and that in words, with those of the relay where it said any."""

    taken: bool
    words: str
    notes: tuple[str, ...] = ()


def send_test(
    engine: Engine,
    settings: Settings,
    newsletter: Newsletter,
    slot: datetime,
    address: str,
    *,
    who: str,
    now: datetime,
    keys: list[str],
    routes: Sequence[Route],
    reader: Claimed = SAMPLE,
) -> Tried:
    """Hands the slot's edition, as `reader` would get it, to the relay for `address`: byte for byte its preview, with this address as its reader's.

    `BadAddress` for what is none, `DigestError` for more than 20 an hour by the same person, `TransportDown` where no relay can be reached.
    """
    theirs = reader._replace(address=parse_address(address).address)
    previewed = preview_message(engine, settings, newsletter, slot, theirs, keys=keys)
    with engine.begin() as connection:
        if not allow(connection, TESTS, who, key=keys[-1], now=now):
            raise DigestError(TOO_MANY)
        found = store.find(connection, newsletter.slug, newsletter.cadence, slot)
        log.write(connection, at=now, who=who, what=Deed.TEST, newsletter=newsletter.slug, edition_id=found.id if found else None)
    # In a folder it does not take the place of another test.
    envelope = previewed.envelope._replace(name=f"test-{previewed.envelope.name}-{theirs.address}")
    outcome = hand_in(routes, envelope)
    return Tried(taken=outcome.kind is OutcomeKind.ACCEPTED, words=_words(outcome), notes=previewed.notes)


def _words(outcome: Outcome) -> str:
    if outcome.kind is OutcomeKind.ACCEPTED or not outcome.text:
        return WORDS[outcome.kind]
    return f"{WORDS[outcome.kind]} It says: {f'{outcome.code} ' if outcome.code else ''}{outcome.text}"
