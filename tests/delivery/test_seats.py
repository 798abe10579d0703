"""A domain's connections, shared out among the workers that live."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from digest.delivery import seats, workers
from digest.delivery.memory import MemoryTransport
from digest.delivery.pace import Pace
from digest.delivery.route import Route
from digest.delivery.seats import Held
from digest.delivery.stock import Stock
from digest.delivery.values import Claimed
from digest.hand_over.seating import GRACE, Seating
from digest.settings import Domain
from tests.delivery.conftest import enrol

LIMITS = {"big": 3, "small": 1}
MINUTE = timedelta(minutes=1)


@pytest.fixture
def enrolled(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        enrol(connection, "one", now, minutes=1)
        enrol(connection, "two", now, minutes=9)


def mails(number: int, domain: str = "big.example", first: int = 0) -> tuple[Claimed, ...]:
    return tuple(Claimed(one, one, f"s{one}", f"r{one}", f"reader{one}@{domain}", "", "", "", 0) for one in range(first, first + number))


def seating(worker_id: str) -> tuple[Seating, Stock]:
    pace = Pace.of({name: Domain(match=(f"{name}.example",), connections=limit) for name, limit in LIMITS.items()})
    stock = Stock([Route(name="near", open=MemoryTransport)], pace)
    return Seating(pace, stock, worker_id, look_after=timedelta(seconds=5)), stock


def fill(engine: Engine, of: tuple[Seating, Stock], rows: tuple[Claimed, ...], now: datetime) -> tuple[timedelta, int]:
    """As when these are claimed. How long they must have been due, and how many were left to others."""
    where, stock = of
    with engine.begin() as connection:
        grace = where.look(connection, now)
        away = where.seat(connection, rows, now)
    stock.put([row for row in rows if row not in away], {"near": len(rows)})
    return grace, len(away)


@pytest.mark.usefixtures("enrolled")
def test_no_seat_is_given_twice(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        assert seats.take(connection, "one", "big", 2, among=3, now=now) == (0, 1)
        assert seats.take(connection, "two", "big", 2, among=3, now=now) == (2,)
        assert seats.look(connection, "two", LIMITS, now) == {"big": Held(mine=(2,), others=2), "small": Held()}
        seats.give_up(connection, "two", "big", (0, 1, 2))
        assert seats.look(connection, "two", LIMITS, now) == {"big": Held(others=2), "small": Held()}
        seats.give_up_all(connection, "one")
        assert seats.take(connection, "two", "big", 9, among=3, now=now) == (0, 1, 2)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer at a time anyway
@pytest.mark.usefixtures("enrolled")
def test_two_that_ask_at_the_same_moment_do_not_wait_for_each_other(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        seats.give_up(connection, "one", "big", seats.take(connection, "one", "big", 3, among=3, now=now))
    with engine.begin() as one, engine.begin() as two:
        assert seats.take(one, "one", "big", 2, among=3, now=now) == (0, 1)
        assert len(seats.take(two, "two", "big", 3, among=3, now=now)) <= 1


@pytest.mark.usefixtures("enrolled")
def test_the_seats_of_the_dead_and_of_those_that_left_are_free(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        assert seats.take(connection, "one", "big", 3, among=3, now=now) == (0, 1, 2)
        assert seats.take(connection, "two", "big", 1, among=3, now=now + MINUTE - timedelta(seconds=1)) == ()
        assert seats.take(connection, "two", "big", 1, among=3, now=now + MINUTE) == (0,)
        workers.leave(connection, "two", now=now, handed_over=0)
        enrol(connection, "new", now, minutes=1)
        assert seats.take(connection, "new", "big", 1, among=3, now=now) == (0,)


@pytest.mark.usefixtures("enrolled")
def test_seats_beyond_a_limit_that_was_lowered_count_no_more(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        seats.take(connection, "one", "big", 3, among=3, now=now)
        assert seats.look(connection, "one", {"big": 1}, now) == {"big": Held(mine=(0,))}
        assert seats.look(connection, "two", {"big": 1}, now) == {"big": Held(others=1)}


@pytest.mark.usefixtures("enrolled")
def test_a_worker_takes_as_many_seats_as_it_has_mails_and_leaves_the_rest(engine: Engine, now: datetime) -> None:
    one, two = seating("one"), seating("two")
    assert fill(engine, one, mails(2) + mails(2, "free.example", first=2), now) == (timedelta(), 0)
    assert one[1].seats == {"big": 2, "small": 0}
    assert fill(engine, two, mails(5, first=4) + mails(1, "small.example", first=9), now) == (timedelta(), 0)
    assert two[1].seats == {"big": 1, "small": 1}
    taken = [two[1].take("near") for _ in range(6)]
    assert [row and row.delivery_id for row in taken] == [4, 9, None, None, None, None]


@pytest.mark.usefixtures("enrolled")
def test_a_worker_without_a_seat_leaves_those_mails_and_claims_later_than_the_others(engine: Engine, now: datetime) -> None:
    one, two = seating("one"), seating("two")
    fill(engine, one, mails(3), now)
    assert fill(engine, two, mails(3, first=3) + mails(2, "free.example", first=6), now) == (GRACE, 3)
    assert two[1].waiting("near") == 2
    for _ in range(3):
        row = one[1].take("near")
        assert row is not None
        one[1].done(row)
    assert one[0].idle
    fill(engine, one, (), now)
    assert fill(engine, two, mails(3, first=3), now) == (timedelta(), 0)


@pytest.mark.usefixtures("enrolled")
def test_a_worker_that_slept_longer_than_its_lease_gives_away_what_it_has_no_seat_for(engine: Engine, now: datetime) -> None:
    one, two = seating("one"), seating("two")
    fill(engine, one, mails(4) + mails(1, "free.example", first=4), now)
    assert not one[0].stale(now + timedelta(seconds=4))
    assert one[0].stale(now + MINUTE)
    fill(engine, two, mails(3, first=5), now + MINUTE)
    assert fill(engine, one, (), now + MINUTE) == (GRACE, 4)
    assert one[1].waiting("near") == 1
