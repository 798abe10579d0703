"""The schedule: standard weekdays, the newsletter's own zone, and both changes of the clock."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from digest.newsletter import Newsletter


def newsletter(schedule: str, time_zone: str = "Europe/Berlin", **other: object) -> Newsletter:
    return Newsletter.model_validate(
        {"slug": "weekly", "title": "Weekly", "from_address": "news@lantern.example", "schedule": schedule, "time_zone": time_zone, **other}
    )


@pytest.mark.parametrize(("day", "weekday"), [("0", 6), ("1", 0), ("5", 4), ("7", 6), ("mon", 0), ("sun", 6)])
def test_weekdays_count_as_in_cron(day: str, weekday: int) -> None:
    slot = newsletter(f"0 7 * * {day}").slot_after(datetime(2026, 11, 18, tzinfo=UTC))
    assert slot.astimezone(newsletter("0 7 * * 1").zone).weekday() == weekday


def test_a_slot_in_the_skipped_hour_comes_at_its_end_once() -> None:
    slots = list(newsletter("30 2 * * *").slots(datetime(2026, 3, 28, 2, tzinfo=UTC), datetime(2026, 3, 30, 2, tzinfo=UTC)))
    assert slots == [datetime(2026, 3, 29, 1, 0, tzinfo=UTC), datetime(2026, 3, 30, 0, 30, tzinfo=UTC)]


def test_a_slot_in_the_repeated_hour_comes_once_the_first_time() -> None:
    slots = list(newsletter("30 2 * * *").slots(datetime(2026, 10, 24, 2, tzinfo=UTC), datetime(2026, 10, 26, 3, tzinfo=UTC)))
    assert slots == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 26, 1, 30, tzinfo=UTC)]


def test_slot_at_the_very_second_and_just_before() -> None:
    daily = newsletter("0 7 * * *", "UTC")
    seven = datetime(2026, 11, 23, 7, tzinfo=UTC)
    assert daily.slot_at(seven) == seven
    assert daily.slot_at(seven + timedelta(microseconds=1)) == seven
    assert daily.slot_at(seven - timedelta(microseconds=1)) == seven - timedelta(days=1)
    assert daily.slot_after(seven) == seven + timedelta(days=1)


@given(
    st.datetimes(min_value=datetime(2025, 1, 1), max_value=datetime(2028, 1, 1)),  # noqa: DTZ001 - made aware below
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC", "Asia/Kathmandu"]),
    st.sampled_from(["0 7 * * 1", "30 2 * * *", "15 1,2,3 * * *", "0 0 1 * *", "*/20 * * * *"]),
)
def test_looking_back_and_ahead_agree(moment: datetime, zone: str, schedule: str) -> None:
    letter = newsletter(schedule, zone)
    slot = letter.slot_at(moment.replace(tzinfo=UTC))
    following = letter.slot_after(slot)
    assert slot <= moment.replace(tzinfo=UTC) < following
    assert letter.slot_at(following - timedelta(seconds=1)) == slot


def test_presets_change_defaults_but_not_what_is_given() -> None:
    letter = newsletter("0 7 * * 1", preset="community", comments={"votes_weight": 9})
    assert (letter.comments.saturation_words, letter.comments.votes_weight, letter.comments.quotable_from) == (60, 9, 0.35)


@pytest.mark.parametrize(
    ("key", "value"),
    [("schedule", "61 7 * * 1"), ("time_zone", "Europe/Atlantis"), ("title", "two\nlines"), ("from_name", "a\rb"), ("slug", "../x")],
)
def test_wrong_values_are_refused(key: str, value: str) -> None:
    with pytest.raises(ValidationError):
        newsletter("0 7 * * 1").model_validate({**newsletter("0 7 * * 1").model_dump(exclude={"sponsor"}), key: value})


def test_a_pin_needs_its_end() -> None:
    with pytest.raises(ValidationError, match="pin_until"):
        newsletter("0 7 * * 1", articles={"pin": "https://lantern.example/a"})
