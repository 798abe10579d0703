"""Segments: who is in one, on both kinds of database, whatever the names and values are."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, insert, select

from subscribers.segment import Defaults, Segment, condition
from subscribers.tables import Subscriber, Subscription, SubscriptionState

DEFAULTS = {
    "weekly": Defaults(language="en-GB", time_zone="Europe/London", cadence="weekly"),
    "daily": Defaults(language="de", time_zone="Asia/Tokyo", cadence="daily"),
}
# What has a meaning in SQL, in LIKE, in a JSON path, or in JSON; and what differs in capitals, accents or blanks only.
HOSTILE = (
    "gold", "Gold", "GOLD", "g%d", "%", "_", "go_d", "' OR 1=1 --", "'; DROP TABLE subscribers; --", '"', 'a"b', "a\\b", "\\", "$", "$.plan", "$[0]",
    "{plan}", "plan.gold", "a,b", "null", "true", "1", "1.0", "é", "e\u0301", "ß", "😀", "gold ", " gold", "/", "%s", "%(x)s", ":x", "?", "{}", "[]",
)  # fmt: skip
words = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=12))


def reader(connection: Connection, address: str, now: datetime, newsletter: str = "weekly", **what: object) -> int:
    """The id of a subscription whose person or itself has what is given."""
    person = {name: value for name, value in what.items() if name in ("language", "time_zone", "attributes", "acted_at")}
    theirs = {name: value for name, value in what.items() if name not in person}
    # A public id and a hash are only ever compared: the address will do.
    who = connection.scalars(
        insert(Subscriber)
        .values(public_id=address[:22], address=address, address_key=address, address_hash=address, created_at=now, **person)
        .returning(Subscriber.id)
    ).one()
    row = {
        "subscriber_id": who,
        "public_id": address[:22],
        "newsletter": newsletter,
        "state": SubscriptionState.CONFIRMED,
        "created_at": now,
        "confirmed_at": now,
    }
    return connection.scalars(insert(Subscription).values(**(row | theirs)).returning(Subscription.id)).one()


def members(connection: Connection, segment: Segment, now: datetime) -> set[str]:
    """Their addresses, up to the @."""
    query = select(Subscriber.address).join(Subscription, Subscription.subscriber_id == Subscriber.id)
    found = connection.scalars(query.where(condition(segment, defaults=DEFAULTS, now=now))).all()
    assert len(set(found)) == len(found)
    return {address.partition("@")[0] for address in found}


def test_an_empty_segment_is_everybody(connection: Connection, now: datetime) -> None:
    reader(connection, "ann@example.com", now)
    reader(connection, "bob@example.com", now, "daily", state=SubscriptionState.UNSUBSCRIBED)
    assert members(connection, Segment(), now) == {"ann", "bob"}
    assert members(connection, Segment(newsletters=["daily"]), now) == {"bob"}


@pytest.mark.parametrize(
    ("wanted", "who"),
    [
        (["en"], {"british", "english", "capitals", "default"}),
        (["en-GB"], {"british", "capitals", "default"}),
        (["EN-gb"], {"british", "capitals", "default"}),
        (["de"], {"german", "elsewhere"}),
        (["e"], set()),
        (["fr", "eng"], {"enga"}),
        (["fr", "de", "en"], {"british", "english", "capitals", "default", "german", "elsewhere"}),
    ],
)
def test_a_language_is_also_its_regions_and_that_of_the_newsletter_where_none_was_chosen(
    connection: Connection, now: datetime, wanted: list[str], who: set[str]
) -> None:
    for name, language in {"british": "en-GB", "english": "en", "capitals": "EN-gb", "german": "de", "enga": "eng", "default": ""}.items():
        reader(connection, f"{name}@example.com", now, language=language)
    reader(connection, "elsewhere@example.com", now, "daily")
    assert members(connection, Segment(languages=wanted), now) == who


@pytest.mark.parametrize(
    ("wanted", "who"),
    [
        (["Europe/"], {"paris", "default"}),
        (["Europe/London"], {"default"}),
        (["Asia/Tokyo", "America/"], {"lima", "elsewhere"}),
        (["europe/"], set()),
        (["Europe"], set()),
    ],
)
def test_time_zones_by_name_and_by_area(connection: Connection, now: datetime, wanted: list[str], who: set[str]) -> None:
    for name, zone in {"paris": "Europe/Paris", "lima": "America/Lima", "default": ""}.items():
        reader(connection, f"{name}@example.com", now, time_zone=zone)
    reader(connection, "elsewhere@example.com", now, "daily")
    assert members(connection, Segment(time_zones=wanted), now) == who


def test_a_cadence_is_the_newsletters_own_where_none_was_chosen(connection: Connection, now: datetime) -> None:
    reader(connection, "default@example.com", now)
    reader(connection, "monthly@example.com", now, cadence="monthly")
    reader(connection, "elsewhere@example.com", now, "daily")
    reader(connection, "weekly@example.com", now, "daily", cadence="weekly")
    reader(connection, "gone@example.com", now, "no-longer-declared")
    assert members(connection, Segment(cadences=["weekly"]), now) == {"default", "weekly"}
    assert members(connection, Segment(cadences=["monthly", "daily"]), now) == {"monthly", "elsewhere"}


def test_whoever_follows_all_sections_follows_each(connection: Connection, now: datetime) -> None:
    reader(connection, "all@example.com", now)
    reader(connection, "both@example.com", now, sections=frozenset({"News", "Culture"}))
    reader(connection, "local@example.com", now, sections=frozenset({"Local News"}))
    assert members(connection, Segment(sections=["News"]), now) == {"all", "both"}
    assert members(connection, Segment(sections=["news"]), now) == {"all"}
    assert members(connection, Segment(sections=["Culture", "Local News"]), now) == {"all", "both", "local"}


def test_authors_are_followed_like_sections_and_what_is_left_out_is_not_got(connection: Connection, now: datetime) -> None:
    news, mara = frozenset({"News"}), frozenset({"Mara"})
    reader(connection, "all@example.com", now)
    reader(connection, "news@example.com", now, sections=news)
    reader(connection, "mara@example.com", now, authors=mara)
    reader(connection, "both@example.com", now, sections=news, authors=mara)
    reader(connection, "not@example.com", now, muted_sections=news)
    reader(connection, "never@example.com", now, sections=frozenset({"Sea"}), muted_authors=mara)
    assert members(connection, Segment(sections=["News"]), now) == {"all", "news", "both"}
    assert members(connection, Segment(authors=["Mara"]), now) == {"all", "mara", "both", "not"}
    assert members(connection, Segment(muted=["News"]), now) == {"not"}
    assert members(connection, Segment(muted=["Mara", "News"]), now) == {"not", "never"}
    assert members(connection, Segment(muted=["mara", "New", "Sea"]), now) == set()


def test_attributes_any_of_the_values_of_each_key(connection: Connection, now: datetime) -> None:
    reader(connection, "ann@example.com", now, attributes={"plan": "gold", "town": "Quay"})
    reader(connection, "bob@example.com", now, attributes={"plan": "silver"})
    reader(connection, "cleo@example.com", now)
    reader(connection, "number@example.com", now, attributes={"plan": 7})
    assert members(connection, Segment(attributes={"plan": ["gold", "silver"]}), now) == {"ann", "bob"}
    assert members(connection, Segment(attributes={"plan": ["gold", "silver"], "town": ["Quay"]}), now) == {"ann"}
    assert members(connection, Segment(attributes={"plan": ["7"]}), now) == {"number"}
    assert members(connection, Segment(not_in=[Segment(attributes={"plan": ["gold"]})]), now) == {"bob", "cleo", "number"}


def test_domains_of_the_mailbox_only_whole(connection: Connection, now: datetime) -> None:
    for address in ("ann@example.org", "bob@mail.example.org", "cleo@notexample.org", "example.org@example.com", "x@y.z"):
        reader(connection, address, now)
    assert members(connection, Segment(domains=["example.org"]), now) == {"ann"}
    assert members(connection, Segment(domains=["example.org", "y.z", "a-name-much-longer-than-any.example"]), now) == {"ann", "x"}


def test_since_when_people_subscribe(connection: Connection, now: datetime) -> None:
    reader(connection, "old@example.com", now, confirmed_at=now - timedelta(days=9))
    reader(connection, "new@example.com", now)
    reader(connection, "pending@example.com", now, confirmed_at=None, created_at=now - timedelta(days=1), state=SubscriptionState.PENDING)
    assert members(connection, Segment(subscribed_from=now), now) == {"new"}
    assert members(connection, Segment(subscribed_until=now), now) == {"old", "pending"}
    assert members(connection, Segment(subscribed_from=now - timedelta(days=2), subscribed_until=now), now) == {"pending"}


def test_who_is_active_where_anything_is_known(connection: Connection, now: datetime) -> None:
    long_ago = now - timedelta(days=400)
    reader(connection, "confirmed@example.com", now, confirmed_at=long_ago)
    reader(connection, "acted@example.com", now, confirmed_at=long_ago, acted_at=now - timedelta(days=1))
    reader(connection, "unknown@example.com", now, confirmed_at=None)
    active, inactive = Segment(active_within=timedelta(days=30)), Segment(inactive_for=timedelta(days=30))
    assert members(connection, active, now) == {"acted"}
    assert members(connection, inactive, now) == {"confirmed"}
    assert members(connection, Segment(not_in=[active, inactive]), now) == {"unknown"}


@pytest.fixture
def crowd(connection: Connection, now: datetime) -> Connection:
    """One reader for each hostile text, which is in everything that can be asked for."""
    for number, text in enumerate(HOSTILE):
        what: dict[str, Any] = {
            "attributes": {"plan": text, text: "yes"},
            "sections": frozenset({text}),
            "authors": frozenset({text}),
            "muted_sections": frozenset({f"not {text}"}),
            "cadence": text,
            "time_zone": text,
            "language": text,
        }
        reader(connection, f"{number}@example.com", now, **what)
    return connection


def asking(text: str) -> Mapping[str, Segment]:
    """Segments that ask for `text` in each of the places that hold free text."""
    return {
        "value": Segment(attributes={"plan": [text]}),
        "key": Segment(attributes={text: ["yes"]}),
        "section": Segment(sections=[text]),
        "author": Segment(authors=[text]),
        "muted": Segment(muted=[f"not {text}"]),
        "cadence": Segment(cadences=[text]),
        "time zone": Segment(time_zones=[text]),
    }


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=words)
def test_a_value_only_ever_matches_itself(crowd: Connection, now: datetime, text: str) -> None:
    same = {str(number) for number, one in enumerate(HOSTILE) if one == text}
    for place, segment in asking(text).items():
        expected = same | ({str(HOSTILE.index("/"))} if place == "time zone" and text == "/" else set())
        assert members(crowd, segment, now) == expected, place
    assert members(crowd, Segment(domains=[text]), now) == set()
    assert members(crowd, Segment(newsletters=[text]), now) == set()


@pytest.mark.parametrize("text", HOSTILE)
def test_no_value_is_in_the_text_of_a_statement(engine: Engine, now: datetime, text: str) -> None:
    whole = Segment(languages=[text], domains=[text], newsletters=[text], time_zones=[f"{text}/"])
    for segment in (*asking(text).values(), whole):
        statement = select(Subscription.id).join(Subscriber).where(condition(segment, defaults=DEFAULTS, now=now))
        harmless = select(Subscription.id).join(Subscriber).where(condition(renamed(segment), defaults=DEFAULTS, now=now))
        assert str(statement.compile(engine)) == str(harmless.compile(engine))


def renamed(segment: Segment) -> Segment:
    """The same questions with other words."""

    def other(words: Sequence[str]) -> list[str]:
        return ["other/" if word.endswith("/") else "other" for word in words]

    lists: dict[str, Any] = {
        name: other(getattr(segment, name))
        for name in ("newsletters", "languages", "time_zones", "cadences", "sections", "authors", "muted", "domains")
    }
    return replace(segment, **lists, attributes=dict(zip(["other"], map(other, segment.attributes.values()), strict=False)))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=words, days=st.integers(0, 400))
def test_everybody_is_either_in_a_segment_or_not_in_it(crowd: Connection, now: datetime, text: str, days: int) -> None:
    everybody = {str(number) for number in range(len(HOSTILE))}
    for one in (*asking(text).values(), Segment(languages=[text]), Segment(active_within=timedelta(days=days))):
        inside, outside = members(crowd, one, now), members(crowd, Segment(not_in=[one]), now)
        assert inside | outside == everybody
        assert not inside & outside
