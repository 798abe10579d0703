"""Editions that stand: made before they go out, looked at and changed until then."""

from datetime import datetime

from sqlalchemy import Connection, update

from digest.editions.store import StoredEdition, latest
from digest.editions.tables import EditionRow
from digest.editions.values import EditionState

STANDING = (EditionState.DRAFT, EditionState.HELD, EditionState.APPROVED)
# One for each cadence of each newsletter, and few more: what is not let go lapses.
MOST = 1_000


def standing(connection: Connection, newsletter: str = "", cadence: str = "") -> list[StoredEdition]:
    """The editions that are still to go out, of one newsletter and cadence or all, the earliest slot first."""
    return latest(connection, newsletter=newsletter, cadence=cadence, states=STANDING, limit=MOST)[::-1]


def move(connection: Connection, edition_id: int, to: datetime) -> bool:
    """It goes out at that moment, and not at its slot; False when it does not stand any more."""
    statement = update(EditionRow).where(EditionRow.id == edition_id, EditionRow.state.in_(STANDING)).values(moved_to=to)
    return connection.execute(statement).rowcount == 1
