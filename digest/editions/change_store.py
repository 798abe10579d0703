"""Editors' changes in the database: added one after the other, never overwritten."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from digest.editions import store
from digest.editions.change_record import from_json, name_of, to_json
from digest.editions.changes import Change, Changed, Changes, Redo, Undo
from digest.editions.standing import STANDING
from digest.editions.tables import ChangeRow
from digest.editions.values import EditionState
from digest.errors import BadChange, DigestError, WrongState
from subscribers.upsert import insert


class ChangedMeanwhile(DigestError):
    """Somebody else changed the edition since it was last looked at. `theirs` are their changes, in order."""

    def __init__(self, theirs: Sequence[Changed]) -> None:
        who = ", ".join(dict.fromkeys(one.who for one in theirs))
        super().__init__(f"{who} changed this edition meanwhile: look at it as it is now, and make your change once more if you still want it.")
        self.theirs = tuple(theirs)


def load(connection: Connection, edition_id: int) -> Changes:
    """All changes of an edition."""
    query = select(ChangeRow.number, ChangeRow.at, ChangeRow.who, ChangeRow.change).where(ChangeRow.edition_id == edition_id)
    rows = connection.execute(query.order_by(ChangeRow.number))
    return Changes.of(Changed(number=row.number, at=row.at, who=row.who, change=from_json(row.change)) for row in rows)


def revision(connection: Connection, edition_id: int) -> int:
    """The number of the last change; 0: there is none."""
    return connection.scalar(select(func.max(ChangeRow.number)).where(ChangeRow.edition_id == edition_id)) or 0


def add(connection: Connection, edition_id: int, change: Change, *, who: str, at: datetime, seen: int) -> Changes:
    """Adds the change of somebody who has seen all up to the number `seen`. What was approved is a draft again, and its reason says so.

    Raises `ChangedMeanwhile` where somebody else's came after that number, `WrongState` where the edition does not stand any more, and `BadChange`
    where there is nothing to undo or to redo.
    """
    edition = store.take(connection, edition_id)
    if edition.state not in STANDING:
        raise WrongState(f"The edition cannot be changed any more: it is {edition.state}.")
    before = load(connection, edition_id)
    if theirs := [one for one in before.all if one.number > seen and one.who != who]:
        raise ChangedMeanwhile(theirs)
    _require_sense(before, change)
    row = {"edition_id": edition_id, "number": before.revision + 1, "at": at, "who": who, "change": to_json(change)}
    fresh = insert(connection, ChangeRow).values(**row).on_conflict_do_nothing(index_elements=["edition_id", "number"]).returning(ChangeRow.id)
    if connection.scalars(fresh).one_or_none() is None:
        raise ChangedMeanwhile([one for one in load(connection, edition_id).all if one.number > before.revision])
    if edition.state is EditionState.APPROVED:
        reason = f"changed by {who} after it was approved"
        store.change_state(connection, edition_id, was=EditionState.APPROVED, becomes=EditionState.DRAFT, now=at, reason=reason)
    return load(connection, edition_id)


def _require_sense(before: Changes, change: Change) -> None:
    if not isinstance(change, Undo | Redo):
        return
    meant = next((one for one in before.all if one.number == change.number), None)
    if meant is None or isinstance(meant.change, Undo | Redo):
        raise BadChange(f"There is no change {change.number} to {name_of(change)}.")
    if meant.undone is isinstance(change, Undo):
        raise BadChange(f"The change {change.number} {'is undone already' if meant.undone else 'counts already'}.")
