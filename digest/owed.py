"""Which editions have something to be done for now, and how much: asked by whoever hands out the work among machines."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, case, distinct, func, or_, select

from digest.delivery.tables import DeliveryRow
from digest.delivery.values import DeliveryState
from digest.delivery.workers import alive
from digest.editions.tables import EditionRow
from digest.editions.values import EditionState

OPEN = (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.HELD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """An edition that somebody has to see to: so many of its deliveries are due or were left behind by a dead worker, and so many living workers
    hold some of the others. No delivery, and none open: the edition has only to be marked as sent."""

    edition_id: int
    deliveries: int
    workers: int


def owed(connection: Connection, now: datetime) -> tuple[Owed, ...]:
    """What has to be seen to now, the oldest edition first. One query."""
    due = and_(DeliveryRow.state == DeliveryState.QUEUED, DeliveryRow.next_at <= now)
    living = alive(DeliveryRow.lease, now).correlate(DeliveryRow)
    left = and_(DeliveryRow.state == DeliveryState.SENDING, ~living)
    held = and_(DeliveryRow.state == DeliveryState.SENDING, living)
    query = (
        select(
            EditionRow.id,
            func.sum(case((or_(due, left), 1), else_=0)).label("owed"),
            func.count(distinct(case((held, DeliveryRow.lease)))).label("workers"),
            func.count(DeliveryRow.id).label("open"),
        )
        .outerjoin(DeliveryRow, and_(DeliveryRow.edition_id == EditionRow.id, DeliveryRow.state.in_(OPEN)))
        .where(EditionRow.state == EditionState.SENDING)
        .group_by(EditionRow.id)
        .order_by(EditionRow.slot, EditionRow.id)
    )
    rows = connection.execute(query)
    return tuple(Owed(edition_id=row.id, deliveries=row.owed, workers=row.workers) for row in rows if row.owed or not row.open)
