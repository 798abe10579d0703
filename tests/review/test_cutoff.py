"""The cut-off before a slot: a few hours, never before the slot that precedes it, and none where nobody looks first."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from digest.editions.window import window
from digest.newsletter import Newsletter

MONDAY = datetime(2026, 11, 23, 7, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def reviewed(schedule: str = "0 7 * * 1", **more: Any) -> Newsletter:
    given = {"slug": "weekly", "title": "Weekly", "from_address": "news@lantern.example", "schedule": schedule, "review": "approve"}
    return Newsletter.model_validate({**given, **more})


def test_without_review_the_cut_off_is_the_slot() -> None:
    letter = reviewed(review="none", review_hours=5)
    assert letter.cutoff_of(MONDAY) == MONDAY
    assert letter.slot_in_hand(MONDAY - HOUR) == MONDAY - 7 * DAY
    assert letter.slot_in_hand(MONDAY) == MONDAY


def test_with_review_it_lies_before_the_slot() -> None:
    letter = reviewed(review_hours=5)
    assert letter.cutoff_of(MONDAY) == MONDAY - 5 * HOUR
    assert letter.slot_in_hand(MONDAY - 5 * HOUR - timedelta(seconds=1)) == MONDAY - 7 * DAY
    assert letter.slot_in_hand(MONDAY - 5 * HOUR) == MONDAY


def test_it_never_lies_before_the_slot_that_precedes_it() -> None:
    daily = reviewed("0 7 * * *", review_hours=100)
    assert daily.cutoff_of(MONDAY) == MONDAY - DAY


def test_a_slot_made_by_hand_has_no_time_for_review() -> None:
    moment = MONDAY + 26 * HOUR + timedelta(seconds=17)
    assert reviewed().cutoff_of(moment) == moment


def test_readers_local_time_counts_it_where_the_day_begins_first() -> None:
    letter = reviewed(local_time=True, time_zone="Europe/Berlin", review_hours=3)
    slot = letter.slot_after(MONDAY)
    assert letter.cutoff_of(slot) == slot - 3 * HOUR


def test_each_cadence_has_its_own_cut_off_and_may_have_its_own_review() -> None:
    cadences = {"daily": {"schedule": "0 7 * * *", "review": "none"}, "monthly": {"schedule": "0 7 1 * *"}, "at once": {"every_article": "true"}}
    letter = reviewed(cadences=cadences)
    assert [letter.at(name).review for name in letter.cadence_names] == ["approve", "none", "approve", "none"]
    first = datetime(2026, 12, 1, 7, tzinfo=UTC)
    assert [letter.at(name).cutoff_of(first) for name in ("daily", "monthly")] == [first, first - 12 * HOUR]


@pytest.mark.parametrize(
    "given",
    [
        {"every_article": True},
        {"cadences": {"at once": {"every_article": True, "review": "window"}}},
        {"review_hours": 0},
        {"remind_minutes": [0]},
        {"review": "perhaps"},
        {"editors": ["ana@lantern.example\nBcc: all@lantern.example"]},
    ],
)
def test_settings_that_make_no_sense_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        reviewed(**given)


@given(
    st.datetimes(min_value=datetime(2025, 1, 1), max_value=datetime(2028, 1, 1)),  # noqa: DTZ001 - made aware below
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
    st.sampled_from(["0 7 * * 1", "30 2 * * *", "15 1,2,3 * * *", "0 0 1 * *"]),
    st.floats(min_value=0.1, max_value=400),
)
def test_each_moment_has_one_slot_in_hand_and_slots_follow_each_other(moment: datetime, zone: str, schedule: str, hours: float) -> None:
    letter, now = reviewed(schedule, time_zone=zone, review_hours=hours), moment.replace(tzinfo=UTC)
    slot = letter.slot_in_hand(now)
    following = letter.slot_after(slot)
    assert letter.cutoff_of(slot) <= now < letter.cutoff_of(following)
    assert slot <= letter.cutoff_of(following) < following


def test_windows_join_at_the_cut_offs() -> None:
    letter = reviewed(review_hours=5)
    first = window(letter, MONDAY, last_cutoff=None, first_start=None)
    second = window(letter, MONDAY + 7 * DAY, last_cutoff=first.cutoff, first_start=None)
    assert (first.start, first.cutoff) == (MONDAY - 7 * DAY - 5 * HOUR, MONDAY - 5 * HOUR)
    assert (second.start, second.cutoff) == (first.cutoff, MONDAY + 7 * DAY - 5 * HOUR)


def test_what_was_sent_by_hand_after_the_cut_off_leaves_no_window_that_runs_backwards() -> None:
    letter = reviewed(review_hours=5)
    late = window(letter, MONDAY, last_cutoff=MONDAY - HOUR, first_start=None)
    assert late.reach <= late.start == late.cutoff == MONDAY - 5 * HOUR
