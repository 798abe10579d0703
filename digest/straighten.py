"""Editions that were over, and of which a delivery moved afterwards: a worker that was cut off told late, or died with mails under way."""

from datetime import datetime

from sqlalchemy import Connection, Engine, Select, exists, select

from digest.delivery import queue, recall
from digest.delivery.tables import DeliveryRow
from digest.delivery.values import DeliveryState
from digest.editions import store
from digest.editions.tables import EditionRow
from digest.editions.values import EditionState

OVER = (EditionState.SENT, EditionState.CANCELLED)
OPEN = (DeliveryState.QUEUED, DeliveryState.SENDING)


def straighten(engine: Engine, now: datetime) -> int:
    """What is to be tried again makes a sent edition one that is being sent; of a cancelled one it is cancelled, and what a dead worker had under way
    is unknown. How many editions were looked at."""
    with engine.begin() as connection:
        crooked = connection.execute(_crooked()).all()
        for edition_id, state in crooked:
            if state is EditionState.SENT:
                store.change_state(connection, edition_id, was=EditionState.SENT, becomes=EditionState.SENDING, now=now)
            else:
                _end(connection, edition_id, now)
    return len(crooked)


def _end(connection: Connection, edition_id: int, now: datetime) -> None:
    queue.release_expired(connection, now, edition_id=edition_id, resend=False)
    recall.cancel(connection, edition_id, now)


def _crooked() -> Select[int, EditionState]:
    open_still = exists().where(DeliveryRow.edition_id == EditionRow.id, DeliveryRow.state.in_(OPEN))
    return select(EditionRow.id, EditionRow.state).where(EditionRow.state.in_(OVER), open_still).order_by(EditionRow.id)
