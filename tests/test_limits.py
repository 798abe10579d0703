"""Limits: bursts, paces and clocks, and that many who ask at once get no more than one who asks often."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, select, text

from digest.limits import Limit, LimitRow, allow, forget

FIVE = Limit(what="letter", count=5, period=timedelta(minutes=50))
TEN_MINUTES = timedelta(minutes=10)
TOGETHER = 30


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with engine.begin() as connection:
        yield connection


def asked(connection: Connection, now: datetime, who: str = "ann", limit: Limit = FIVE) -> bool:
    return allow(connection, limit, who, key="a key", now=now)


def test_so_many_at_once_and_then_one_at_a_time(connection: Connection, now: datetime) -> None:
    assert [asked(connection, now) for _ in range(7)] == [True] * 5 + [False] * 2
    assert not asked(connection, now + TEN_MINUTES - timedelta(milliseconds=1))
    assert asked(connection, now + TEN_MINUTES)
    assert not asked(connection, now + TEN_MINUTES)
    assert [asked(connection, now + timedelta(minutes=40)) for _ in range(4)] == [True] * 3 + [False]


def test_all_is_forgiven_after_the_period(connection: Connection, now: datetime) -> None:
    for _ in range(5):
        asked(connection, now)
    assert [asked(connection, now + FIVE.period) for _ in range(6)] == [True] * 5 + [False]


def test_being_refused_costs_nothing(connection: Connection, now: datetime) -> None:
    for _ in range(50):
        asked(connection, now)
    assert asked(connection, now + TEN_MINUTES)


def test_people_and_things_are_apart(connection: Connection, now: datetime) -> None:
    other = Limit(what="sign-up", count=1, period=FIVE.period)
    for _ in range(5):
        asked(connection, now)
    assert not asked(connection, now)
    assert asked(connection, now, who="bob") and asked(connection, now, limit=other)
    assert not asked(connection, now, limit=other)


def test_a_clock_set_back_shuts_nobody_out(connection: Connection, now: datetime) -> None:
    for _ in range(5):
        asked(connection, now + timedelta(days=365))
    assert [asked(connection, now) for _ in range(6)] == [True] * 5 + [False]


def test_a_clock_set_back_a_little_lets_through_no_more(connection: Connection, now: datetime) -> None:
    for _ in range(5):
        asked(connection, now)
    assert not asked(connection, now - timedelta(minutes=1))


def test_what_is_kept_names_nobody_and_is_forgotten(connection: Connection, now: datetime) -> None:
    asked(connection, now, who="ann@example.com")
    asked(connection, now + TEN_MINUTES, who="bob@example.com")
    names = connection.scalars(select(LimitRow.name)).all()
    assert len(names) == 2 and not [name for name in names if "ann" in name or "bob" in name or "@" in name]
    assert allow(connection, FIVE, "ann@example.com", key="another key", now=now)
    assert len(connection.scalars(select(LimitRow.name)).all()) == 3
    assert forget(connection, now + TEN_MINUTES) == 2
    assert forget(connection, now + 2 * TEN_MINUTES) == 1
    assert connection.scalars(select(LimitRow.name)).all() == []


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(count=st.integers(1, 6), minutes=st.integers(1, 90), gaps=st.lists(st.integers(0, 40 * 60), max_size=25))
def test_no_stretch_of_time_sees_more_than_the_limit_says(engine: Engine, now: datetime, count: int, minutes: int, gaps: list[int]) -> None:
    limit = Limit(what="try", count=count, period=timedelta(minutes=minutes))
    each = limit.period / count
    let_through = []
    with engine.connect() as connection, connection.begin() as transaction:
        for gap in gaps:
            now += timedelta(seconds=gap)
            if asked(connection, now, limit=limit):
                let_through.append(now)
        transaction.rollback()
    for place, first in enumerate(let_through):
        for number, last in enumerate(let_through[place:], start=1):
            assert number <= count + (last - first) / each + 0.001  # a period may not part into whole milliseconds


def test_thirty_who_ask_at_once_get_what_one_would(engine: Engine, now: datetime) -> None:
    begin = threading.Barrier(TOGETHER)

    def ask(number: int) -> bool:
        begin.wait()
        with engine.begin() as connection:
            return asked(connection, now)

    with ThreadPoolExecutor(TOGETHER) as pool:
        answers = list(pool.map(ask, range(TOGETHER)))
    assert answers.count(True) == 5


def test_what_is_rolled_back_does_not_count(engine: Engine, now: datetime) -> None:
    with engine.connect() as connection, connection.begin() as transaction:
        assert all(asked(connection, now) for _ in range(5))
        transaction.rollback()
    with engine.begin() as connection:
        assert [asked(connection, now) for _ in range(6)] == [True] * 5 + [False]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer at a time
def test_what_somebody_is_just_counting_is_not_waited_for(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        for who in ("ann", "bob"):
            asked(connection, now - FIVE.period, who)
    with engine.begin() as counting, engine.begin() as connection:
        connection.execute(text("SET LOCAL lock_timeout = '2s'"))
        assert asked(counting, now, "ann")
        assert forget(connection, now) == 1
