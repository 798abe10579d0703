"""`INSERT … ON CONFLICT` on both kinds of database: SQLAlchemy has one insert per dialect for it."""

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from subscribers.tables import Base


def insert(connection: Connection, table: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """An insert into `table` that knows `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return insert_on(connection.dialect.name, table)


def insert_on(dialect: str, table: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """The same for a kind of database, to be put together once."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
