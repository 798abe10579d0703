"""What is dear at the desk is done once: an edition is read and chosen once for all its pages, and readers are asked only where it matters."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from digest.desk.ahead import asked_ahead
from digest.desk.edition_now import asking_now
from digest.desk.events import desk_look, edition_look
from digest.publish import publish
from tests.desk.entering import House
from tests.desk.showing import filled

SLOT = datetime(2026, 11, 23, 7, tzinfo=UTC)
PATH = "/edition/weekly/weekly/20261123T0700Z"
TABS = ("", "/frame", "/content", "/why", "/checks", "/history", "/mail.eml")
OF_THE_WINDOW = "LEFT OUTER JOIN authors ON comments.author_id"  # as all comments of an edition are read
OF_READERS = "subscriptions.muted_sections"  # as is asked what they want

Said = Callable[[str], int]


@pytest.fixture
def said(engine: Engine) -> Iterator[Said]:
    """How many statements with these words have gone to the database since it was last asked."""
    seen: list[str] = []

    def note(*arguments: object) -> None:
        seen.append(str(arguments[2]))

    def count(words: str) -> int:
        number = sum(words in statement for statement in seen)
        seen.clear()
        return number

    event.listen(engine, "before_cursor_execute", note)
    yield count
    event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def house(engine: Engine, tmp_path: Path) -> House:
    return filled(House(engine=engine, folder=tmp_path, now=SLOT - timedelta(hours=2)))


@pytest.mark.parametrize("out", [False, True])
@pytest.mark.parametrize("first", TABS)
def test_an_edition_is_read_once_for_all_its_pages(house: House, said: Said, first: str, out: bool) -> None:
    if out:
        publish(house.engine, house.studio.settings, house.studio.settings.newsletter("weekly"), SLOT, now=SLOT)
    client = house.local()
    said(OF_THE_WINDOW)
    for tab in (first, *TABS):
        assert client.get(PATH + tab).status_code == 200
    assert said(OF_THE_WINDOW) == 1


def test_of_an_edition_that_is_out_no_reader_is_asked(house: House, said: Said) -> None:
    client = house.local()
    assert client.get(f"{PATH}/why").status_code == 200
    assert said(OF_READERS) == 1
    house.wait(minutes=20)
    publish(house.engine, house.studio.settings, house.studio.settings.newsletter("weekly"), SLOT, now=SLOT)
    said(OF_READERS)
    assert all(client.get(PATH + tab).status_code == 200 for tab in TABS)
    assert said(OF_READERS) == 0


def test_what_readers_want_is_asked_as_the_desk_opens(house: House, said: Said) -> None:
    with asked_ahead(house.studio):
        asking_now(house.studio, house.studio.settings.newsletter("weekly"))  # waits for that
    assert said(OF_READERS) == 1
    assert house.local().get(PATH).status_code == 200
    assert said(OF_READERS) == 0


@pytest.mark.parametrize("page", ["/", PATH])
def test_and_again_while_a_page_is_open_but_not_by_whoever_loads_one(house: House, said: Said, page: str) -> None:
    client = house.local()
    assert client.get(PATH).status_code == 200
    look = desk_look(house.studio) if page == "/" else edition_look(house.studio, house.studio.settings.newsletter("weekly"), SLOT)
    said(OF_READERS)
    house.wait(minutes=6)
    assert client.get(PATH).status_code == 200
    assert said(OF_READERS) == 0
    assert look() == look()
    assert said(OF_READERS) == 1
    house.wait(minutes=66)  # with no page open
    assert client.get(PATH).status_code == 200
    assert said(OF_READERS) == 1
