"""What editors have been told of an edition: each of them of each occasion once, however many look at the same time."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, update

from digest.editions.tables import ReminderRow
from subscribers.upsert import insert

# Whoever has it under way for so long has died.
ABANDONED = timedelta(minutes=10)


def claim(connection: Connection, edition_id: int, editor: str, kind: str, now: datetime) -> bool:
    """Whether it is for us to tell them."""
    row = insert(connection, ReminderRow).values(edition_id=edition_id, editor=editor, kind=kind, at=now, outcome="")
    abandoned = and_(ReminderRow.outcome == "", ReminderRow.at < now - ABANDONED)
    claimed = row.on_conflict_do_update(index_elements=["edition_id", "editor", "kind"], set_={"at": now}, where=abandoned)
    return connection.scalar(claimed.returning(ReminderRow.edition_id)) is not None


def settle(connection: Connection, edition_id: int, editor: str, kind: str, outcome: str) -> None:
    """They were told, or cannot be."""
    connection.execute(update(ReminderRow).where(_is(edition_id, editor, kind)).values(outcome=outcome))


def give_back(connection: Connection, edition_id: int, editor: str, kind: str) -> None:
    """They could not be told now: somebody else may try."""
    connection.execute(delete(ReminderRow).where(_is(edition_id, editor, kind)))


def _is(edition_id: int, editor: str, kind: str) -> ColumnElement[bool]:
    return and_(ReminderRow.edition_id == edition_id, ReminderRow.editor == editor, ReminderRow.kind == kind)
