"""Weights tried on an edition, and kept in digest.toml with one press."""

import re
from collections.abc import Mapping
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from digest.accounts import log
from digest.desk.edition_now import working_now
from tests.desk.entering import KEYS, House, csrf
from tests.desk.showing import PATH, add_article, filled
from tests.test_deliver import SLOT

OURS = """
[newsletters.weekly.limits]
articles = 2   # a short one

[newsletters.weekly.articles]
relevance = 1.0
freshness = 0.1  # as in spring
"""
NEWER = {"articles.freshness": "30"}


@pytest.fixture
def house(engine: Engine, tmp_path: Path) -> House:
    """With an old article that is talked about a little, and a new one that nobody talks of."""
    made = filled(House(engine=engine, folder=tmp_path, now=SLOT - timedelta(hours=2), settings=OURS), readers=1)
    add_article(made, 40, title="Brand new, and nobody has said a word", published_at=SLOT - timedelta(minutes=40))
    return made


def stories(page: str) -> list[str]:
    listed = page.partition('<ol class="stories">')[2].partition("</ol>")[0]
    return [unescape(title) for title in re.findall("<bdi>(.*?)</bdi>", listed)]


def keep(client: TestClient, values: Mapping[str, str], **fields: str) -> Any:
    shown = client.get(f"{PATH}/weights", params=values).text
    hidden = re.findall(r'<input type="hidden" name="([\w.]+)" value="([^"]*)">', shown.partition('id="result"')[2])
    return client.post(f"{PATH}/weights", data={**dict(hidden), **fields})


def test_other_weights_choose_others_and_nothing_is_kept(house: House) -> None:
    client, before = house.local(), house.file.read_bytes()
    now = client.get(f"{PATH}/weights").text
    assert "Brand new" not in "".join(stories(now))

    page = client.get(f"{PATH}/weights", params=NEWER).text

    assert "Brand new, and nobody has said a word" in stories(page)
    assert "1 in, 1 out" in page
    assert "now 0.1" in page
    frame = client.get(f"{PATH}/weights/frame", params=NEWER)
    assert "Brand new, and nobody has said a word" in frame.text
    assert frame.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert "Brand new" not in client.get(f"{PATH}/weights/frame").text
    assert house.file.read_bytes() == before
    assert "Brand new" not in client.get(f"{PATH}/frame").text


def test_one_press_keeps_them_with_comments_and_order(house: House) -> None:
    client, before = house.local(), house.file.read_text()

    answer = keep(client, NEWER)

    assert answer.status_code == 303
    assert house.file.read_text() == before.replace("freshness = 0.1 ", "freshness = 30.0 ")
    assert "1 weight stands in digest.toml" in client.get(answer.headers["location"]).text
    letter = house.studio.settings.newsletter("weekly")
    assert letter.articles.freshness == 30
    assert "Brand new" in client.get(f"{PATH}/frame").text
    assert working_now(house.studio, letter, SLOT).changes.all == ()
    with house.engine.begin() as connection:
        line = log.latest(connection)[0]
    assert (line.what, line.newsletter) == ("keep", "weekly")
    path = "newsletters.weekly.articles.freshness"
    assert line.detail == {"weights": {path: 30}, "was": {path: 0.1}}


def test_a_file_that_somebody_else_changed_is_not_written_over(house: House) -> None:
    client = house.local()
    page = client.get(f"{PATH}/weights", params=NEWER).text
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen
    theirs = house.file.read_text().replace("relevance = 1.0", "relevance = 0.5")
    house.file.write_text(theirs)

    answer = keep(client, NEWER, seen=seen[1])

    assert answer.status_code == 409
    assert "changed by somebody else meanwhile" in answer.text
    assert house.file.read_text() == theirs
    assert 'name="articles.freshness" value="30"' in answer.text  # both are shown: theirs as what is now, ours as what is tried
    assert "now 0.5" in answer.text
    fields = dict(re.findall(r'<input type="hidden" name="([\w.]+)" value="([^"]*)">', answer.text.partition('id="result"')[2]))
    assert client.post(f"{PATH}/weights", data=fields).status_code == 303
    assert house.file.read_text() == theirs.replace("freshness = 0.1 ", "freshness = 30.0 ")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"articles.decay": "-1"}, "greater than or equal to 0"),
        ({"articles.freshness": "<b>"}, "is no number"),
        ({"articles.nothing": "1"}, "no weight"),
    ],
)
def test_what_is_no_weight_is_told_and_not_kept(house: House, asked: dict[str, str], said: str) -> None:
    client, before = house.local(), house.file.read_bytes()

    shown = client.get(f"{PATH}/weights", params=asked)
    kept = keep(client, NEWER, **asked)

    assert (shown.status_code, kept.status_code) == (400, 400)
    assert said in shown.text
    assert said in kept.text
    assert client.get(f"{PATH}/weights/frame", params=asked).status_code == 404
    assert house.file.read_bytes() == before


def test_what_the_environment_says_cannot_be_changed_here(engine: Engine, tmp_path: Path) -> None:
    environment = {"DIGEST_PAGES__KEYS": KEYS, "DIGEST_NEWSLETTERS__WEEKLY__ARTICLES__FRESHNESS": "0.3"}
    house = filled(House(engine=engine, folder=tmp_path, now=SLOT - timedelta(hours=2), settings=OURS, environment=environment), readers=1)
    client, before = house.local(), house.file.read_bytes()

    page = client.get(f"{PATH}/weights").text

    assert "DIGEST_NEWSLETTERS__WEEKLY__ARTICLES__FRESHNESS in the environment" in page
    assert re.search(r'name="articles.freshness"[^>]* disabled', page)
    refused = client.post(f"{PATH}/weights", data={"csrf": csrf(client.get("/").text), "seen": "", **NEWER})
    assert refused.status_code == 400
    assert "cannot be changed here" in refused.text
    assert house.file.read_bytes() == before


def test_a_file_that_cannot_be_changed_by_a_program_says_what_to_write(house: House) -> None:
    client = house.local()
    shown = client.get(f"{PATH}/weights", params=NEWER)
    assert shown.status_code == 200
    house.file.unlink()

    answer = client.get(f"{PATH}/weights", params=NEWER)

    assert answer.status_code == 409
    assert "cannot be read" in answer.text


def test_an_edition_that_is_fixed_is_tried_as_if_it_were_chosen_now(house: House) -> None:
    from digest.working import fix

    fix(house.engine, house.studio.settings, house.studio.settings.newsletter("weekly"), SLOT, now=house.now)
    client = house.local()

    page = client.get(f"{PATH}/weights", params=NEWER).text

    assert "This edition is chosen already" in page
    assert "Brand new, and nobody has said a word" in stories(page)
    assert "Brand new" not in client.get(f"{PATH}/frame").text
