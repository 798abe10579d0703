"""When the clockwork has to look: at cut-offs, before slots, and at slots."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from digest.review.reminder import next_moment
from digest.scheduler import SlotTrigger
from tests.review.test_cutoff import DAY, HOUR, MONDAY, reviewed


def test_it_looks_at_the_cut_off_at_the_reminders_and_at_the_slot() -> None:
    letter = reviewed(review_hours=5, remind_minutes=[30, 120, 600])
    found, moment = [], MONDAY - 6 * DAY
    for _ in range(5):
        moment = next_moment(letter, moment)
        found.append(moment)
    minutes = [-300, -120, -30, 0]
    assert found == [*(MONDAY + timedelta(minutes=each) for each in minutes), MONDAY + 7 * DAY - 5 * HOUR]


def test_without_review_it_looks_at_slots_only() -> None:
    assert next_moment(reviewed(review="none"), MONDAY - HOUR) == MONDAY
    assert next_moment(reviewed(review="none"), MONDAY) == MONDAY + 7 * DAY


def test_the_clockwork_fires_at_these_moments() -> None:
    trigger = SlotTrigger(reviewed(review_hours=5, remind_minutes=[]))
    first = trigger.get_next_fire_time(None, MONDAY - DAY)
    assert first == MONDAY - 5 * HOUR
    assert trigger.get_next_fire_time(first, MONDAY - DAY) == MONDAY


@given(
    st.datetimes(min_value=datetime(2025, 1, 1), max_value=datetime(2028, 1, 1)),  # noqa: DTZ001 - made aware below
    st.sampled_from(["0 7 * * 1", "30 2 * * *", "15 1,2,3 * * *"]),
    st.floats(min_value=0.1, max_value=400),
    st.lists(st.integers(min_value=1, max_value=10_000), max_size=3),
)
def test_no_cut_off_and_no_slot_is_passed_over(moment: datetime, schedule: str, hours: float, minutes: list[int]) -> None:
    letter, now = reviewed(schedule, time_zone="Europe/Berlin", review_hours=hours, remind_minutes=minutes), moment.replace(tzinfo=UTC)
    following = next_moment(letter, now)
    slot = letter.slot_after(now)
    wanted = [letter.cutoff_of(slot), slot]
    assert now < following <= min(each for each in wanted if each > now)
