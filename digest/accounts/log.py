"""The log of the desk: who did what, when, to what. Lines are added and never changed; nothing of a reader's is in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, insert, select

from digest.accounts.names import harmless
from digest.accounts.roles import Deed
from digest.accounts.tables import DeedRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """A line of the log. `detail` is what the deed's own module wrote of it."""

    id: int
    at: datetime
    who: str
    what: str  # a `Deed`, or the word of a version that had others
    newsletter: str
    edition_id: int | None
    detail: Mapping[str, object]


def write(
    connection: Connection,
    *,
    at: datetime,
    who: str,
    what: Deed,
    newsletter: str = "",
    edition_id: int | None = None,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Adds a line, in the transaction of the deed itself. `detail` must be JSON, and hold no address or name of a reader."""
    row = {"at": at, "who": harmless(who), "what": what.value, "newsletter": newsletter, "edition_id": edition_id, "detail": dict(detail or {})}
    connection.execute(insert(DeedRow).values(row))


def of_edition(connection: Connection, edition_id: int) -> tuple[Logged, ...]:
    """All that was done to an edition, the newest first."""
    return _lines(connection, DeedRow.edition_id == edition_id)


def latest(connection: Connection, *, before: int | None = None, limit: int = 50, who: str = "", what: str = "") -> tuple[Logged, ...]:
    """The newest lines, or those before the one with the id `before`; of one person, or one kind of deed, where named."""
    asked = []
    if before is not None:
        asked.append(DeedRow.id < before)
    if who:
        asked.append(DeedRow.who == who)
    if what:
        asked.append(DeedRow.what == what)
    return _lines(connection, *asked, limit=limit)


def _lines(connection: Connection, *which: ColumnElement[bool], limit: int | None = None) -> tuple[Logged, ...]:
    columns = DeedRow.id, DeedRow.at, DeedRow.who, DeedRow.what, DeedRow.newsletter, DeedRow.edition_id, DeedRow.detail
    found = connection.execute(select(*columns).where(*which).order_by(DeedRow.id.desc()).limit(limit))
    return tuple(
        Logged(id=id_, at=at, who=who, what=what, newsletter=newsletter, edition_id=edition, detail=detail)
        for id_, at, who, what, newsletter, edition, detail in found
    )
