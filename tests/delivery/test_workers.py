"""Who is alive, who leads, and who is remembered."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, select, update

from digest.delivery import workers
from digest.delivery.tables import DeliveryRow, WorkerRow
from digest.delivery.values import DeliveryState
from tests.delivery.conftest import enrol

MINUTE = timedelta(minutes=1)


def ids(connection: Connection, now: datetime) -> list[str]:
    return [stand.worker.id for stand in workers.living(connection, now)]


def test_a_worker_lives_as_long_as_its_lease(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        enrol(connection, "one", now, minutes=1)
        (stand,) = workers.living(connection, now)
        assert stand == workers.WorkerStand(
            worker=workers.Worker(id="one", kind="work", host="there", pid=77),
            started_at=now,
            lease_until=now + MINUTE,
            handed_over=0,
            per_second=0,
            leads=False,
        )
        assert ids(connection, now + timedelta(seconds=59)) == ["one"]
        assert ids(connection, now + MINUTE) == []


def test_a_sign_of_life_moves_the_lease_on_and_tells_the_pace(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        enrol(connection, "one", now, minutes=1)
        enrol(connection, "two", now, minutes=1)
        workers.beat(connection, "one", until=now + 2 * MINUTE, handed_over=900, per_second=12.5)
        (stand,) = workers.living(connection, now + MINUTE)
        assert (stand.worker.id, stand.handed_over, stand.per_second, stand.lease_until) == ("one", 900, 12.5, now + 2 * MINUTE)


def test_who_was_taken_for_dead_may_come_back(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        enrol(connection, "one", now, minutes=1)
        assert ids(connection, now + 5 * MINUTE) == []
        workers.beat(connection, "one", until=now + 6 * MINUTE, handed_over=0, per_second=0)
        assert ids(connection, now + 5 * MINUTE) == ["one"]


def test_who_has_left_is_dead_at_once_and_for_good(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        enrol(connection, "one", now, minutes=1)
        workers.leave(connection, "one", now=now, handed_over=7)
        assert ids(connection, now) == []
        workers.beat(connection, "one", until=now + MINUTE, handed_over=8, per_second=1)
        assert ids(connection, now) == []
        row = connection.execute(select(WorkerRow.ended_at, WorkerRow.handed_over, WorkerRow.per_second)).one()
        assert tuple(row) == (now, 7, 0)


def test_one_leads_until_it_is_heard_of_no_more(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        enrol(connection, "one", now, minutes=9)
        enrol(connection, "two", now + MINUTE, minutes=9)
        assert workers.lead(connection, "schedule", "one", now=now, until=now + 2 * MINUTE)
        assert not workers.lead(connection, "schedule", "two", now=now + MINUTE, until=now + 3 * MINUTE)
        assert workers.lead(connection, "schedule", "one", now=now + MINUTE, until=now + 3 * MINUTE)
        assert [stand.leads for stand in workers.living(connection, now + 2 * MINUTE)] == [True, False]
        assert workers.lead(connection, "schedule", "two", now=now + 3 * MINUTE, until=now + 5 * MINUTE)
        assert not workers.lead(connection, "schedule", "one", now=now + 3 * MINUTE, until=now + 5 * MINUTE)
        assert [stand.leads for stand in workers.living(connection, now + 3 * MINUTE)] == [False, True]


def test_a_schedule_of_another_name_has_its_own_leader(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        assert workers.lead(connection, "schedule", "one", now=now, until=now + MINUTE)
        assert workers.lead(connection, "sync", "two", now=now, until=now + MINUTE)


def test_a_leader_that_leaves_makes_room_at_once(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        enrol(connection, "one", now, minutes=9)
        workers.lead(connection, "schedule", "one", now=now, until=now + 9 * MINUTE)
        workers.leave(connection, "two", now=now, handed_over=0)
        assert not workers.lead(connection, "schedule", "two", now=now, until=now + MINUTE)
        workers.leave(connection, "one", now=now, handed_over=0)
        assert workers.lead(connection, "schedule", "two", now=now, until=now + MINUTE)


def test_the_oldest_worker_comes_first(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        for number, name in enumerate(("c", "a", "b")):
            enrol(connection, name, now + number * MINUTE, minutes=9)
        assert ids(connection, now + 3 * MINUTE) == ["c", "a", "b"]


def test_the_dead_are_forgotten_unless_a_delivery_in_doubt_names_them(engine: Engine, edition_id: int, now: datetime) -> None:
    with engine.begin() as connection:
        for name in ("doubtful", "settled", "idle", "recent"):
            enrol(connection, name, now, minutes=1)
        workers.beat(connection, "recent", until=now + timedelta(days=2), handed_over=0, per_second=0)
        first, second, *_ = connection.scalars(select(DeliveryRow.id).order_by(DeliveryRow.id))
        for number, name, state in ((first, "doubtful", DeliveryState.UNKNOWN), (second, "settled", DeliveryState.ACCEPTED)):
            connection.execute(update(DeliveryRow).where(DeliveryRow.id == number).values(state=state, lease=name))
        enrol(connection, "new", now + workers.REMEMBERED + timedelta(days=1), minutes=1)
        assert sorted(connection.scalars(select(WorkerRow.id))) == ["doubtful", "new", "recent"]
