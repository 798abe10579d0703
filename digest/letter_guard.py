"""How close together letters to one mailbox may be: whoever fills in a form, its owner is not flooded, and no wish is forgotten."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, exists, select, update

from digest.delivery.letters import Letter, enqueue
from digest.delivery.tables import DeliveryRow
from digest.delivery.values import DeliveryState
from digest.limits import Limit, allow
from digest.settings import PageLimits
from subscribers.tables import Subscriber, Subscription

DAY = timedelta(days=1)
# A form sent twice by a double click, or by fifty at once, is one wish: the letter that was queued for the first of them answers all.
ONE_ACT = timedelta(minutes=1)
ON_ITS_WAY = (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.ACCEPTED, DeliveryState.UNKNOWN)
# A moment further off than any letter is put off comes from a clock that was put right since.
FAR = 8


def queue(connection: Connection, limits: PageLimits, subscription_id: int, letter: Letter, *, asked_at: datetime, now: datetime, key: str) -> bool:
    """Queues a letter to the person of this subscription: now, or `resend_minutes` after the one before. Whether one is on its way.

    One that is on its way already, or was sent at the moment of asking, serves for this wish, too; and no mailbox gets more than
    `letters_per_mailbox`. The caller holds the person (see `subscribers/change.py`).
    """
    person = select(Subscriber.id, Subscriber.address_hash, Subscriber.letter_at).join(Subscription, Subscription.subscriber_id == Subscriber.id)
    subscriber_id, digest, before = connection.execute(person.where(Subscription.id == subscription_id)).one()
    if _on_its_way(connection, subscriber_id, letter, asked_at):
        return True
    at = _moment(before, timedelta(minutes=limits.resend_minutes), now)
    unchanged = Subscriber.letter_at.is_(None) if before is None else Subscriber.letter_at == before
    taken = update(Subscriber).where(Subscriber.id == subscriber_id, unchanged).values(letter_at=at)
    if connection.execute(taken).rowcount == 0:
        return True  # somebody else was quicker, and theirs is on its way
    if not allow(connection, Limit(what="letter", count=limits.letters_per_mailbox, period=DAY), digest, key=key, now=now):
        return False
    enqueue(connection, subscription_id, letter, at=at)
    return True


def _on_its_way(connection: Connection, subscriber_id: int, letter: Letter, asked_at: datetime) -> bool:
    # Whoever has just been welcomed need not be told that they get it already.
    same = (letter, Letter.WELCOME) if letter is Letter.ALREADY else (letter,)
    theirs = select(Subscription.id).where(Subscription.subscriber_id == subscriber_id)
    answers = (DeliveryRow.letter.in_(same), DeliveryRow.state.in_(ON_ITS_WAY), DeliveryRow.next_at >= asked_at - ONE_ACT)
    return bool(connection.scalar(select(exists().where(DeliveryRow.subscription_id.in_(theirs), *answers))))


def _moment(before: datetime | None, gap: timedelta, now: datetime) -> datetime:
    if before is None or not now - gap < before < now + FAR * gap:
        return now
    return before + gap
