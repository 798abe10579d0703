"""[segments.NAME]: what is declared is what is asked for, and a wrong name is named with the nearest right one."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, Engine, select

from digest.errors import SettingsError, UnknownSegment
from digest.segments import declared, defaults
from digest.settings import Settings, read
from digest.wiring import people_in
from subscribers.address import parse_address
from subscribers.change import Proof
from subscribers.consent import Person, add
from subscribers.tables import Subscriber, Subscription, SubscriptionState

GOOD = """
[publication]
time_zone = "Europe/Berlin"
language = "de"

[newsletters.weekly]
title = "The Weekly Lantern"
from_address = "news@lantern.example"
sections = ["News", "Culture"]

[newsletters.weekly.cadences.monthly]
schedule = "0 7 1 * *"

[newsletters.weekly.sign_up]
cadences = ["weekly", "monthly"]
sections = ["News", "Letters"]
authors = ["Mara Finch"]

[newsletters.daily]
title = "The Daily Lantern"
from_address = "news@lantern.example"
cadence = "daily"
language = "en"

[segments.everybody]
"""


def read_with(folder: Path, text: str) -> Settings:
    path = folder / "digest.toml"
    path.write_text(GOOD + text)
    return read(path, {})


def test_every_key_arrives(tmp_path: Path) -> None:
    settings = read_with(
        tmp_path,
        """
[segments.some]
newsletters = ["weekly"]
languages = ["pt_BR"]
time_zones = ["Europe/", "Asia/Tokyo"]
cadences = ["monthly"]
sections = ["Letters", "Culture"]
authors = ["Mara Finch"]
muted = ["News", "Mara Finch"]
attributes = { plan = ["gold", "silver"], "a.b" = ["%"] }
domains = ["Bücher.Example"]
subscribed_after = 2026-01-01
subscribed_before = 2026-07-01
active_within_days = 30
inactive_for_days = 5
not_in = ["everybody"]
""",
    )
    some = declared("some", settings.segments, ZoneInfo("Europe/Berlin"))
    assert (some.newsletters, some.languages, some.time_zones) == (("weekly",), ("pt-BR",), ("Europe/", "Asia/Tokyo"))
    assert (some.cadences, some.sections) == (("monthly",), ("Letters", "Culture"))
    assert (some.authors, some.muted) == (("Mara Finch",), ("News", "Mara Finch"))
    assert some.attributes == {"plan": ("gold", "silver"), "a.b": ("%",)}
    assert some.domains == ("xn--bcher-kva.example",)
    assert some.subscribed_from == datetime(2025, 12, 31, 23, 0, tzinfo=UTC)  # midnight in Berlin, winter
    assert some.subscribed_until == datetime(2026, 6, 30, 22, 0, tzinfo=UTC)  # and summer
    assert (some.active_within, some.inactive_for) == (timedelta(days=30), timedelta(days=5))
    assert some.not_in == (declared("everybody", settings.segments, ZoneInfo("UTC")),)


def test_what_a_newsletter_says_holds_where_a_reader_chose_nothing(tmp_path: Path) -> None:
    found = defaults(read_with(tmp_path, "").newsletters)
    assert (found["weekly"].language, found["weekly"].time_zone, found["weekly"].cadence) == ("de", "Europe/Berlin", "weekly")
    assert (found["daily"].language, found["daily"].cadence) == ("en", "daily")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('newsletters = ["weekyl"]', "segments.some.newsletters: there is no “weekyl” (known: daily, weekly); did you mean “weekly”?"),
        ('cadences = ["montly"]', "segments.some.cadences: there is no “montly” (known: daily, monthly, weekly); did you mean “monthly”?"),
        ('newsletters = ["daily"]\ncadences = ["monthly"]', "segments.some.cadences: there is no “monthly” (known: daily)"),
        ('sections = ["news"]', "segments.some.sections: there is no “news” (known: Culture, Letters, News); did you mean “News”?"),
        ('authors = ["Mara Fink"]', "segments.some.authors: there is no “Mara Fink” (known: Mara Finch); did you mean “Mara Finch”?"),
        ('muted = ["Sport"]', "segments.some.muted: there is no “Sport” (known: Culture, Letters, Mara Finch, News)"),
        ('newsletters = ["daily"]\nsections = ["News"]', "segments.some.sections: there is no “News” (known: none)"),
        ('not_in = ["everbody"]', "segments.some.not_in: there is no “everbody” (known: everybody, some); did you mean “everybody”?"),
        ('not_in = ["some"]', "segments.some.not_in: leads back to “some” itself"),
        ('not_in = ["other"]\n[segments.other]\nnot_in = ["some"]', "segments.other.not_in: leads back to “other” itself"),
        ('time_zones = ["Europ/"]', "segments.some.time_zones.0: there is no area “Europ/” of time zones; did you mean “Europe/”?"),
        ('time_zones = ["Europe/Berln"]', "segments.some.time_zones.0: “Europe/Berln” is no time zone; did you mean “Europe/Berlin”?"),
        ('time_zones = ["Europe"]', "segments.some.time_zones.0: “Europe” is no time zone"),
        ('languages = ["english"]', "segments.some.languages.0: “english” is no code of a language; write it like en or pt-BR"),
        ('domains = ["ann@example.org"]', "segments.some.domains.0: “ann@example.org” is no domain; write it like example.org"),
        ('attributes.plan = "gold"', 'segments.some.attributes.plan: must be a list, ["…", "…"]'),
        ('attributes.plan = ["a\\u0000b"]', "segments.some.attributes.plan.0: must be a single line without control characters"),
        ('langauges = ["en"]', "segments.some.langauges: no such key; did you mean “languages”?"),
        ("active_within_days = 0", "segments.some.active_within_days: "),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_with(tmp_path, f"[segments.some]\n{text}\n")
    assert [line for line in str(caught.value).splitlines() if expected in line]


def test_every_wrong_name_is_said_in_a_line_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        read_with(tmp_path, '[segments.some]\nnewsletters = ["x"]\nnot_in = ["y"]\n')
    _, *lines = str(caught.value).splitlines()
    assert [line[:16] for line in lines] == ["  segments.some."] * 2


@pytest.fixture
def connection(engine: Engine, now: datetime) -> Iterator[Connection]:
    with engine.begin() as connection:
        for address, newsletter in (("ann@example.com", "weekly"), ("bob@example.com", "daily")):
            person = Person(address=parse_address(address))
            add(connection, person, newsletter=newsletter, state=SubscriptionState.CONFIRMED, proof=Proof(how="form"), keys=["key"], now=now)
        yield connection


def test_a_segment_by_its_name_is_a_condition(connection: Connection, tmp_path: Path, now: datetime) -> None:
    settings = read_with(tmp_path, '[segments.german]\nlanguages = ["de"]\n[segments.rest]\nnot_in = ["german"]\n')
    query = select(Subscriber.address).join(Subscription).order_by(Subscriber.address)

    def named(name: str) -> list[str]:
        return [address[:3] for address in connection.scalars(query.where(people_in(settings, name, now)))]

    assert (named("german"), named("rest"), named("everybody"), named("")) == (["ann"], ["bob"], ["ann", "bob"], ["ann", "bob"])
    with pytest.raises(UnknownSegment, match="There is no segment “gremans”"):
        people_in(settings, "gremans", now)
