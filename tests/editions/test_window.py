"""Windows join without gap or overlap, and a long silence does not pour out."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from digest.editions.window import window
from digest.newsletter import Newsletter

WEEKLY = Newsletter(slug="weekly", title="Weekly", from_address="news@lantern.example", schedule="0 7 * * 1", time_zone="Europe/Berlin")
MONDAY = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def test_first_edition_covers_one_period() -> None:
    first = window(WEEKLY, MONDAY, last_cutoff=None, first_start=None)
    assert first.start == MONDAY - timedelta(days=7)
    assert first.reach == first.start


def test_next_window_starts_at_the_last_cutoff_and_reaches_back_a_day() -> None:
    following = window(WEEKLY, MONDAY, last_cutoff=MONDAY - timedelta(days=7), first_start=None)
    assert following.start == MONDAY - timedelta(days=7)
    assert following.reach == following.start - timedelta(days=1)


def test_a_long_silence_is_capped() -> None:
    late = window(WEEKLY, MONDAY, last_cutoff=MONDAY - timedelta(days=400), first_start=None)
    assert late.start == late.reach == MONDAY - timedelta(days=31)


def test_where_all_were_skipped_it_begins_with_the_first_of_them() -> None:
    begun = MONDAY - timedelta(days=21)
    following = window(WEEKLY, MONDAY, last_cutoff=None, first_start=begun)
    assert following.start == following.reach == begun


@given(st.lists(st.integers(min_value=1, max_value=31 * 24), min_size=2, max_size=20))
def test_windows_join(hours: list[int]) -> None:
    cutoffs = [MONDAY]
    for hour in hours:
        cutoffs.append(cutoffs[-1] + timedelta(hours=hour))
    for earlier, later in pairwise(cutoffs):
        joined = window(WEEKLY, later, last_cutoff=earlier, first_start=None)
        assert (joined.start, joined.cutoff) == (earlier, later)
