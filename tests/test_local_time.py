"""At which moment a reader gets an edition: in every zone there is, on days with 23, 25 and no hours, and never at night."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import SettingsError
from digest.local_time import FIRST, LocalTime, Quiet
from digest.newsletter import Newsletter
from digest.settings import parse

ZONES = sorted(available_timezones() - {"localtime"})
BERLIN = LocalTime(home="Europe/Berlin", follows=True)
NIGHT = Quiet(start=time(22), end=time(7))
HOUR = timedelta(hours=1)

days = st.dates(date(1990, 1, 1), date(2037, 12, 31))
times = st.times().map(lambda at: at.replace(second=0, microsecond=0))
zones = st.sampled_from(ZONES)
quiets = st.builds(Quiet, start=times, end=times)


def slot_on(day: date, at: time) -> datetime:
    return datetime.combine(day, at, ZoneInfo(FIRST)).astimezone(UTC)


def minutes(start: datetime, end: datetime) -> Iterator[datetime]:
    while start < end:
        yield start
        start += timedelta(minutes=1)


@pytest.mark.parametrize("zone", ZONES)
def test_everywhere_it_is_seven_in_the_morning_on_the_day_of_the_slot(zone: str) -> None:
    day = date(2026, 11, 23)
    moment = BERLIN.moment(slot_on(day, time(7)), zone)
    assert moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == datetime.combine(day, time(7))
    assert slot_on(day, time(7)) <= moment <= slot_on(day, time(7)) + 26 * HOUR


def test_the_first_are_on_the_line_islands_and_the_last_26_hours_later() -> None:
    slot = slot_on(date(2026, 11, 23), time(7))
    assert BERLIN.moment(slot, "Pacific/Kiritimati") == slot
    assert BERLIN.moment(slot, "Etc/GMT-14") == slot
    assert BERLIN.moment(slot, "Etc/GMT+12") == slot + 26 * HOUR


@given(day=days, at=times, zone=zones, hour=st.none() | st.integers(0, 23))
def test_the_clocks_there_say_what_was_wanted_or_the_first_that_came_after_it(day: date, at: time, zone: str, hour: int | None) -> None:
    slot, place = slot_on(day, at), ZoneInfo(zone)
    moment = BERLIN.moment(slot, zone, hour)
    wanted = datetime.combine(day, at if hour is None else time(hour))
    shown = moment.astimezone(place).replace(tzinfo=None)
    assert moment >= slot
    if moment == slot:
        assert shown >= wanted
    elif shown != wanted:  # that time was left out there: a second before, the clocks had not come to it
        assert shown > wanted > (moment - timedelta(seconds=1)).astimezone(place).replace(tzinfo=None)
    else:  # and they did not say so before
        assert not any((moment - back * HOUR / 2).astimezone(place).replace(tzinfo=None) == wanted for back in range(1, 7))


@given(slot=st.builds(slot_on, days, times), zone=zones, hour=st.none() | st.integers(0, 23), quiet=quiets, follows=st.booleans())
def test_nobody_is_written_to_in_quiet_hours_nor_later_than_their_end(
    slot: datetime, zone: str, hour: int | None, quiet: Quiet, follows: bool
) -> None:
    place = ZoneInfo(zone)
    loud, still = (LocalTime(home="UTC", follows=follows, quiet=one).moment(slot, zone, hour) for one in (None, quiet))
    assert still.astimezone(place).time() not in quiet
    assert still >= loud
    if loud.astimezone(place).time() not in quiet:
        assert still == loud
    else:  # a night at most, and one more where a day is left out
        assert still - loud <= 26 * HOUR
        assert all(moment.astimezone(place).time() in quiet for moment in minutes(loud, still))


def test_where_a_day_is_left_out_it_comes_when_the_next_one_begins() -> None:
    """Samoa went over the date line on 30 December 2011: that day was not there."""
    slot = slot_on(date(2011, 12, 30), time(7))
    assert BERLIN.moment(slot, "Pacific/Apia").astimezone(ZoneInfo("Pacific/Apia")) == datetime(2011, 12, 31, tzinfo=ZoneInfo("Pacific/Apia"))
    kept = LocalTime(home="UTC", follows=True, quiet=NIGHT)
    assert kept.moment(slot, "Pacific/Apia") == datetime(2011, 12, 31, 7, tzinfo=ZoneInfo("Pacific/Apia"))


def test_in_spring_what_does_not_exist_is_the_moment_the_clocks_go_on() -> None:
    slot = slot_on(date(2026, 3, 29), time(2, 30))
    assert BERLIN.moment(slot, "Europe/Berlin") == datetime(2026, 3, 29, 1, tzinfo=UTC)  # 3:00
    assert BERLIN.moment(slot, "Europe/London") == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_in_autumn_of_two_times_it_is_the_first() -> None:
    slot = slot_on(date(2026, 10, 25), time(2, 30))
    assert BERLIN.moment(slot, "Europe/Berlin") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(("day", "length"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)])
def test_seven_is_seven_on_the_days_when_clocks_change(day: date, length: int) -> None:
    before, after = (BERLIN.moment(slot_on(one, time(7)), "Europe/Berlin") for one in (day - timedelta(days=1), day))
    assert after - before == length * HOUR


def test_a_zone_that_is_not_set_or_not_known_is_the_newsletter_s() -> None:
    slot = slot_on(date(2026, 11, 23), time(7))
    expected = datetime(2026, 11, 23, 6, tzinfo=UTC)
    assert {BERLIN.moment(slot, zone) for zone in ("", "Europe/Atlantis", "Europe", "../etc/passwd", "\0")} == {expected}


def test_an_hour_before_the_slot_s_own_is_not_before_the_slot() -> None:
    slot = slot_on(date(2026, 11, 23), time(7))
    assert BERLIN.moment(slot, "Pacific/Kiritimati", 5) == slot
    assert BERLIN.moment(slot, "Europe/Berlin", 5) == datetime(2026, 11, 23, 4, tzinfo=UTC)


def test_without_local_time_everybody_gets_it_at_the_slot_but_in_their_night() -> None:
    slot = datetime(2026, 11, 23, 12, tzinfo=UTC)
    kept = LocalTime(home="Europe/Berlin", quiet=NIGHT)
    assert kept.moment(slot, "Europe/Berlin", 20) == slot
    assert kept.moment(slot, "Asia/Tokyo") == slot  # 21:00
    assert kept.moment(slot + HOUR, "Asia/Tokyo") == datetime(2026, 11, 23, 22, tzinfo=UTC)
    assert kept.moment(slot, "Pacific/Honolulu") == datetime(2026, 11, 23, 17, tzinfo=UTC)


def test_who_gets_it_together_is_told() -> None:
    assert not LocalTime(home="UTC").differs
    assert LocalTime(home="UTC", quiet=NIGHT).differs
    assert BERLIN.differs


def test_all_zones_have_it_in_the_order_of_their_mornings() -> None:
    moments = [BERLIN.moment(slot_on(date(2026, 11, 23), time(7)), f"Etc/GMT{offset:+d}") for offset in range(-14, 13)]
    assert [later - earlier for earlier, later in pairwise(moments)] == [HOUR] * 26


def newsletter(**more: object) -> Newsletter:
    told = {"title": "Weekly", "from_address": "a@b.example", "time_zone": "Europe/Berlin", **more}
    return parse({"newsletters": {"weekly": told}}, folder=Path()).newsletter("weekly")


def test_slots_of_local_time_are_counted_where_the_day_begins_first() -> None:
    sunday = datetime(2026, 11, 22, 17, tzinfo=UTC)
    assert newsletter(local_time=True).slot_after(sunday - HOUR) == sunday
    assert newsletter(local_time=True).readers_time.moment(sunday, "Europe/Berlin") == newsletter().slot_after(sunday)
    every = newsletter(local_time=True, every_article=True, quiet_hours="22:00-7:00")
    assert every.readers_time == LocalTime(home="Europe/Berlin", quiet=NIGHT)
    assert every.slot_zone == "Europe/Berlin"


@pytest.mark.parametrize("hours", ["22:00", "22:00-", "22-7", "7:00-7:00", "24:00-7:00", "22:60-7:00", "22:00-7:00-8:00"])
def test_quiet_hours_that_are_none_are_told(hours: str) -> None:
    with pytest.raises(SettingsError, match="quiet_hours"):
        newsletter(quiet_hours=hours)
