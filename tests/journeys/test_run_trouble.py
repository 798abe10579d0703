"""`digest run` when the database is away at the very moment: the slot is not lost."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import Engine, event

from digest.cli.run import publish_now, sync_now
from digest.database import open_database, upgrade
from digest.editions import store
from digest.editions.values import EditionState
from digest.errors import DatabaseError
from digest.settings import Settings
from tests.journeys.test_run import fill, settings_in

EVENING = datetime(2026, 6, 14, 20, tzinfo=UTC)
SLOT = datetime(2026, 6, 15, 0, 30, tzinfo=UTC)


def away_once(engine: Engine, statement: str) -> None:
    """The first such statement does not find its database."""
    gone: list[str] = []

    def fail(connection: object, cursor: object, said: str, values: object, *rest: object) -> tuple[str, object]:
        if statement in said and not gone:
            gone.append(said)
            return "SELECT * FROM gone_away", ()
        return said, values

    event.listen(engine, "before_cursor_execute", fail, retval=True)


def ready(folder: Path) -> tuple[Engine, Settings]:
    settings = settings_in(folder).model_copy(update={"sources": {}})
    engine = open_database(settings.database.url)
    upgrade(engine)
    fill(engine, EVENING - timedelta(days=2), 5)
    with time_machine.travel(EVENING, tick=False):
        publish_now(engine, settings)  # meets the newsletter; its first slot is still to come
    return engine, settings


def states(engine: Engine) -> list[EditionState]:
    with engine.begin() as connection:
        return [edition.state for edition in store.latest(connection)]


@pytest.mark.parametrize("statement", ["FROM newsletters", "FROM articles", "INSERT INTO editions", "INSERT INTO deliveries"])
def test_a_slot_at_which_the_database_was_away_is_published_after_the_next_sync(tmp_path: Path, statement: str) -> None:
    engine, settings = ready(tmp_path)
    away_once(engine, statement)
    with time_machine.travel(SLOT + timedelta(seconds=1), tick=False) as traveller:
        with pytest.raises(DatabaseError):
            publish_now(engine, settings)
        assert states(engine) == []
        traveller.shift(timedelta(minutes=10))
        for _ in range(2):
            sync_now(engine, settings)
            assert states(engine) == [EditionState.SENDING]
    engine.dispose()
