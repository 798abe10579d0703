"""What the readers of an audience want, grouped by SQL: so many with one wish, the languages they read, the hours of their days."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, SQLColumnExpression, Text, case, func, literal, literal_column, or_, select, type_coerce
from sqlalchemy.orm import aliased

from subscribers.tables import Subscriber, Subscription
from subscribers.wish import SEPARATOR

NEWSLETTER_HOUR = -1  # of whoever chose none
_SETS = (Subscription.sections, Subscription.authors, Subscription.muted_sections, Subscription.muted_authors)
_PARTS: tuple[ColumnElement[str], ...] = (*(type_coerce(column, Text) for column in _SETS), type_coerce(Subscription.served, Text))


def has_wish() -> ColumnElement[bool]:
    """True of a `Subscription` whose reader chose anything at all. In these words, for an index over such rows has them."""
    return or_(*(part != literal_column("''") for part in _PARTS))


def wish_key() -> ColumnElement[str]:
    """The `Wish.key` of a `Subscription`."""
    key = _PARTS[0]
    for part in _PARTS[1:]:
        key = key + literal(SEPARATOR, Text) + part
    return case((has_wish(), key), else_="")


def served_in(key: SQLColumnExpression[str]) -> ColumnElement[bool]:
    """Whether a `Subscription` still stands where it did when `key` was its wish's."""
    return func.substr(key, func.length(key) - func.length(Subscription.served)) == literal(SEPARATOR, Text) + type_coerce(Subscription.served, Text)


def wishes(connection: Connection, audience: Select[int]) -> tuple[tuple[str, int], ...]:
    """Each wish as its key, and how many readers of the audience have it, the commonest first; those who want what everybody gets are not counted."""
    key, readers = wish_key().label("key"), func.count().label("readers")
    # Looked up by themselves: SQLite would go by the state instead, which a million readers share, where ten of them have a wish.
    row = aliased(Subscription)
    parts = (row.sections, row.authors, row.muted_sections, row.muted_authors, row.served)
    wishing = select(row.id).where(or_(*(type_coerce(part, Text) != literal_column("''") for part in parts)))
    query = audience.with_only_columns(key, readers).where(has_wish(), Subscription.id.in_(wishing)).group_by(key).order_by(readers.desc(), key)
    return tuple((row.key, row.readers) for row in connection.execute(query))


def languages(connection: Connection, audience: Select[int]) -> frozenset[str]:
    """The language tags that readers of the audience have set."""
    return frozenset(connection.scalars(_distinct(audience, Subscriber.language).where(Subscriber.language != "")))


def hour() -> ColumnElement[int]:
    """The hour a `Subscription` wants it at, as `hours` says it."""
    return func.coalesce(Subscription.hour, NEWSLETTER_HOUR)


def hours(connection: Connection, audience: Select[int]) -> frozenset[tuple[str, int]]:
    """Every time zone ('': none set) with every hour at which readers of the audience want it there."""
    rows = connection.execute(_distinct(audience, Subscriber.time_zone, hour()))
    return frozenset((zone, at) for zone, at in rows)


def _distinct(audience: Select[int], *columns: SQLColumnExpression[Any]) -> Select[*tuple[Any, ...]]:
    return audience.with_only_columns(*columns).distinct()
