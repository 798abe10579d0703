"""The small parts of the desk, each by itself: words, ways, links, pictures, what is kept and for how long, and the settings as they are now."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from digest.desk.mail.frame import framed
from digest.desk.mail.guests import LIFETIME, MOST, Guests
from digest.desk.mail.led import links_in
from digest.desk.mail.pictures import sources
from digest.desk.mail.viewer import with_query
from digest.desk.mail.ways import CHOICES, PARTS, Ways
from digest.desk.shelf import Shelf
from digest.desk.words import ago, counted, kilobytes, span, until
from digest.errors import SettingsError
from digest.render.elements import read_page
from tests.desk.entering import House

NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)


@pytest.mark.parametrize(("length", "said"), [
    ({"seconds": 59}, ""), ({"minutes": 1}, "1 minute"), ({"hours": 2, "minutes": 1}, "2 hours 1 minute"), ({"hours": 10, "minutes": 30}, "10 hours"),
    ({"days": 1}, "1 day"), ({"days": 2, "hours": 4, "minutes": 9}, "2 days 4 hours"), ({"days": 1200}, "1,200 days"),
])  # fmt: skip
def test_a_length_of_time_is_told_in_two_units_at_most(length: Mapping[str, int], said: str) -> None:
    assert span(timedelta(**length)) == said


def test_how_long_ago_and_how_soon() -> None:
    assert ago(None, now=NOW) == "never"
    assert ago(NOW - timedelta(seconds=5), now=NOW) == "just now"
    assert ago(NOW + timedelta(minutes=40), now=NOW) == "just now"  # by another machine's clock
    assert until(NOW + timedelta(hours=3), now=NOW) == "in 3 hours"
    assert until(NOW + timedelta(seconds=3), now=NOW) == "now"
    assert until(NOW - timedelta(hours=3), now=NOW) == "3 hours ago"
    assert (counted(1, "reader"), counted(2000, "reader"), kilobytes(1536)) == ("1 reader", "2,000 readers", "1.5 KB")


@given(asked=st.dictionaries(st.sampled_from([*CHOICES, "part", "other"]), st.text(max_size=8) | st.sampled_from(["dark", "phone", "off", "links"])))
def test_however_a_mail_is_asked_for_there_is_a_way_to_look_at_it(asked: dict[str, str]) -> None:
    ways = Ways.of("/edition", {"sections": "A&B"}, asked)
    assert ways.part in PARTS
    assert sum(way.here for way in ways.parts) == 1
    assert all(sum(way.here for way in choice) == 1 for choice in ways.choices.values())
    for way in (*ways.parts, *(way for choice in ways.choices.values() for way in choice)):
        assert dict(parse_qsl(urlsplit(way.path).query))["sections"] == "A&B"
    assert 1 <= len(ways.frames("1")) <= 4
    assert len({frame.path + frame.device for frame in ways.frames("1")}) == len(ways.frames("1"))


def test_a_way_leads_to_what_it_says() -> None:
    ways = Ways.of("/edition", {}, {"colours": "dark"})
    phone = next(way for way in ways.choices["Device"] if way.title == "Phone")
    assert phone.path == "/edition?colours=dark&device=phone"
    assert [frame.device for frame in Ways.of("/e", {}, {"device": "phone"}).frames("1")] == ["phone"]
    assert with_query("/e", {"a": ""}, {"b": "1"}, {"b": ""}) == "/e"


@given(st.text(max_size=60))
def test_no_address_of_a_picture_ends_the_policy_it_stands_in(address: str) -> None:
    for given_address in (address, f"https://{address}", f"https://lamp.example/{address}"):
        said = sources([given_address])
        assert said == "'none'" or (said.isprintable() and not set(said) & set(" ;,'\"*"))


def test_pictures_become_sources_without_their_query() -> None:
    assert (
        sources(["https://b.example/b.png?x=1", "https://a.example/a.png", "data:image/png;base64,AA", ""])
        == "https://a.example/a.png https://b.example/b.png"
    )


@given(st.text(alphabet='<>/iframeLINKobject"= \n-!', max_size=80))
def test_nothing_that_leads_elsewhere_is_left_in_a_frame(text: str) -> None:
    left = read_page(framed(f"<html><head></head><body>{text}</body></html>", "light"))
    assert [element.tag for element in left.named("link", "iframe", "frame", "object", "embed")] == []


@given(st.lists(st.text(max_size=30), max_size=5))
def test_every_link_is_listed_and_only_web_addresses_open(addresses: list[str]) -> None:
    page = "".join(f'<a href="{address.replace(chr(34), "").replace("&", "").replace("<", "")}">x</a>' for address in addresses)
    for link in links_in(page, "https://letters.example"):
        assert not link.opens or link.address.lower().startswith(("http://", "https://"))


def test_a_readers_own_pages_are_not_opened() -> None:
    page = (
        '<a href="https://letters.example/leave/token">Leave</a><a href="https://lamp.example/1">One</a><a href="mailto:x@y.example">M</a><a>none</a>'
    )
    found = list(links_in(page, "https://letters.example"))
    assert [(link.words, link.opens, link.readers) for link in found] == [("Leave", False, True), ("One", True, False), ("M", False, False)]


def test_a_shelf_makes_each_thing_once_and_lets_the_oldest_go() -> None:
    shelf, made = Shelf(2), list[str]()

    def make(name: str) -> str:
        return shelf.get(name, lambda: noted(name))

    def noted(name: str) -> str:
        made.append(name)
        return name

    assert [make(name) for name in ("a", "b", "a", "c", "a", "b")] == ["a", "b", "a", "c", "a", "b"]
    assert made == ["a", "b", "c", "b"]


def test_what_fails_is_not_kept() -> None:
    shelf = Shelf(2)
    with pytest.raises(ZeroDivisionError):
        shelf.get("a", lambda: 1 // 0)
    assert shelf.get("a", lambda: "made") == "made"


def test_many_who_ask_at_once_get_the_same() -> None:
    shelf, made, got, together = Shelf(2), list[object](), list[object](), Barrier(8)

    def make() -> object:
        made.append(object())
        return made[-1]

    def ask() -> None:
        together.wait()
        got.append(shelf.get("a", make))

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert got == made * 8


def test_guests_are_forgotten_in_time_and_when_there_are_too_many() -> None:
    guests = Guests()
    name = guests.bring("sub", "Ana", NOW)
    assert guests.find(name, "Ana", NOW + LIFETIME - timedelta(seconds=1)) == "sub"
    assert guests.find(name, "Ana", NOW + LIFETIME) is None
    assert guests.find(name, "Ben", NOW) is None
    for number in range(MOST):
        guests.bring(f"sub{number}", "Ana", NOW)
    assert guests.find(name, "Ana", NOW) is None


def test_settings_are_read_anew_when_they_change_and_kept_when_they_break(engine: Engine, tmp_path: Path) -> None:
    house = House(engine=engine, folder=tmp_path, now=NOW)
    studio, before = house.studio, house.file.read_text()
    house.file.write_text(before.replace("The Lantern Weekly", "Another title"))
    studio.refresh()
    assert studio.settings.newsletter("weekly").title == "Another title"
    for broken in ("[newsletters", before.replace("title", "titel"), ""):
        house.file.write_text(broken) if broken else house.file.unlink()
        studio.refresh()
        assert studio.mistake
        assert studio.settings.newsletter("weekly").title == "Another title"
    house.file.write_text(before)
    studio.refresh()
    assert studio.mistake == ""


def test_a_desk_does_not_begin_with_settings_that_are_wrong(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="signing key"):
        House(engine=engine, folder=tmp_path, now=NOW, environment={})


@pytest.mark.parametrize(
    "path", ["/static/style-0.css", "/static/nothing-0.css", "/static/..-0.css", "/static/base-0.html", "/static/x", "/static/-.css"]
)
def test_only_what_is_meant_to_be_loaded_is(engine: Engine, tmp_path: Path, path: str) -> None:
    answer = House(engine=engine, folder=tmp_path, now=NOW).client().get(path)
    assert answer.status_code == (200 if path.startswith("/static/style") else 404)
    assert "immutable" not in answer.headers["cache-control"]
