"""Which editions have something to be done for now, and how much: asked by whoever hands out the work among machines."""

from datetime import datetime

from sqlalchemy import Connection, and_, case, func, or_, select

from digest.delivery.tables import DeliveryRow
from digest.delivery.values import DeliveryState
from digest.delivery.workers import alive
from digest.editions.tables import EditionRow
from digest.editions.values import EditionState

OPEN = (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.HELD)


def owed(connection: Connection, now: datetime) -> dict[int, int]:
    """The number of each edition that somebody has to see to now, with how many of its deliveries are due or were left behind by a dead worker.

    None of them, and no other one open: the edition has only to be marked as sent.
    """
    due = and_(DeliveryRow.state == DeliveryState.QUEUED, DeliveryRow.next_at <= now)
    left = and_(DeliveryRow.state == DeliveryState.SENDING, ~alive(DeliveryRow.lease, now).correlate(DeliveryRow))
    query = (
        select(EditionRow.id, func.sum(case((or_(due, left), 1), else_=0)).label("owed"), func.count(DeliveryRow.id).label("open"))
        .outerjoin(DeliveryRow, and_(DeliveryRow.edition_id == EditionRow.id, DeliveryRow.state.in_(OPEN)))
        .where(EditionRow.state == EditionState.SENDING)
        .group_by(EditionRow.id)
    )
    return {row.id: row.owed for row in connection.execute(query) if row.owed or not row.open}
