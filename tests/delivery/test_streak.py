"""The streak of refusals: counted over batches, workers and restarts, and free of charge while all goes well."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

import pytest
from sqlalchemy import Connection, Engine, select

from digest.delivery.streak import TRUSTED, Streak
from digest.delivery.tables import StreakRow
from digest.delivery.values import Outcome, OutcomeKind, Step
from tests.delivery.conftest import make_edition

ACCEPTED = Outcome(kind=OutcomeKind.ACCEPTED, code=250, text="queued")
REFUSED = Outcome(kind=OutcomeKind.REFUSED, code=550, text="5.1.1 no such user", step=Step.RCPT)
IMPOSSIBLE = Outcome(kind=OutcomeKind.REFUSED, text="the message has 90,000 bytes, and the relay takes 50,000 at most")
OTHERS = [
    Outcome(kind=OutcomeKind.DEFERRED, code=450, text="later", step=Step.RCPT),
    Outcome(kind=OutcomeKind.UNKNOWN, text="no answer"),
    Outcome(kind=OutcomeKind.HELD, code=550, text="5.7.606 banned", step=Step.END),
    Outcome(kind=OutcomeKind.REFUSED, code=530, text="5.7.0 login wanted", step=Step.MAIL),
]


@pytest.fixture
def edition_id(engine: Engine, now: datetime) -> int:
    with engine.begin() as connection:
        return make_edition(connection, now)


def number(connection: Connection, edition_id: int) -> int | None:
    return connection.scalar(select(StreakRow.number).where(StreakRow.edition_id == edition_id))


def test_refusals_in_a_row_reach_the_limit_over_batches_and_restarts(engine: Engine, edition_id: int) -> None:
    with engine.begin() as connection:
        assert not Streak(edition_id, limit=5).count(connection, [REFUSED, REFUSED, *OTHERS])
        assert not Streak(edition_id, limit=5).count(connection, [*OTHERS, REFUSED, IMPOSSIBLE])
        last = Streak(edition_id, limit=5)
        assert last.count(connection, [*OTHERS, REFUSED]) and last.reached
        assert number(connection, edition_id) == 0  # whoever resumes the edition begins anew
        assert not Streak(edition_id, limit=5).count(connection, [REFUSED] * 4)


def test_an_acceptance_begins_the_streak_anew(engine: Engine, edition_id: int) -> None:
    streak = Streak(edition_id, limit=5)
    with engine.begin() as connection:
        assert not streak.count(connection, [REFUSED] * 4)
        assert not streak.count(connection, [REFUSED, REFUSED, ACCEPTED, REFUSED, REFUSED])
        assert number(connection, edition_id) == 2
        assert not streak.count(connection, [ACCEPTED])
        assert number(connection, edition_id) == 0
        assert not streak.count(connection, [REFUSED] * 4)
        assert not streak.reached


def test_batches_of_acceptances_cost_nothing(engine: Engine, edition_id: int, statements: Callable[[], int]) -> None:
    streak = Streak(edition_id, limit=5)
    with engine.begin() as connection:
        statements()
        for _ in range(TRUSTED + 1):
            streak.count(connection, [ACCEPTED] * 100)
        assert statements() == 1
        streak.count(connection, OTHERS)
        assert statements() == 0
        streak.count(connection, [ACCEPTED])
        assert statements() == 1


def test_another_workers_refusals_are_seen_after_some_batches(engine: Engine, edition_id: int) -> None:
    here, there = Streak(edition_id, limit=50), Streak(edition_id, limit=50)
    with engine.begin() as connection:
        here.count(connection, [ACCEPTED])
        there.count(connection, [REFUSED] * 20)
        for _ in range(TRUSTED + 1):
            here.count(connection, [ACCEPTED])
        assert number(connection, edition_id) == 0
        there.count(connection, [REFUSED] * 3)
        here.count(connection, [REFUSED] * 4)
        assert number(connection, edition_id) == 7


def test_without_a_limit_nothing_is_counted(engine: Engine, edition_id: int, statements: Callable[[], int]) -> None:
    with engine.begin() as connection:
        statements()
        assert not Streak(edition_id, limit=0).count(connection, [REFUSED] * 1_000)
        assert statements() == 0


def test_workers_that_count_at_once_lose_no_refusal_and_one_of_them_pauses(engine: Engine, edition_id: int) -> None:
    together = Barrier(4)

    def work(_: int) -> int:
        streak = Streak(edition_id, limit=40)
        together.wait()
        reached = 0
        for _ in range(10):
            with engine.begin() as connection:
                reached += streak.count(connection, [REFUSED])
        return reached

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 1
