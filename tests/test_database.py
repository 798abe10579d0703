"""The migrations lead to exactly the tables that the code declares, on both kinds of database."""

from datetime import datetime
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from digest import migrations
from digest.database import at_the_driver, open_database, reading, require_current, upgrade
from digest.errors import DatabaseError
from subscribers.address import parse_address
from subscribers.consent import Person, Proof, add
from subscribers.people import find, history
from subscribers.tables import Base, SubscriptionState


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


def test_what_goes_to_the_driver_at_once_fails_as_all_else_does(engine: Engine) -> None:
    place = "?" if engine.dialect.paramstyle == "qmark" else "%s"
    adding = f"INSERT INTO subscribers (address) VALUES ({place})"
    for rows in ([("ann@example.com",)], [("ann@example.com",), ("ben@example.com",)]):
        with pytest.raises(IntegrityError) as caught, engine.begin() as connection:
            at_the_driver(connection, adding, rows)
        assert "ann@example.com" not in str(caught.value).partition("DETAIL")[0]


def test_a_lock_that_is_not_to_be_had_is_told_as_a_sentence(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'locked.db'}")
    with engine.begin(), engine.connect() as other:
        assert other.connection.cursor().execute("PRAGMA busy_timeout=0")
        with pytest.raises(DatabaseError, match=r"cannot be used: database is locked\. Look at"):
            other.begin()
    engine.dispose()


def test_a_server_that_is_gone_is_noticed_soon_unless_the_address_says_otherwise(postgresql_url: str) -> None:
    engine = open_database(f"{postgresql_url}{'&' if '?' in postgresql_url else '?'}connect_timeout=3")
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, psycopg.Connection)
        ours = raw.info.get_parameters()
        limits = {"connect_timeout": "3", "keepalives_idle": "10", "keepalives_interval": "5", "keepalives_count": "3", "tcp_user_timeout": "30000"}
        assert limits.items() <= ours.items()
    engine.dispose()


def test_tables_that_are_taken_back_and_brought_forward_again_keep_everybody(engine: Engine, now: datetime) -> None:
    person = Person(address=parse_address("ann@example.com"), name="Ann")
    with engine.begin() as connection:
        add(connection, person, newsletter="weekly", state=SubscriptionState.CONFIRMED, proof=Proof(how="test"), keys=["a-key"], now=now)
        before = [one.subscription_token for one in find(connection)]
    try:
        go_back(engine, "0002")
        with pytest.raises(DatabaseError, match="at version 0002"):
            require_current(engine)
    finally:
        upgrade(engine)
    with engine.begin() as connection:
        assert [one.subscription_token for one in find(connection)] == before
        assert [one.how for one in history(connection, person.address)] == ["test"]
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def go_back(engine: Engine, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def test_who_only_reads_waits_for_no_writer(engine: Engine) -> None:
    with engine.begin() as writer, reading(engine).begin() as reader:
        writer.execute(text("INSERT INTO newsletters (slug, first_met_at) VALUES ('weekly', '2026-11-23 07:00:00')"))
        assert reader.scalar(text("SELECT count(*) FROM newsletters")) == 0
    with reading(engine).begin() as reader:
        assert reader.scalar(text("SELECT count(*) FROM newsletters")) == 1
