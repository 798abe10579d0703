"""Taking deliveries back before they are handed over: for a pause, for good, or back from being held.

What a worker has begun is under way and stays with it. What it has only claimed is taken from it: its `begin` finds the row no longer its own.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, Update, delete, func, or_, select, update

from digest.delivery import held
from digest.delivery.tables import DeliveryRow, StreakRow
from digest.delivery.values import DeliveryState
from subscribers.tables import Subscriber, Subscription

CLAIMED = (DeliveryRow.state == DeliveryState.SENDING) & DeliveryRow.begun_at.is_(None)
HELD = DeliveryRow.state == DeliveryState.HELD


def take_back(connection: Connection, edition_id: int) -> int:
    """What workers have claimed and not begun goes back to the queue, out of their reach. How many."""
    return _change(connection, edition_id, CLAIMED, _queued())


def cancel(connection: Connection, edition_id: int, now: datetime) -> int:
    """What waits, is held, or is claimed and not begun will not go out. How many."""
    waiting = or_(DeliveryRow.state.in_((DeliveryState.QUEUED, DeliveryState.HELD)), CLAIMED)
    never = update(DeliveryRow).values(state=DeliveryState.CANCELLED, lease="", settled_at=now, text="the edition was cancelled before its turn")
    held.let_go(connection, edition_id)
    return _change(connection, edition_id, waiting, never)


def let_go(connection: Connection, edition_id: int, domain: str | None, now: datetime) -> int:
    """What is held goes back to the queue with all its tries: of one recipient domain, or of all. How many."""
    fresh = _queued().values(next_at=now, attempts=0, settled_at=None)
    held.let_go(connection, edition_id, domain.lower() if domain else None)
    return _change(connection, edition_id, HELD & _at(domain) if domain else HELD, fresh)


def forget_streak(connection: Connection, edition_id: int) -> None:
    """The refusals met so far do not count towards the next pause."""
    connection.execute(delete(StreakRow).where(StreakRow.edition_id == edition_id))


def _queued() -> Update:
    return update(DeliveryRow).values(state=DeliveryState.QUEUED, lease="", begun_at=None)


def _at(domain: str) -> ColumnElement[bool]:
    """The reader's mailbox is at that domain, in whatever case it is written."""
    there = func.lower(Subscriber.address).endswith("@" + domain.lower(), autoescape=True)
    readers = select(Subscription.id).join(Subscriber, Subscriber.id == Subscription.subscriber_id).where(there)
    return DeliveryRow.subscription_id.in_(readers)


def _change(connection: Connection, edition_id: int, which: ColumnElement[bool], change: Update) -> int:
    chosen = _locked(connection, select(DeliveryRow.id).where(DeliveryRow.edition_id == edition_id, which).order_by(DeliveryRow.id))
    return connection.execute(change.where(DeliveryRow.id.in_(chosen))).rowcount


def _locked(connection: Connection, query: Select[int]) -> Select[int]:
    """PostgreSQL: waits for whoever is just changing such a row, in the order in which workers mark theirs (two orders would be a deadlock), and
    looks anew at what it then is. SQLite has one writer at a time, and Python 3.11's driver counts no rows of a statement that begins with WITH."""
    if connection.dialect.name == "postgresql":
        return select(query.with_for_update().cte("locked").c.id)
    return query
