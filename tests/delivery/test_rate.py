"""The rate: never more than was allowed, never nothing for ever."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.delivery.rate import SKEW, grant, interval

START = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
PACES = st.floats(0.05, 100_000)
BURSTS = st.floats(0, 10)
MICROSECOND = timedelta(microseconds=1)


def at_once(per_minute: float, burst_seconds: float) -> int:
    return max(1, int(burst_seconds * per_minute / 60))


@given(PACES, BURSTS, st.lists(st.tuples(st.floats(0, 3), st.integers(0, 200)), max_size=30))
def test_no_stretch_of_time_gets_more_than_its_length_allows_and_one_burst(
    per_minute: float, burst_seconds: float, asked: list[tuple[float, int]]
) -> None:
    each, burst = interval(per_minute), at_once(per_minute, burst_seconds)
    now, free_at, given_out = START, None, []
    for intervals, wanted in asked:
        now += intervals * each
        granted = grant(free_at, now, per_minute, wanted, burst_seconds)
        free_at = granted.free_at
        given_out.append((now, granted.count))
    for first, (since, _) in enumerate(given_out):
        total = 0
        for until, count in given_out[first:]:
            total += count
            assert total <= (until - since) // each + burst


@given(PACES, BURSTS, st.lists(st.tuples(st.floats(0, 3), st.integers(1, 200)), min_size=1, max_size=20))
def test_who_gets_less_than_was_wanted_gets_one_at_the_moment_named(per_minute: float, burst_seconds: float, asked: list[tuple[float, int]]) -> None:
    each = interval(per_minute)
    now, free_at = START, None
    for intervals, wanted in asked:
        now += intervals * each
        granted = grant(free_at, now, per_minute, wanted, burst_seconds)
        free_at = granted.free_at
        if granted.count < wanted:
            assert now < granted.not_before <= now + each
            assert grant(free_at, granted.not_before - MICROSECOND, per_minute, 1, burst_seconds).count == 0
            assert grant(free_at, granted.not_before, per_minute, 1, burst_seconds).count == 1


@given(PACES, BURSTS, st.integers(0, 200))
def test_after_a_rest_a_whole_burst_may_go_and_no_more(per_minute: float, burst_seconds: float, wanted: int) -> None:
    first = grant(None, START, per_minute, wanted, burst_seconds)
    assert first.count == min(wanted, at_once(per_minute, burst_seconds))
    assert grant(first.free_at, first.free_at, per_minute, wanted, burst_seconds).count == first.count


@given(PACES, BURSTS, st.timedeltas(timedelta(0), timedelta(days=4_000)))
def test_a_clock_that_was_set_back_stops_nothing_for_long(per_minute: float, burst_seconds: float, back: timedelta) -> None:
    ahead = grant(None, START + back, per_minute, 10_000, burst_seconds)
    granted = grant(ahead.free_at, START, per_minute, 10_000, burst_seconds)
    assert granted.count <= at_once(per_minute, burst_seconds)
    waited = START + SKEW + interval(per_minute)
    assert grant(granted.free_at, waited, per_minute, 1, burst_seconds).count == 1


@given(PACES, st.timedeltas(timedelta(0), SKEW / 2), st.lists(st.booleans(), min_size=2, max_size=20))
def test_two_machines_whose_clocks_disagree_share_one_pace(per_minute: float, lag: timedelta, turns: list[bool]) -> None:
    free_at, total = None, 0
    for lags in turns:
        granted = grant(free_at, START - lag if lags else START, per_minute, 10_000)
        free_at, total = granted.free_at, total + granted.count
    assert total <= lag // interval(per_minute) + at_once(per_minute, 1) + 1


@pytest.mark.parametrize(
    ("per_minute", "seconds", "sent"),
    [(60, 60, 60), (6_000, 60, 6_050), (1, 120, 2), (0.5, 600, 5)],
)
def test_asked_every_half_second_the_pace_is_kept_to(per_minute: float, seconds: int, sent: int) -> None:
    free_at, total = None, 0
    for half in range(2 * seconds):
        granted = grant(free_at, START + timedelta(seconds=half / 2), per_minute, 1_000)
        free_at, total = granted.free_at, total + granted.count
    assert total == sent
