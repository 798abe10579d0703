"""Whether links lead anywhere, asked of real servers on loopback."""

import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from threading import Barrier, Event

import pytest

from digest.settings import Fetch
from digest.sources.reach import AT_ONCE, Reached, Way, reach
from tests.sources.web import Asked, Page, Site, serving

OURS = Fetch(allow_private=("127.0.0.0/8",), timeout_seconds=20)


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        yield site


def only(found: tuple[Reached, ...]) -> Reached:
    (one,) = found
    return one


def test_what_answers_is_open_and_what_does_not_is_dead(site: Site) -> None:
    site.pages["/there"] = Page(b"here")
    found = reach([f"{site.url}/there", f"{site.url}/gone", f"{site.url}/there"], OURS)
    assert [(one.url, one.way) for one in found] == [(f"{site.url}/there", Way.OPEN), (f"{site.url}/gone", Way.DEAD)]
    assert found[1].why == "It answers 404: there is nothing."
    assert site.paths.count("/there") <= 2  # HEAD, and GET where the server does not know HEAD


@pytest.mark.parametrize("status", [401, 403, 429, 503])
def test_who_would_not_say_is_not_called_dead(site: Site, status: int) -> None:
    site.pages["/a"] = Page(status=status)
    assert only(reach([f"{site.url}/a"], OURS)).way is Way.UNSURE


@pytest.mark.parametrize("status", [500, 502])
def test_a_server_that_fails_is_dead(site: Site, status: int) -> None:
    site.pages["/a"] = Page(status=status)
    assert only(reach([f"{site.url}/a"], OURS)).way is Way.DEAD


def test_what_moved_for_good_is_told_and_what_moved_for_now_is_not(site: Site) -> None:
    site.pages |= {
        "/new": Page(b"here"),
        "/old": Page(status=301, headers={"Location": "/new"}),
        "/now": Page(status=302, headers={"Location": "/new"}),
    }
    old, now = reach([f"{site.url}/old", f"{site.url}/now"], OURS)
    assert (old.way, old.moved_to) == (Way.OPEN, f"{site.url}/new")
    assert (now.way, now.moved_to) == (Way.OPEN, "")


def test_our_own_network_is_not_asked(site: Site) -> None:
    site.pages["/a"] = Page(b"secret")
    for address in (f"{site.url}/a", "http://10.0.0.1/", "http://169.254.169.254/latest/meta-data"):
        found = only(reach([address], Fetch()))
        assert found.way is Way.UNSURE and "not on the open internet" in found.why
    assert site.asked == []


def test_nor_is_it_over_a_redirect(site: Site) -> None:
    site.pages["/a"] = Page(status=302, headers={"Location": "http://10.0.0.1/"})
    assert "not on the open internet" in only(reach([f"{site.url}/a"], OURS)).why


def test_a_name_that_nobody_knows_and_a_port_where_nobody_listens_are_dead() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    assert only(reach([f"http://127.0.0.1:{port}/"], OURS)).way is Way.DEAD
    assert only(reach(["http://nowhere.invalid/"], OURS)).way is Way.DEAD


def test_a_server_that_says_nothing_is_unsure(site: Site) -> None:
    over = Event()

    def silent(asked: Asked, handler: BaseHTTPRequestHandler) -> None:
        over.wait(20)

    site.pages["/a"] = silent
    try:
        assert only(reach([f"{site.url}/a"], OURS.model_copy(update={"timeout_seconds": 0.2}))).way is Way.UNSURE
    finally:
        over.set()


def test_a_few_are_asked_at_once(site: Site) -> None:
    """Each answer waits until as many are under way as may be."""
    together = Barrier(AT_ONCE, timeout=20)

    def answer(asked: Asked, handler: BaseHTTPRequestHandler) -> Page:
        together.wait()
        return Page(b"here")

    site.pages |= {f"/{number}": answer for number in range(AT_ONCE)}
    assert all(one.way is Way.OPEN for one in reach([f"{site.url}/{number}" for number in range(AT_ONCE)], OURS))


def test_when_the_time_is_over_nothing_more_is_asked(site: Site) -> None:
    found = reach([f"{site.url}/{number}" for number in range(50)], OURS, seconds=0)
    assert {(one.way, one.why) for one in found} == {(Way.UNSURE, "There was no time left to ask for it.")}
    assert site.asked == []


def test_of_nothing_nothing_is_asked() -> None:
    assert reach([], OURS) == ()
