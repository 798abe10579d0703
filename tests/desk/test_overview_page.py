"""What an editor sees first, the list of editions and the sources: what is wanted of them, and what to do where there is nothing yet."""

from collections.abc import Callable
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import Engine

from digest.editions import store
from digest.editions.values import EditionState
from digest.publish import publish
from digest.working import draft_of
from tests.desk.entering import House
from tests.desk.showing import PATH, filled
from tests.test_deliver import SLOT

DAILY = '[newsletters.daily]\ntitle = "The Lantern at Noon"\nfrom_address = "noon@lantern.example"\nschedule = "0 12 * * *"\ncadence = "daily"\n'
REVIEWED = 'review = "approve"\nreview_hours = 12\n'


@pytest.fixture
def house(engine: Engine, tmp_path: Path) -> House:
    return House(engine=engine, folder=tmp_path, now=SLOT - timedelta(hours=2))


def read(house: House, path: str = "/") -> str:
    answer = house.local().get(path)
    assert answer.status_code == 200
    return " ".join(unescape(answer.text).split())


def edition(house: House, number: int, state: EditionState, newsletter: str = "weekly") -> int:
    slot = SLOT - timedelta(days=7 * number)
    with house.engine.begin() as connection:
        start = slot - timedelta(days=7)
        made = store.claim_slot(
            connection, newsletter=newsletter, cadence="weekly", slot=slot, window_start=start, cutoff=slot, state=state, now=slot
        )
    assert made is not None
    return made


def test_it_tells_when_what_goes_out_in_the_newsletters_own_zone(house: House) -> None:
    house.file.write_text(house.file.read_text() + 'time_zone = "Europe/Lisbon"\n' + DAILY)
    page = read(house)
    assert "Mon 23 Nov 2026 07:00" in page
    assert "in 2 hours" in page
    assert page.index("The Lantern Weekly") < page.index("The Lantern at Noon")


def test_what_is_wanted_of_somebody_comes_first(house: House) -> None:
    house.file.write_text(house.file.read_text() + REVIEWED + DAILY.replace("0 12", "0 6"))
    house.studio.refresh()
    letter = house.studio.settings.newsletter("weekly")
    assert "will need approval" in read(house).lower()
    with house.engine.begin() as connection:
        draft_of(connection, letter, SLOT, house.now)
    page = read(house)
    assert "<strong>Waits for approval.</strong>" in page
    assert page.index("Waits for approval") < page.index("The Lantern at Noon")


def test_where_there_is_nothing_it_says_what_to_do(house: House) -> None:
    page = read(house)
    for words in ("Nothing has gone out yet", "No source yet", "digest sync", "Nobody is at work", "digest run"):
        assert words in page
    house.file.write_text('[publication]\nname = "Bare"\n')
    assert "No newsletter yet" in read(house)
    assert "No edition like that" in read(house, "/editions")
    assert "No source yet" in read(house, "/sources")


def test_what_went_out_is_told_with_how_it_went(house: House) -> None:
    filled(house)
    publish(house.engine, house.studio.settings, house.studio.settings.newsletter("weekly"), SLOT, now=SLOT)
    page = read(house)
    assert "Going out now" in page
    assert "0 of 3 settled" in page
    assert "3 still to go" in read(house, PATH)


def test_sources_that_fail_say_why(house: House) -> None:
    house.file.write_text(house.file.read_text() + '[sources.town]\nkind = "feed"\nurl = "https://town.example/feed"\n')
    page = read(house, "/sources")
    assert "never synced: run `digest sync`" in page
    assert "Never synced" in read(house)


def test_editions_are_paged_without_gaps_and_filtered(house: House) -> None:
    made = [edition(house, number, EditionState.SENT if number % 2 else EditionState.SKIPPED) for number in range(60)]
    client, seen, path = house.local(), list[str](), "/editions"
    while path:
        page = unescape(client.get(path).text)
        seen += [line.partition('"')[0] for line in page.split('<a href="/edition/')[1:]]
        path = page.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0] if 'rel="next"' in page else ""
    assert len(seen) == len(set(seen)) == len(made)
    assert seen == sorted(seen, reverse=True)
    assert client.get("/editions?state=sent").text.count('<a href="/edition/') == 25
    assert "badge skipped" not in client.get("/editions?state=sent").text


def test_an_edition_of_what_is_not_declared_any_more_is_listed_without_a_link(house: House) -> None:
    edition(house, 1, EditionState.SENT, newsletter="former")
    page = read(house, "/editions")
    assert "former" in page
    assert "/edition/former" not in page


@pytest.mark.parametrize("before", ["x", "1-2-3", "99999999999999999999-1", "-", "1-99999999999999999999999"])
def test_a_place_that_nobody_named_is_the_beginning(house: House, before: str) -> None:
    edition(house, 1, EditionState.SENT)
    assert "/edition/weekly/weekly/20261116T0700Z" in read(house, f"/editions?before={before}")


@pytest.mark.parametrize("path", ["/", "/editions", "/sources", PATH, f"{PATH}/frame"])
def test_queries_do_not_grow_with_what_there_is(house: House, statements: Callable[[], int], path: str) -> None:
    """Each page is asked for twice: once with little in the store, once with much."""
    filled(house, articles=4, readers=1)
    for number in range(1, 4):
        edition(house, number, EditionState.SENT)
    client = house.local()
    counts = []
    for more in (0, 40):
        for number in range(4, 4 + more):
            edition(house, number, EditionState.SENT)
        if more:
            filled(house, articles=60, readers=0)
        house.wait(minutes=1)
        statements()
        assert client.get(path).status_code == 200
        counts.append(statements())
    few, many = counts
    assert many <= few + 2 * 2  # up to five editions that are over are counted: two more than before, in a statement or two each
    assert many <= 60
