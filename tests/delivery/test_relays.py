"""Relays: their allowance is shared by all workers, and one that fails is left alone for a while."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine, select

from digest.delivery import relays
from digest.delivery.allowance import Allowance
from digest.delivery.memory import MemoryTransport
from digest.delivery.route import Route
from digest.delivery.tables import RelayRow

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
FREE = Route(name="free", open=MemoryTransport)
PACED = Route(name="paced", open=MemoryTransport, per_minute=600)
NEW = Route(name="new", open=MemoryTransport, warm_up=(50, 100))


def test_without_a_limit_all_may_go_and_nothing_is_written(engine: Engine, now: datetime, statements: Callable[[], int]) -> None:
    with engine.begin() as connection:
        statements()
        assert relays.allowance(connection, FREE, now, 5_000) == Allowance(count=5_000)
        relays.give_back(connection, FREE, 100, now)
        assert statements() == 1
        assert connection.scalars(select(RelayRow.name)).all() == []


def test_a_pace_is_kept_over_a_restart(engine: Engine, now: datetime, statements: Callable[[], int]) -> None:
    with engine.begin() as connection:
        first = relays.allowance(connection, PACED, now, 30)
    statements()
    with engine.begin() as connection:
        again = relays.allowance(connection, PACED, now + SECOND / 2, 30)
        assert statements() == 2
        assert relays.allowance(connection, PACED, now + 10 * SECOND, 3) == Allowance(count=3)
    assert (first.count, again.count) == (10, 5)
    assert again.not_before == now + SECOND * 0.6
    assert again.reason == "600 mails a minute"


def test_what_could_not_be_used_goes_back(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        assert relays.allowance(connection, PACED, now, 10).count == 10
        relays.give_back(connection, PACED, 4, now)
        assert relays.allowance(connection, PACED, now, 10).count == 4
        assert relays.allowance(connection, NEW, now, 60).count == 50
        relays.give_back(connection, NEW, 20, now)
        assert relays.allowance(connection, NEW, now, 60).count == 20


def test_a_warm_up_is_counted_by_days_in_utc(engine: Engine, now: datetime) -> None:
    midnight = datetime(2026, 11, 24, tzinfo=UTC)
    with engine.begin() as connection:
        allowed = relays.allowance(connection, NEW, now, 60)
        assert allowed == Allowance(count=50, not_before=midnight, reason="day 1 of its warm-up: 50 mails")
    with engine.begin() as connection:
        assert relays.allowance(connection, NEW, midnight - SECOND, 1).count == 0
        assert relays.allowance(connection, NEW, midnight, 500).count == 100
        assert relays.allowance(connection, NEW, midnight + timedelta(days=1), 500) == Allowance(count=500)


@pytest.mark.parametrize("route", [PACED, NEW], ids=["pace", "warm-up"])
def test_workers_that_ask_at_once_get_no_more_together_than_one_would(engine: Engine, now: datetime, route: Route) -> None:
    together = Barrier(4)

    def ask(_: int) -> int:
        together.wait()
        with engine.begin() as connection:
            return sum(relays.allowance(connection, route, now, 7).count for _ in range(3))

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(ask, range(4))) == (10 if route is PACED else 50)


def test_a_relay_that_fails_is_left_alone_longer_each_time(engine: Engine, now: datetime) -> None:
    waits = []
    with engine.begin() as connection:
        for _ in range(8):
            until = relays.shut(connection, "free", "connection refused", now)
            waits.append((until - now).total_seconds())
            assert relays.allowance(connection, FREE, until - SECOND, 5) == Allowance(count=0, not_before=until, reason="connection refused")
            assert relays.allowance(connection, FREE, until, 5) == Allowance(count=5)
            now = until
    assert waits == [15, 30, 60, 120, 300, 600, 600, 600]


def test_the_same_failure_reported_by_many_counts_once(engine: Engine, now: datetime) -> None:
    together = Barrier(5)

    def report(number: int) -> datetime:
        together.wait()
        with engine.begin() as connection:
            return relays.shut(connection, "paced", f"connection {number} refused", now + number * SECOND)

    with ThreadPoolExecutor(5) as pool:
        moments = set(pool.map(report, range(5)))
    with engine.begin() as connection:
        (stand,) = relays.shut_relays(connection, now + 5 * SECOND)
    assert stand.strikes == 1 and moments == {stand.until}


def test_an_acceptance_after_the_wait_lets_the_count_begin_anew(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        until = relays.shut(connection, "free", "too many connections", now)
        relays.opened(connection, "free", until - SECOND)  # over a connection that was open before
        assert relays.shut_relays(connection, until - SECOND) != ()
        relays.opened(connection, "free", until)
        assert relays.shut(connection, "free", "too many connections", until) == until + 15 * SECOND


def test_a_relay_shut_by_a_clock_that_was_wrong_is_open(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        relays.shut(connection, "free", "no answer", now + timedelta(days=300))
        assert relays.allowance(connection, FREE, now, 5).count == 5
        assert relays.open_routes(connection, [FREE], now) == (FREE,)
        assert relays.shut(connection, "free", "no answer", now) == now + 30 * SECOND


def test_only_relays_that_are_open_are_used_and_the_others_are_shown(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        until = relays.shut(connection, "paced", "no reader@example.com here", now)
        relays.shut(connection, "new", "no answer", now - MINUTE)
        assert relays.open_routes(connection, [FREE, PACED, NEW], now) == (FREE, NEW)
        assert relays.open_routes(connection, [FREE, PACED, NEW], until) == (FREE, PACED, NEW)
        (shown,) = relays.shut_relays(connection, now)
        assert shown == relays.ShutRelay(name="paced", until=until, strikes=1, reason="no …@… here")


def test_a_limited_relay_that_was_shut_before_it_was_used_keeps_its_limit(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        until = relays.shut(connection, "paced", "no answer", now)
        assert relays.allowance(connection, PACED, until, 100).count == 10
