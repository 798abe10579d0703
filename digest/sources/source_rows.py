"""What is remembered of each source between two syncs: the only writer of the table `sources`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from digest.content.tables import SourceRow

NEVER = datetime(9999, 1, 1, tzinfo=UTC)  # a source that is gone is not asked again before its settings change


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """`first`: never synced to the end, at least not from where it is now. `failure`: of the last try."""

    memory: Mapping[str, object]
    first: bool
    not_before: datetime | None
    failure: str


def begin(connection: Connection, name: str, *, kind: str, location: str, now: datetime) -> Stand:
    """How a source stands, its row made if there is none. Read from another place than before, it starts with an empty memory."""
    insert = postgresql.insert(SourceRow) if connection.dialect.name == "postgresql" else sqlite.insert(SourceRow)
    fresh: dict[str, object] = {"kind": kind, "location": location, "memory": {}, "failure": "", "synced_at": None, "not_before": None}
    connection.execute(insert.values(name=name, tried_at=now, **fresh).on_conflict_do_nothing(index_elements=["name"]))
    moved = update(SourceRow).where(SourceRow.name == name, or_(SourceRow.kind != kind, SourceRow.location != location))
    connection.execute(moved.values(**fresh))
    columns = (SourceRow.memory, SourceRow.synced_at, SourceRow.not_before, SourceRow.failure)
    row = connection.execute(select(*columns).where(SourceRow.name == name)).one()
    return Stand(memory=row.memory, first=row.synced_at is None, not_before=row.not_before, failure=row.failure)


def lock(connection: Connection, name: str) -> None:
    """Two syncs of one source write in turn. SQLite needs no lock: its transactions are one at a time anyway."""
    connection.execute(select(SourceRow.name).where(SourceRow.name == name).with_for_update())


def remember(connection: Connection, name: str, memory: Mapping[str, object], *, location: str) -> None:
    """Unless the settings moved the source elsewhere in the meantime: then this is the memory of another place."""
    connection.execute(update(SourceRow).where(SourceRow.name == name, SourceRow.location == location).values(memory=dict(memory)))


def succeeded(connection: Connection, name: str, *, now: datetime) -> None:
    connection.execute(update(SourceRow).where(SourceRow.name == name).values(synced_at=now, tried_at=now, failure="", not_before=None))


def failed(connection: Connection, name: str, failure: str, *, now: datetime, not_before: datetime | None) -> None:
    connection.execute(update(SourceRow).where(SourceRow.name == name).values(tried_at=now, failure=failure, not_before=not_before))
