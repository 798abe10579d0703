"""The rows of people a list brought along: who is new gets one, and of who is known only what is empty is filled in."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import JSON, ColumnElement, Connection, and_, case, cast, func, or_, select
from sqlalchemy.dialects.postgresql import JSONB

from subscribers.tables import Subscriber
from subscribers.upsert import insert

SAID = ("name", "language", "time_zone")  # what a person may say of themselves


def fill_in(connection: Connection, people: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """The numbers of these people by address key, in two statements. Whoever has done anything themselves keeps what they left empty."""
    statement = insert(connection, Subscriber)
    given, unheard = statement.excluded, Subscriber.acted_at.is_(None)
    missing = {name: and_(unheard, getattr(Subscriber, name) == "", getattr(given, name) != "") for name in SAID}
    before, merged = _merged(connection, given["attributes"])
    filled: dict[str, Any] = {name: case((empty, getattr(given, name)), else_=getattr(Subscriber, name)) for name, empty in missing.items()}
    upsert = statement.on_conflict_do_update(
        index_elements=["address_key"],
        set_={**filled, "attributes": cast(merged, JSON) if connection.dialect.name == "postgresql" else merged},
        where=or_(*missing.values(), merged != before),
    )
    # In one order, so that two imports at once never wait for each other in a ring.
    rows = sorted(people, key=lambda row: str(row["address_key"]))
    connection.execute(upsert, rows)
    query = select(Subscriber.address_key, Subscriber.id).where(Subscriber.address_key.in_([row["address_key"] for row in rows]))
    return {row.address_key: row.id for row in connection.execute(query)}


def _merged(connection: Connection, given: ColumnElement[Any]) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """The attributes as they are, and with what is given added: what is there stands. Comparable, which a column of JSON is not everywhere."""
    if connection.dialect.name == "postgresql":
        before: ColumnElement[Any] = cast(Subscriber.attributes, JSONB)
        return before, cast(given, JSONB).concat(before)
    before = func.json(Subscriber.attributes)
    return before, func.json_patch(func.json_patch(before, given), before)
