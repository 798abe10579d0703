"""What an edition is owed now: what is due and what dead workers left; nothing while all of it waits or is in living hands."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, update

from digest.delivery import workers
from digest.delivery.tables import DeliveryRow
from digest.delivery.values import DeliveryState
from digest.delivery.workers import Worker
from digest.editions import store
from digest.editions.values import EditionState
from digest.owed import owed
from tests.test_deliver import SLOT, fill, publish_at, settings_for

MINUTE = timedelta(minutes=1)


@pytest.fixture
def edition(engine: Engine, database_url: str) -> int:
    """An edition with four deliveries that are due."""
    fill(engine, readers=4)
    return publish_at(engine, settings_for(database_url)).edition.id


def put(engine: Engine, state: DeliveryState, *, number: int, **values: object) -> None:
    with engine.begin() as connection:
        connection.execute(update(DeliveryRow).where(DeliveryRow.id <= number).values(state=state, **values))


def owed_now(engine: Engine) -> list[tuple[int, int, int]]:
    with engine.begin() as connection:
        return [(one.edition_id, one.deliveries, one.workers) for one in owed(connection, SLOT)]


def test_what_is_due_is_counted(engine: Engine, edition: int) -> None:
    assert owed_now(engine) == [(edition, 4, 0)]
    put(engine, DeliveryState.ACCEPTED, number=1)
    assert owed_now(engine) == [(edition, 3, 0)]


def test_what_waits_for_its_time_or_for_a_person_is_not(engine: Engine, edition: int) -> None:
    put(engine, DeliveryState.QUEUED, number=4, next_at=SLOT + MINUTE)
    put(engine, DeliveryState.HELD, number=1)
    assert owed_now(engine) == []


def test_what_a_worker_holds_is_owed_when_it_is_dead(engine: Engine, edition: int) -> None:
    put(engine, DeliveryState.SENDING, number=4, lease="w1")
    with engine.begin() as connection:
        workers.enrol(connection, Worker(id="w1", kind="work", host="here", pid=1), now=SLOT - 2 * MINUTE, until=SLOT + MINUTE)
    assert owed_now(engine) == []
    put(engine, DeliveryState.QUEUED, number=1, lease="")
    assert owed_now(engine) == [(edition, 1, 1)]
    with engine.begin() as connection:
        workers.beat(connection, "w1", until=SLOT, handed_over=0, per_second=0)
    assert owed_now(engine) == [(edition, 4, 0)]


def test_an_edition_with_nothing_open_has_only_to_be_marked(engine: Engine, edition: int) -> None:
    put(engine, DeliveryState.ACCEPTED, number=4)
    assert owed_now(engine) == [(edition, 0, 0)]
    with engine.begin() as connection:
        store.change_state(connection, edition, was=EditionState.SENDING, becomes=EditionState.SENT, now=SLOT)
    assert owed_now(engine) == []
