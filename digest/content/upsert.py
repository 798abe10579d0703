"""Rows into the content tables in bulk: new ones added, known ones changed only where they differ."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, and_, select
from sqlalchemy.dialects import postgresql, sqlite

from digest.content.intake import Row as Values
from digest.content.tables import ArticleRow, AuthorRow, CommentRow

Table = type[ArticleRow] | type[AuthorRow] | type[CommentRow]
KEPT = {"first_seen_at"}  # never changes once it is stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Keys of the rows that were added or changed, and how many were left alone."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: int


def as_given(row: Values, old: Row[Any] | None) -> Values:
    return row


def upsert(connection: Connection, table: Table, rows: list[Values], settle: Callable[[Values, Row[Any] | None], Values]) -> Written:
    """Writes rows of one source, all with the same columns and each key once. `settle` has the last word on a row, given the stored one."""
    if not rows:
        return Written(new=(), changed=(), unchanged=0)
    old = _stored(connection, table, rows)
    settled = [settle(row, old.get(row["key"])) for row in rows]
    new = [row for row in settled if row["key"] not in old]
    changed = [row for row in settled if row["key"] in old and _differs(row, old[row["key"]])]
    _write(connection, table, new + changed)
    return Written(
        new=tuple(row["key"] for row in new),
        changed=tuple(row["key"] for row in changed),
        unchanged=len(rows) - len(new) - len(changed),
    )


def _stored(connection: Connection, table: Table, rows: list[Values]) -> dict[str, Row[Any]]:
    columns = [getattr(table, name) for name in rows[0]]
    ours = and_(table.source == rows[0]["source"], table.key.in_([row["key"] for row in rows]))
    return {row.key: row for row in connection.execute(select(*columns).where(ours))}


def _differs(row: Values, old: Row[Any]) -> bool:
    return any(getattr(old, name) != value for name, value in row.items() if name not in KEPT)


def _write(connection: Connection, table: Table, rows: list[Values]) -> None:
    if not rows:
        return
    insert = postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)
    changing = {name: insert.excluded[name] for name in rows[0] if name not in KEPT}
    # In the order of their keys, so that two syncs of one source wait for each other instead of both for ever.
    ordered = sorted(rows, key=lambda row: str(row["key"]))
    connection.execute(insert.on_conflict_do_update(index_elements=["source", "key"], set_=changing), ordered)
