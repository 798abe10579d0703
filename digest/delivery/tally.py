"""How an edition's deliveries stand: counts, the next moment something is due, and what went wrong, of letters too."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, case, func, literal, or_, select

from digest.delivery.tables import DeliveryRow, WorkerRow
from digest.delivery.values import DeliveryState, Tally
from subscribers.tables import Subscriber, Subscription

FAILED = (DeliveryState.UNKNOWN, DeliveryState.REFUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsettled:
    """A delivery that did not arrive, or may not have: when, and by which process (`host`, `pid`; empty and 0 once forgotten) through which relay it
    was handed over. A letter has no edition. `newsletter` is empty when the reader was erased, `address` then and where it was not asked for."""

    delivery_id: int
    edition_id: int | None
    letter: str
    newsletter: str
    state: DeliveryState
    when: datetime
    attempts: int
    code: int
    text: str
    relay: str
    host: str
    pid: int
    address: str


def tally(connection: Connection, edition_id: int) -> Tally:
    """Counted in the index; only of what is queued the rows themselves are looked at."""
    ours = DeliveryRow.edition_id == edition_id
    found = connection.execute(select(DeliveryRow.state, func.count()).where(ours).group_by(DeliveryRow.state)).all()
    counts = {state.value: number for state, number in found}
    if DeliveryState.QUEUED.value in counts:
        tried = select(func.count()).where(ours, DeliveryRow.state == DeliveryState.QUEUED, DeliveryRow.attempts > 0)
        counts["deferred"] = connection.scalar(tried) or 0
    return Tally(**counts)


def next_due(connection: Connection, edition_id: int) -> datetime | None:
    """When the next queued delivery may be tried; None when nothing is queued."""
    where = (DeliveryRow.edition_id == edition_id, DeliveryRow.state == DeliveryState.QUEUED)
    return connection.scalar(select(func.min(DeliveryRow.next_at)).where(*where))


def last_hour(connection: Connection, edition_id: int) -> datetime | None:
    """When the last of those that were not tried yet is due; None when none waits."""
    where = (DeliveryRow.edition_id == edition_id, DeliveryRow.state == DeliveryState.QUEUED, DeliveryRow.attempts == 0)
    return connection.scalar(select(DeliveryRow.next_at).where(*where).order_by(DeliveryRow.next_at.desc()).limit(1))


def unsettled(connection: Connection, edition_ids: Collection[int], *, limit: int = 100, addresses: bool = False) -> tuple[Unsettled, ...]:
    """What is unknown or was refused of these editions, and of letters: what is unknown first, then the latest. Addresses only where a person asked
    for them."""
    columns = {
        "delivery_id": DeliveryRow.id,
        "edition_id": DeliveryRow.edition_id,
        "letter": DeliveryRow.letter,
        "newsletter": func.coalesce(Subscription.newsletter, ""),
        "state": DeliveryRow.state,
        "when": DeliveryRow.settled_at,
        "attempts": DeliveryRow.attempts,
        "code": DeliveryRow.code,
        "text": DeliveryRow.text,
        "relay": DeliveryRow.relay,
        "host": func.coalesce(WorkerRow.host, ""),
        "pid": func.coalesce(WorkerRow.pid, 0),
        "address": func.coalesce(Subscriber.address, "") if addresses else literal(""),
    }
    query: Select[*tuple[Any, ...]] = (
        select(*(column.label(name) for name, column in columns.items()))
        .select_from(DeliveryRow)
        .outerjoin(Subscription, Subscription.id == DeliveryRow.subscription_id)
        .outerjoin(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .outerjoin(WorkerRow, WorkerRow.id == DeliveryRow.lease)
        .where(or_(DeliveryRow.edition_id.in_(edition_ids), DeliveryRow.edition_id.is_(None)), DeliveryRow.state.in_(FAILED))
        .order_by(case((DeliveryRow.state == DeliveryState.UNKNOWN, 0), else_=1), DeliveryRow.settled_at.desc(), DeliveryRow.id.desc())
        .limit(limit)
    )
    return tuple(Unsettled(**row._mapping) for row in connection.execute(query))
