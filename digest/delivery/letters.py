"""Letters to one person in the queue of deliveries: rows without an edition, with the same marks, outcomes and history."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, exists, func, insert, literal, or_, select, update

from digest.delivery.tables import DeliveryRow
from digest.delivery.values import Claimed, DeliveryState
from digest.delivery.workers import alive
from subscribers.audience import mailable
from subscribers.tables import Subscriber, Subscription, SubscriptionState, Suppression, SuppressionReason

GONE = "not wanted any more: confirmed, left, suppressed or erased after it was queued"


class Letter(StrEnum):
    """Which letter it is; each goes only to whom it still fits when its turn comes."""

    CONFIRM = "confirm"  # asks for the second yes: to whoever has not said it yet
    ALREADY = "already"  # somebody asked for what they get already
    WELCOME = "welcome"  # after the second yes
    DATA = "data"  # the way to all that is kept of them


class ClaimedLetter(NamedTuple):
    """A letter this worker may hand over. `newsletter` is that of the subscription it was queued for."""

    letter: Letter
    reader: Claimed
    subscriber_id: int
    newsletter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterStand:
    """How letters stand: of those that wait, `deferred` were put off by a relay; what failed is counted since a moment."""

    waiting: int = 0
    deferred: int = 0
    sending: int = 0
    refused: int = 0
    unknown: int = 0
    waiting_since: datetime | None = None  # since when the oldest that is due has been


def enqueue(connection: Connection, subscription_id: int, letter: Letter, *, at: datetime) -> None:
    """A letter to the person of this subscription, not before `at`."""
    row = {"subscription_id": subscription_id, "letter": letter.value, "state": DeliveryState.QUEUED, "next_at": at}
    connection.execute(insert(DeliveryRow).values(edition_id=None, attempts=0, lease="", relay="", code=0, text="", **row))


def any_due(connection: Connection, lease: str, now: datetime) -> bool:
    """Whether there is anything to claim, or to take up from a dead worker, or from the worker `lease` itself: it asks, and has none under way."""
    queued = and_(DeliveryRow.state == DeliveryState.QUEUED, DeliveryRow.next_at <= now)
    left = and_(DeliveryRow.state == DeliveryState.SENDING, or_(DeliveryRow.lease == lease, ~alive(DeliveryRow.lease, now).correlate(DeliveryRow)))
    found = (exists().where(_is_letter(), which) for which in (queued, left))
    return bool(connection.scalar(select(or_(*found))))


def claim_letters(connection: Connection, *, lease: str, now: datetime, limit: int) -> tuple[ClaimedLetter, ...]:
    """Up to `limit` letters that are due, now under `lease`; nobody else gets them while that worker lives. Empty: nothing is due.

    What does not fit its reader any more is settled as skipped on the way.
    """
    claiming = update(DeliveryRow).where(DeliveryRow.id.in_(_due(connection, now, limit))).values(state=DeliveryState.SENDING, lease=lease)
    while ids := connection.scalars(claiming.returning(DeliveryRow.id)).all():
        claimed = _wanted_of(connection, ids)
        _skip(connection, set(ids) - {one.reader.delivery_id for one in claimed}, now)
        if claimed:
            return claimed
    return ()


def begin_letter(connection: Connection, lease: str, delivery_id: int, relay: str, now: datetime) -> bool:
    """Marks a letter as being handed over, right before it is done; commit before handing over. False: it is no longer ours, or no longer fits."""
    ours = (DeliveryRow.id == delivery_id, DeliveryRow.lease == lease, DeliveryRow.state == DeliveryState.SENDING, DeliveryRow.begun_at.is_(None))
    reader = select(Subscription.id).join(Subscriber, Subscriber.id == Subscription.subscriber_id)
    fits = exists(reader.where(Subscription.id == DeliveryRow.subscription_id, _fits()).correlate(DeliveryRow))
    marked = update(DeliveryRow).where(*ours, alive(literal(lease), now), fits).values(begun_at=now, relay=relay)
    return connection.execute(marked).rowcount == 1


def stand(connection: Connection, now: datetime, *, failed_since: datetime) -> LetterStand:
    """One query."""
    queued = DeliveryRow.state == DeliveryState.QUEUED
    counts = {
        "waiting": queued,
        "deferred": and_(queued, DeliveryRow.attempts > 0),
        "sending": DeliveryRow.state == DeliveryState.SENDING,
        "refused": DeliveryRow.state == DeliveryState.REFUSED,
        "unknown": DeliveryRow.state == DeliveryState.UNKNOWN,
    }
    numbers = (func.coalesce(func.sum(case((which, 1), else_=0)), 0).label(name) for name, which in counts.items())
    oldest = func.min(case((and_(queued, DeliveryRow.next_at <= now), DeliveryRow.next_at))).label("waiting_since")
    shown = or_(DeliveryRow.state.in_((DeliveryState.QUEUED, DeliveryState.SENDING)), DeliveryRow.settled_at >= failed_since)
    return LetterStand(**connection.execute(select(*numbers, oldest).where(_is_letter(), shown)).one()._mapping)


def _is_letter() -> ColumnElement[bool]:
    return DeliveryRow.edition_id.is_(None)


def _fits() -> ColumnElement[bool]:
    """Of a letter joined with its subscription and subscriber. Who was erased may come back by their own wish: the second yes lifts that."""
    unconfirmed = Subscription.state == SubscriptionState.PENDING
    bounced = (SuppressionReason.BOUNCE, SuppressionReason.COMPLAINT)
    return or_(
        and_(DeliveryRow.letter == Letter.CONFIRM, unconfirmed, ~_suppressed(*bounced, SuppressionReason.BY_HAND)),
        and_(DeliveryRow.letter.in_((Letter.ALREADY, Letter.WELCOME)), mailable()),
        and_(DeliveryRow.letter == Letter.DATA, ~_suppressed(*bounced)),
    )


def _suppressed(*reasons: SuppressionReason) -> ColumnElement[bool]:
    return exists().where(Suppression.address_hash == Subscriber.address_hash, Suppression.reason.in_(reasons))


def _due(connection: Connection, now: datetime, limit: int) -> Select[int]:
    where = (_is_letter(), DeliveryRow.state == DeliveryState.QUEUED, DeliveryRow.next_at <= now)
    query = select(DeliveryRow.id).where(*where).order_by(DeliveryRow.next_at, DeliveryRow.id).limit(limit)
    # As in `queue`: a CTE for PostgreSQL, which may run a plain subquery more than once.
    return select(query.with_for_update(skip_locked=True).cte("locked").c.id) if connection.dialect.name == "postgresql" else query


def _skip(connection: Connection, ids: Collection[int], now: datetime) -> None:
    if ids:
        skipped = update(DeliveryRow).where(DeliveryRow.id.in_(ids))
        connection.execute(skipped.values(state=DeliveryState.SKIPPED, lease="", settled_at=now, text=GONE))


def _wanted_of(connection: Connection, ids: Sequence[int]) -> tuple[ClaimedLetter, ...]:
    columns = {
        "delivery_id": DeliveryRow.id,
        "subscription_id": Subscription.id,
        "subscription_token": Subscription.public_id,
        "subscriber_token": Subscriber.public_id,
        "attempts": DeliveryRow.attempts,
        **{name: getattr(Subscriber, name) for name in ("address", "name", "language", "time_zone")},
    }
    query = (
        select(*(column.label(name) for name, column in columns.items()), DeliveryRow.letter, Subscription.subscriber_id, Subscription.newsletter)
        .join(Subscription, Subscription.id == DeliveryRow.subscription_id)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .where(DeliveryRow.id.in_(ids), _fits())
        .order_by(DeliveryRow.next_at, DeliveryRow.id)
    )
    return tuple(_claimed(row, columns) for row in connection.execute(query))


def _claimed(row: Row[*tuple[Any, ...]], columns: Collection[str]) -> ClaimedLetter:
    reader = Claimed(**{name: row._mapping[name] for name in columns})
    return ClaimedLetter(letter=Letter(row.letter), reader=reader, subscriber_id=row.subscriber_id, newsletter=row.newsletter)
