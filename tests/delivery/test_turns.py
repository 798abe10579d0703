"""Turns: at a domain's pace, one after another, and for everybody in the end."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.delivery.rate import interval
from digest.delivery.turns import LIMITED_AHEAD, SLOWED_AHEAD, slowed_to, turns

START = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("per_minute", "strikes", "left"), [(0, 1, 300), (0, 3, 75), (0, 10, 1), (100, 0, 100), (100, 2, 25), (0.5, 0, 0.5), (0.5, 4, 0.5)]
)
def test_each_strike_halves_the_pace_down_to_one_a_minute(per_minute: float, strikes: int, left: float) -> None:
    assert slowed_to(per_minute, strikes) == left


@given(st.floats(4, 6_000), st.lists(st.integers(0, 500), min_size=1, max_size=10))
def test_turns_are_an_interval_apart_over_all_batches(per_minute: float, batches: list[int]) -> None:
    free_at, tail_at, moments = None, None, list[datetime]()
    for waiting in batches:
        given_out = turns(free_at, tail_at, START, per_minute=per_minute, strikes=0, waiting=waiting)
        assert given_out.count + len(given_out.later) == waiting
        free_at, tail_at = given_out.free_at, given_out.tail_at
        moments += given_out.later
    assert moments == [START + number * interval(per_minute) for number in range(1, len(moments) + 1)]


@given(st.floats(1, 2_000), st.integers(1, 400), st.floats(0.05, 1.0))
def test_who_comes_when_its_turn_has_come_goes_and_each_is_looked_at_twice(per_minute: float, readers: int, look_seconds: float) -> None:
    """Whoever looks often enough loses no turn, wherever its looks fall."""
    free_at, tail_at, now, looks = None, None, START, 0
    due = [START] * readers
    while due:
        waiting = [moment for moment in due if moment <= now]
        given_out = turns(free_at, tail_at, now, per_minute=per_minute, strikes=0, waiting=len(waiting))
        free_at, tail_at, looks = given_out.free_at, given_out.tail_at, looks + len(waiting)
        due = sorted([moment for moment in due if moment > now] + list(given_out.later))
        now = max(now + look_seconds * SECOND, due[0] if due else now)
    assert looks <= 2 * readers
    assert now - START <= (readers + 1) * interval(per_minute) + 2 * SECOND


@pytest.mark.parametrize(("per_minute", "ahead"), [(0, SLOWED_AHEAD), (1, LIMITED_AHEAD)])
def test_no_turn_is_farther_ahead_than_it_is_looked_at_again(per_minute: float, ahead: timedelta) -> None:
    given_out = turns(None, None, START, per_minute=per_minute, strikes=1, waiting=10_000)
    assert max(given_out.later) == START + ahead and given_out.tail_at == START + ahead
    more = turns(given_out.free_at, given_out.tail_at, START + SECOND, per_minute=per_minute, strikes=1, waiting=100)
    assert max(more.later) == START + SECOND + ahead


def test_turns_given_out_by_a_clock_that_was_wrong_are_forgotten() -> None:
    ahead = turns(None, None, START + timedelta(days=400), per_minute=60, strikes=0, waiting=10)
    given_out = turns(ahead.free_at, ahead.tail_at, START, per_minute=60, strikes=0, waiting=3)
    assert given_out.later[-1] <= START + 3 * SECOND


def test_a_slowed_domain_has_turns_as_if_it_were_not_so_that_nobody_waits_when_it_is_eased() -> None:
    given_out = turns(None, None, START, per_minute=60, strikes=5, waiting=10)
    assert given_out.later[-1] - given_out.later[0] == (len(given_out.later) - 1) * SECOND
    assert given_out.count == 2
    assert turns(given_out.free_at, given_out.tail_at, given_out.later[0], per_minute=60, strikes=5, waiting=1).count == 0
