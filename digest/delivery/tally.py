"""How an edition's deliveries stand: counts, the next moment something is due, and what went wrong."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, func, literal, select

from digest.delivery.tables import DeliveryRow
from digest.delivery.values import DeliveryState, Tally
from subscribers.tables import Subscriber, Subscription

FAILED = (DeliveryState.UNKNOWN, DeliveryState.REFUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsettled:
    """A delivery that did not arrive, or may not have. `address` is empty where it was not asked for, or the reader was erased."""

    delivery_id: int
    edition_id: int
    state: DeliveryState
    when: datetime
    attempts: int
    code: int
    text: str
    address: str


def tally(connection: Connection, edition_id: int) -> Tally:
    tried = func.sum(case((DeliveryRow.attempts > 0, 1), else_=0))
    query = select(DeliveryRow.state, func.count(), tried).where(DeliveryRow.edition_id == edition_id).group_by(DeliveryRow.state)
    counts: dict[str, int] = {}
    for state, number, tried_before in connection.execute(query):
        counts[state.value] = number
        if state is DeliveryState.QUEUED:
            counts["deferred"] = tried_before
    return Tally(**counts)


def next_due(connection: Connection, edition_id: int) -> datetime | None:
    """When the next queued delivery may be tried; None when nothing is queued."""
    where = (DeliveryRow.edition_id == edition_id, DeliveryRow.state == DeliveryState.QUEUED)
    return connection.scalar(select(func.min(DeliveryRow.next_at)).where(*where))


def unsettled(connection: Connection, *, edition_id: int | None = None, limit: int = 100, addresses: bool = False) -> tuple[Unsettled, ...]:
    """What was refused or is unknown, of one edition or of all, the latest first. Readers' addresses only where a person asked for them."""
    columns = {
        "delivery_id": DeliveryRow.id,
        "edition_id": DeliveryRow.edition_id,
        "state": DeliveryRow.state,
        "when": DeliveryRow.settled_at,
        "attempts": DeliveryRow.attempts,
        "code": DeliveryRow.code,
        "text": DeliveryRow.text,
        "address": func.coalesce(Subscriber.address, "") if addresses else literal(""),
    }
    query = (
        select(*(column.label(name) for name, column in columns.items()))
        .select_from(DeliveryRow)
        .outerjoin(Subscription, Subscription.id == DeliveryRow.subscription_id)
        .outerjoin(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .where(DeliveryRow.state.in_(FAILED))
        .order_by(DeliveryRow.settled_at.desc(), DeliveryRow.id.desc())
        .limit(limit)
    )
    if edition_id is not None:
        query = query.where(DeliveryRow.edition_id == edition_id)
    return tuple(Unsettled(**row._mapping) for row in connection.execute(query))
