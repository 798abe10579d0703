"""The page that says why: of a week's edition, against the last one, and of one that is out."""

import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from digest.editions.changes import Drop, Pin
from digest.editions.values import Kind
from digest.publish import publish
from tests.desk.entering import House
from tests.desk.showing import PATH, add_article, filled
from tests.desk.test_content_page import by_somebody_else, edition
from tests.test_deliver import SLOT

NEXT = "/edition/weekly/weekly/20261130T0700Z"


@pytest.fixture
def house(engine: Engine, tmp_path: Path) -> House:
    limits = "[newsletters.weekly.limits]\narticles = 4\nreserves = 1\nmin_new = 1\n"
    return filled(House(engine=engine, folder=tmp_path, now=SLOT - timedelta(hours=2), settings=limits), readers=1)


def words(html: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", html)))


def test_picks_runners_up_and_gates_are_told(house: House) -> None:
    add_article(house, 70, title="A story of the sponsor’s", tags=("sponsored",))
    page = words(house.local().get(f"{PATH}/why").text)

    assert "talk +" in page
    assert "freshness +" in page
    assert "Each is held against that one" in page
    assert "Lacked:" in page
    assert "In reserve: they step in when one that is in falls 1" in page
    assert "a sponsored article: these have a slot of their own 1" in page
    assert "None has gone out before this one." in page


def test_what_editors_did_stands_beside_it(house: House) -> None:
    first = edition(house).stories[0].article_id
    by_somebody_else(house, Drop(item=Kind.ARTICLE, id=first))
    by_somebody_else(house, Pin(item=Kind.ARTICLE, id=edition(house).stories[1].article_id))

    page = words(house.local().get(f"{PATH}/why").text)

    assert "dropped by Ben" in page
    assert "pinned by Ben" in page


def test_an_edition_is_held_against_the_last_one(house: House) -> None:
    letter = house.studio.settings.newsletter("weekly")
    house.now = SLOT
    last = publish(house.engine, house.studio.settings, letter, SLOT, now=SLOT).edition
    add_article(house, 90, title="Something of the week after", section="Harbour", published_at=SLOT + timedelta(days=2))

    page = house.local().get(f"{NEXT}/why").text

    told = words(page)
    assert f"Subject then {last.subject}" in told
    assert "Stories 4 then, 1 now" in told
    assert "Came in 1 Something of the week after" in told
    assert "Is out 4" in told
    assert re.search(r"Harbour 0 1 ▲", told)
    assert f'href="{PATH}"' in page
    out = words(house.local().get(f"{PATH}/why").text)
    assert "The runners-up, and what they lacked" in out


def test_it_takes_few_queries(house: House, statements: Any) -> None:
    client, counts = house.local(), []
    for more in (8, 40):
        for number in range(100, 100 + more):
            add_article(house, number)
        statements()
        assert "What is in, and why" in client.get(f"{PATH}/why").text
        counts.append(statements())
    assert counts[1] <= counts[0] <= 30
