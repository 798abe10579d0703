"""How close together letters to one mailbox may be: whoever fills in a form, its owner is not flooded, and no wish is forgotten."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, false, or_, select, true, update

from digest.delivery.letters import Letter, enqueue
from digest.delivery.tables import DeliveryRow
from digest.delivery.values import DeliveryState
from digest.limits import Limit, allow
from digest.publication import PageLimits
from subscribers.tables import Subscriber, Subscription, SubscriptionState

DAY = timedelta(days=1)
# A form sent twice by a double click, or by fifty at once, is one wish: the letter that was queued for the first of them answers all.
ONE_ACT = timedelta(minutes=1)
WRITTEN = (DeliveryState.SENDING, DeliveryState.ACCEPTED, DeliveryState.UNKNOWN)
# What a letter that waits is skipped for if it is not so (see `delivery/letters.py`).
FITS = {Letter.CONFIRM: SubscriptionState.PENDING, Letter.ALREADY: SubscriptionState.CONFIRMED}
# A moment further off than any letter is put off comes from a clock that was put right since.
FAR = 8
FAR_LETTER = timedelta(days=7)  # that long no relay and no domain keeps one waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A letter to the person of a subscription. `news`: it has to tell what no letter that is written yet can."""

    subscription_id: int
    letter: Letter
    asked_at: datetime
    news: bool = False


def queue(connection: Connection, limits: PageLimits, wanted: Wanted, *, now: datetime, key: str) -> bool:
    """Queues the letter: now, or `resend_minutes` after the one before. Whether one is on its way.

    One that waits already, or was written at the moment of asking and tells the same, serves for this wish, too; and no mailbox gets more than
    `letters_per_mailbox`. The caller holds the person (see `subscribers/change.py`).
    """
    person = select(Subscriber.id, Subscriber.address_hash, Subscriber.letter_at).join(Subscription, Subscription.subscriber_id == Subscriber.id)
    subscriber_id, digest, before = connection.execute(person.where(Subscription.id == wanted.subscription_id)).one()
    if _on_its_way(connection, subscriber_id, wanted, now):
        return True
    at = _moment(before, timedelta(minutes=limits.resend_minutes), now)
    unchanged = Subscriber.letter_at.is_(None) if before is None else Subscriber.letter_at == before
    taken = update(Subscriber).where(Subscriber.id == subscriber_id, unchanged).values(letter_at=at)
    if connection.execute(taken).rowcount == 0:
        return True  # somebody else was quicker, and theirs is on its way
    if not _spend(connection, limits, digest, now=now, key=key):
        return False
    enqueue(connection, wanted.subscription_id, wanted.letter, at=at)
    return True


def allowed(connection: Connection, limits: PageLimits, subscriber: str, *, now: datetime, key: str) -> bool:
    """Whether the mailbox of the person with this public id may get one more letter today; if so it counts."""
    digest = connection.scalar(select(Subscriber.address_hash).where(Subscriber.public_id == subscriber))
    return digest is not None and _spend(connection, limits, digest, now=now, key=key)


def _spend(connection: Connection, limits: PageLimits, digest: str, *, now: datetime, key: str) -> bool:
    return allow(connection, Limit(what="letter", count=limits.letters_per_mailbox, period=DAY), digest, key=key, now=now)


def _on_its_way(connection: Connection, subscriber_id: int, wanted: Wanted, now: datetime) -> bool:
    # Whoever has just been welcomed need not be told that they get it already.
    same = (wanted.letter, Letter.WELCOME) if wanted.letter is Letter.ALREADY else (wanted.letter,)
    fits = Subscription.state == FITS[wanted.letter] if wanted.letter in FITS else true()
    waits = and_(DeliveryRow.state == DeliveryState.QUEUED, fits)
    written = and_(DeliveryRow.state.in_(WRITTEN), false() if wanted.news else true())
    query = select(DeliveryRow.id).join(Subscription, Subscription.id == DeliveryRow.subscription_id)
    begin = wanted.asked_at - ONE_ACT
    theirs = (Subscription.subscriber_id == subscriber_id, DeliveryRow.letter.in_(same), DeliveryRow.next_at.between(begin, now + FAR_LETTER))
    return connection.scalar(query.where(*theirs, or_(waits, written)).limit(1)) is not None


def _moment(before: datetime | None, gap: timedelta, now: datetime) -> datetime:
    if before is None or not now - gap < before < now + FAR * gap:
        return now
    return before + gap
