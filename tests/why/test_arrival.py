"""The words for when an edition reaches a reader, and for what they chose."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.local_time import FIRST, LocalTime, Quiet
from digest.why.arrival import arrival
from digest.wish_words import listed, words
from subscribers.wish import Wish

BERLIN = "Europe/Berlin"


def slot(day: date, at: time) -> datetime:
    return datetime.combine(day, at, ZoneInfo(FIRST)).astimezone(UTC)


@pytest.mark.parametrize(
    ("day", "at", "said"),
    [
        (date(2026, 3, 29), time(2, 30), "the clocks change then: it is left out, and they get it as they go on"),
        (date(2026, 10, 25), time(2, 30), "the clocks change then: it comes twice, and the first counts"),
    ],
)
def test_clocks_that_change_are_told(day: date, at: time, said: str) -> None:
    told = arrival(LocalTime(home="UTC", follows=True), slot(day, at), BERLIN, None)
    assert told.reasons == ("Europe/Berlin, their own zone", "02:30 where they are: the newsletter’s hour", said)


def test_an_ordinary_day_has_no_word_of_clocks() -> None:
    told = arrival(LocalTime(home="UTC", follows=True), slot(date(2026, 11, 23), time(7)), BERLIN, 20)
    assert told.reasons == ("Europe/Berlin, their own zone", "20:00 where they are: the hour they chose")
    assert told.at == datetime(2026, 11, 23, 19, tzinfo=UTC)


def test_an_hour_that_does_not_count_is_told() -> None:
    told = arrival(LocalTime(home=BERLIN), datetime(2026, 11, 23, 7, tzinfo=UTC), "", 20)
    assert told.reasons[1] == "everybody gets it at the slot, wherever they are (their hour, 20:00, counts only with local_time)"


SLOTS = st.integers(0, 15 * 365 * 24).map(lambda hours: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=hours))
ANYWHERE = st.sampled_from(["", BERLIN, "Pacific/Apia", "no/zone"])


@given(SLOTS, ANYWHERE, st.none() | st.integers(0, 23))
def test_it_is_the_moment_by_the_rules_whatever_is_said_of_it(moment: datetime, zone: str, hour: int | None) -> None:
    rules = LocalTime(home="America/St_Johns", follows=True, quiet=Quiet.parse("22:00-07:00"))
    told = arrival(rules, moment, zone, hour)
    assert told.at == rules.moment(moment, zone, hour)
    assert len(told.reasons) >= 3


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (Wish(), "everything"),
        (Wish(sections=frozenset({"Sea", "Sky", "Air"})), "follow Air, Sea and Sky"),
        (Wish(sections=frozenset({"Sea"}), authors=frozenset({"Ada"})), "follow Sea, and what Ada writes"),
        (Wish(authors=frozenset({"Ada", "Ben"}), muted_sections=frozenset({"Town"})), "follow what Ada and Ben write; without Town"),
        (Wish(served="daily 20261122T0700Z"), "came from daily"),
    ],
)
def test_a_wish_in_words(wish: Wish, said: str) -> None:
    assert words(wish) == said


@given(st.frozensets(st.text(min_size=1), max_size=5))
def test_every_name_is_in_the_list(names: frozenset[str]) -> None:
    assert all(name in listed(names) for name in names)
