"""Sections and authors followed and left out, and the hour: on the reader's own page, as far as the newsletter offers them."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from digest.settings import parse
from subscribers.address import parse_address
from subscribers.change import ALL, Choice
from subscribers.choices import choose, load
from subscribers.consent import Person, subscribe, unsubscribe
from subscribers.tables import Subscription
from subscribers.tokens import Purpose, sign, sign_dated
from tests.subscribers.conftest import FORM
from tests.web.pages import Filled, filled
from tests.web.signing_up import ADDRESS, KEYS, SETTINGS, House, words

WEEKLY: Mapping[str, Any] = SETTINGS["newsletters"]["weekly"]
CHOSEN = Choice(
    sections=frozenset({"Harbour"}),
    authors=frozenset({"Mara Finch"}),
    muted_sections=frozenset({"Council"}),
    muted_authors=frozenset({"Tom Ashdown"}),
    hour=7,
)
ALL_AS_IT_IS: Mapping[str, str] = {}
TICKED = {
    "sections-weekly/Harbour": "follow",
    "sections-weekly/Council": "mute",
    "authors-weekly/Mara Finch": "follow",
    "authors-weekly/Tom Ashdown": "mute",
    "hour-weekly": "7",
}


@pytest.fixture
def house(engine: Engine, now: datetime) -> House:
    return House(engine=engine, now=now)


def house_with(engine: Engine, now: datetime, sign_up: Mapping[str, Any], **changed: Any) -> House:
    weekly = {**WEEKLY, **changed, "sign_up": {**WEEKLY["sign_up"], **sign_up}}
    return House(engine=engine, now=now, settings=parse({**SETTINGS, "newsletters": {"weekly": weekly}}, folder=Path()))


def link(subscriber: str) -> str:
    return f"/preferences/{sign(Purpose.PREFERENCES, subscriber, KEYS)}"


def opened(house: House, subscriber: str) -> Filled:
    return filled(house.client.get(link(subscriber)).text)


def saved(house: House, subscriber: str, changed: Mapping[str, str] = ALL_AS_IT_IS, *, tab: Filled | None = None) -> str:
    answer = house.client.post(link(subscriber), data={**(tab or opened(house, subscriber)), **changed, "do": "save"})
    assert answer.status_code == 200
    return words(answer.text)


def kept(house: House, subscriber: str) -> Choice:
    with house.store() as connection:
        found = load(connection, subscriber)
    assert found is not None
    return found.subscriptions[0].choice


def give(house: House, choice: Choice) -> None:
    with house.store() as connection:
        assert choose(connection, connection.scalars(select(Subscription.public_id)).one(), choice, now=house.now)


def test_each_is_followed_left_out_or_as_usual_and_shown_so_again(house: House) -> None:
    ann = house.reader("weekly")
    assert "comes as you chose" in saved(house, ann, TICKED)
    assert kept(house, ann) == CHOSEN
    page = opened(house, ann)
    assert {name: page[name] for name in TICKED} == {name: [value] for name, value in TICKED.items()}
    assert page["sections-weekly/Kitchen"] == [""]
    assert "nothing to save" in saved(house, ann)
    saved(house, ann, dict.fromkeys(TICKED, ""))
    assert kept(house, ann) == ALL


def test_an_old_tab_takes_nothing_back_that_was_chosen_since(house: House) -> None:
    ann = house.reader("weekly")
    tab = opened(house, ann)
    saved(house, ann, TICKED)
    assert "nothing to save" in saved(house, ann, tab=tab)
    saved(house, ann, {"sections-weekly/Kitchen": "mute", "sections-weekly/Council": "follow"}, tab=tab)
    assert kept(house, ann).sections == {"Harbour", "Council"}
    assert kept(house, ann).muted_sections == {"Kitchen"}
    assert (kept(house, ann).authors, kept(house, ann).hour) == (CHOSEN.authors, 7)


@pytest.mark.parametrize(
    "made_up",
    [
        {"sections-weekly/Cellar": "follow"},
        {"authors-weekly/Harbour": "mute"},
        {"sections-weekly/HARBOUR": "follow"},
        {"sections-weekly/Harbour": "everything"},
        {"had-muted_sections-weekly": "Cellar", "sections-weekly/Cellar": "follow"},
        *({"hour-weekly": hour} for hour in ("4", "6", "22", "23", "24", "-1", "x", "²", "07")),
    ],
    ids=str,
)
def test_what_is_not_offered_counts_for_nothing(house: House, made_up: Mapping[str, str]) -> None:
    ann = house.reader("weekly")
    saved(house, ann, made_up)
    assert kept(house, ann) == ALL


def test_what_is_offered_no_longer_stands_there_until_it_is_taken_back(house: House) -> None:
    ann = house.reader("weekly")
    give(house, Choice(sections=frozenset({"kitchen", "Cellar"}), muted_authors=frozenset({"Nobody Now"}), hour=3))
    page = opened(house, ann)
    assert (page["sections-weekly/Kitchen"], page["sections-weekly/Cellar"]) == (["follow"], ["follow"])
    assert (page["authors-weekly/Nobody Now"], page["hour-weekly"]) == (["mute"], ["3"])
    assert "nothing to save" in saved(house, ann)
    saved(house, ann, {"sections-weekly/Cellar": "", "authors-weekly/Nobody Now": "", "hour-weekly": ""})
    assert kept(house, ann) == Choice(sections=frozenset({"Kitchen"}))
    assert "sections-weekly/Cellar" not in opened(house, ann)


def test_where_nothing_may_be_left_out_there_are_ticks_and_an_older_no_holds(engine: Engine, now: datetime) -> None:
    house = house_with(engine, now, {"muting": False})
    ann = house.reader("weekly")
    page = house.client.get(link(ann)).text
    assert 'type="radio"' not in page and "never comes" not in page
    saved(house, ann, {"sections-weekly/Harbour": "follow", "sections-weekly/Council": "mute"})
    assert kept(house, ann) == Choice(sections=frozenset({"Harbour"}))
    give(house, Choice(muted_sections=frozenset({"Council"})))
    assert opened(house, ann)["sections-weekly/Council"] == ["mute"]
    saved(house, ann, {"sections-weekly/Council": ""})
    assert kept(house, ann) == ALL


def test_the_hour_is_asked_for_where_the_newsletter_comes_by_the_readers_clock(engine: Engine, now: datetime) -> None:
    house = house_with(engine, now, {})
    ann = house.reader("weekly")
    page = words(house.client.get(link(ann)).text)
    assert "7:00 AM where you are" in page and "keep to the clock" in page
    assert "9:00 PM" in page and "6:00 AM" not in page and "10:00 PM" not in page  # quiet hours from 21:30 to 6:30
    house = house_with(engine, now, {}, local_time=False, quiet_hours="")
    page = words(house.client.get(link(ann)).text)
    assert "Time of day" not in page and "keep to the clock" not in page
    saved(house, ann, {"hour-weekly": "9"})
    assert kept(house, ann) == ALL


def test_of_a_schedule_with_several_times_of_day_none_is_named(engine: Engine, now: datetime) -> None:
    house = house_with(engine, now, {}, schedule="0 7,17 * * *")
    assert "where you are" not in words(house.client.get(link(house.reader("weekly"))).text)


def test_what_gets_out_article_by_article_waits_for_no_hour(engine: Engine, now: datetime) -> None:
    only = {"schedule": "*/10 * * * *", "every_article": True, "cadences": {}, "cadence": "every article"}
    house = house_with(engine, now, {"cadences": []}, **only)
    assert "Time of day" not in words(house.client.get(link(house.reader("weekly"))).text)


def test_their_data_tells_what_they_chose(house: House) -> None:
    ann = house.reader("weekly")
    give(house, CHOSEN)
    data = f"/data/{sign_dated(Purpose.DATA, ann, house.now, KEYS)}"
    page = re.sub(r"\s+", " ", house.client.get(data).text)
    facts = dict(re.findall("<dt>([^<]+)</dt> ?<dd>([^<]+)</dd>", page))
    assert (facts["Sections that you follow"], facts["Authors whom you follow"]) == ("Harbour", "Mara Finch")
    assert (facts["What you leave out"], facts["Time of day"]) == ("Council and Tom Ashdown", "7:00 AM")
    (told,) = json.loads(house.client.get(f"{data}/my-data.json").text)["subscriptions"]
    assert {name: told[name] for name in ("sections", "authors", "muted_sections", "muted_authors", "hour")} == {
        "sections": ["Harbour"],
        "authors": ["Mara Finch"],
        "muted_sections": ["Council"],
        "muted_authors": ["Tom Ashdown"],
        "hour": 7,
    }


def test_sections_on_the_form_are_followed_and_who_comes_back_begins_anew(house: House) -> None:
    ann = house.reader("weekly")
    give(house, CHOSEN)
    with house.store() as connection:
        public_id = connection.scalars(select(Subscription.public_id)).one()
        unsubscribe(connection, public_id, how="page", now=house.now)
        again = Choice(sections=frozenset({"Kitchen"}))
        subscribe(connection, Person(address=parse_address(ADDRESS)), newsletter="weekly", proof=FORM, keys=KEYS, now=house.now, choice=again)
    assert kept(house, ann) == Choice(sections=frozenset({"Kitchen"}))
    house.subscribe(ADDRESS, more={"sections-weekly": ["Kitchen"], "authors-weekly/Mara Finch": "follow"})
    assert house.wishes()[-1].sections == {"Kitchen"}
