"""The migrations lead to exactly the tables that the code declares, on both kinds of database."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine

from digest.database import require_current, upgrade
from subscribers.tables import Base


def test_migrated_tables_equal_declared_ones(engine: Engine) -> None:
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_upgrade_of_current_tables_does_nothing(engine: Engine) -> None:
    require_current(engine)
    assert upgrade(engine) is False
