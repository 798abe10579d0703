"""The migrations lead to exactly the tables that the code declares, on both kinds of database."""

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from digest.database import open_database, require_current, upgrade
from subscribers.tables import Base


def test_migrated_tables_equal_declared_ones(engine: Engine) -> None:
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_upgrade_of_current_tables_does_nothing(engine: Engine) -> None:
    require_current(engine)
    assert upgrade(engine) is False


def test_no_error_text_holds_a_reader_s_address(engine: Engine) -> None:
    with engine.connect() as connection, pytest.raises(SQLAlchemyError) as caught:
        connection.execute(text("INSERT INTO subscribers (address) VALUES (:address)"), {"address": "ann@example.com"})
    # PostgreSQL itself repeats the row, in a part of its own.
    assert "ann@example.com" not in str(caught.value).partition("DETAIL")[0]


def test_a_server_that_is_gone_is_noticed_soon_unless_the_address_says_otherwise(postgresql_url: str) -> None:
    engine = open_database(f"{postgresql_url}{'&' if '?' in postgresql_url else '?'}connect_timeout=3")
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, psycopg.Connection)
        ours = raw.info.get_parameters()
        limits = {"connect_timeout": "3", "keepalives_idle": "10", "keepalives_interval": "5", "keepalives_count": "3", "tcp_user_timeout": "30000"}
        assert limits.items() <= ours.items()
    engine.dispose()
