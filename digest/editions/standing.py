"""Editions that stand: made before they go out, looked at and changed until then."""

from datetime import datetime
from typing import TypedDict, Unpack

from sqlalchemy import Connection, case, update

from digest.editions.store import StoredEdition, latest
from digest.editions.tables import EditionRow
from digest.editions.values import EditionState

STANDING = (EditionState.DRAFT, EditionState.HELD, EditionState.APPROVED)
# One for each cadence of each newsletter, and few more: what is not let go lapses.
MOST = 1_000


def standing(connection: Connection, newsletter: str = "", cadence: str = "") -> list[StoredEdition]:
    """The editions that are still to go out, of one newsletter and cadence or all, the earliest slot first."""
    return latest(connection, newsletter=newsletter, cadence=cadence, states=STANDING, limit=MOST)[::-1]


def move(connection: Connection, edition_id: int, to: datetime | None) -> bool:
    """It goes out at that moment, and not at its slot; None: at its slot. False when it does not stand any more."""
    statement = update(EditionRow).where(EditionRow.id == edition_id, EditionRow.state.in_(STANDING)).values(moved_to=to)
    return connection.execute(statement).rowcount == 1


class Choosing(TypedDict):
    """What is set when the choice of an edition that stands is fixed."""

    choice: dict[str, object]
    window_start: datetime
    cutoff: datetime
    chosen_at: datetime


def fix_choice(connection: Connection, edition_id: int, *, was: datetime | None, **chosen: Unpack[Choosing]) -> bool:
    """Fixes the choice; False when the edition does not stand any more, or its choice was not fixed (anew) at `was`. What was approved is not any
    more."""
    seen = EditionRow.chosen_at.is_(None) if was is None else EditionRow.chosen_at == was
    ours = EditionRow.id == edition_id, EditionRow.state.in_(STANDING), seen
    back = case((EditionRow.state == EditionState.APPROVED, EditionState.DRAFT), else_=EditionRow.state)
    return connection.execute(update(EditionRow).where(*ours).values(**chosen, state=back)).rowcount == 1


class Leaving(TypedDict):
    """What is set when an edition goes out that had a row before, or is skipped."""

    state: EditionState
    reason: str
    window_start: datetime
    cutoff: datetime
    chosen_at: datetime | None
    sending_at: datetime | None


def let_go(connection: Connection, edition_id: int, *, was: EditionState, **leaving: Unpack[Leaving]) -> bool:
    """It goes out, or is skipped; False when it was not (any more) in the state `was`."""
    statement = update(EditionRow).where(EditionRow.id == edition_id, EditionRow.state == was).values(**leaving)
    return connection.execute(statement).rowcount == 1
