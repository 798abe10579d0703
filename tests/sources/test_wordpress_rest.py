"""What a WordPress can do wrong: the reading ends with a sentence, and nothing is called vanished that may still be there."""

from collections.abc import Callable, Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

import pytest

from digest.content.values import Role
from digest.errors import SourceError, TryLater
from digest.settings import Source
from digest.sources.http import Client
from digest.sources.values import Event, Known, Vanished
from digest.sources.wordpress import read_wordpress, recheck
from tests.sources.web import Asked, Page, Site, serving
from tests.sources.wordpress_json import COMMENTS, DATE, POSTS, USERS, comment, lay_down, post, refusal, reply
from tests.sources.wordpress_reading import collect, events_of, read_site


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        lay_down(site, [post(1)], [comment(5)])
        yield site


def read_broken(site: Site, client: Client, now: datetime) -> str:
    """Why it broke off; until then nothing may have been called vanished."""
    events: list[Event] = []
    with pytest.raises(SourceError) as caught:
        events.extend(events_of(site, client, now))
    assert not [event for event in events if isinstance(event, Vanished)]
    return str(caught.value)


def test_what_the_list_no_longer_has_is_gone(site: Site, client: Client, now: datetime) -> None:
    seen = read_site(site, client, now)
    assert (seen.gone_articles, seen.gone_comments) == ({"9"}, {"8"})


@pytest.mark.parametrize(
    ("page", "why"),
    [
        (Page(b"<p>Welcome.</p>", headers={"Content-Type": "text/html; charset=UTF-8"}), "no readable JSON list (but text/html)"),
        (Page(b"[]"), "no readable JSON list (but nothing that is named)"),
        (Page(b'[{"id": 1', headers={"Content-Type": "application/json"}), "no readable JSON list"),
        (Page(b"[" * 100_000, headers={"Content-Type": "application/json"}), "no readable JSON list"),
        (reply({"id": 1}), "no readable JSON list"),
        (reply([], headers={"X-WP-TotalPages": "4000000000"}), "more than 1000 pages"),
        (refusal(401, "rest_not_logged_in"), "answered 401 (rest_not_logged_in). The REST interface may be closed"),
        (refusal(404, "rest_no_route"), "answered 404 (rest_no_route)."),
        (refusal(400, "no <b>word</b>"), "answered 400."),
        (Page(status=500), "answered 500"),
    ],
)
def test_a_list_that_cannot_be_read(site: Site, client: Client, now: datetime, page: Page, why: str) -> None:
    for route in (COMMENTS, POSTS):
        site.pages[route] = page
        assert why in read_broken(site, client, now)


def test_a_site_that_asks_for_patience(site: Site, client: Client, now: datetime) -> None:
    site.pages[USERS] = Page(status=429, headers={"Retry-After": "90"})
    site.pages[COMMENTS] = reply([comment(5, author=3)])
    with pytest.raises(TryLater) as caught:
        read_site(site, client, now)
    assert caught.value.seconds == 90


def pages(*answers: Page) -> Callable[[Asked, BaseHTTPRequestHandler], Page]:
    def answer(asked: Asked, handler: BaseHTTPRequestHandler) -> Page:
        query = parse_qs(urlsplit(asked.path).query)
        return reply([]) if "include" in query else answers[int(query.get("page", ["1"])[0]) - 1]

    return answer


NEXT = {"Link": '<https://harbour.example/wp-json/wp/v2/comments?page=2>; rel="next"'}


@pytest.mark.parametrize("headers", [NEXT, {"X-WP-TotalPages": "2"}], ids=["link", "total"])
def test_the_headers_say_when_the_list_ends(site: Site, client: Client, now: datetime, headers: dict[str, str]) -> None:
    last = {"X-WP-TotalPages": "2"} if "Link" not in headers else {}
    site.pages[COMMENTS] = pages(reply([], headers=headers), reply([comment(5)], headers=last))
    assert set(read_site(site, client, now).comments) == {"5"}


def test_the_second_page_is_broken(site: Site, client: Client, now: datetime) -> None:
    site.pages[COMMENTS] = pages(reply([comment(5)], headers=NEXT), Page(status=500))
    assert "answered 500" in read_broken(site, client, now)


def test_the_list_becomes_shorter_while_it_is_read(site: Site, client: Client, now: datetime) -> None:
    short = pages(reply([post(1)], headers={"X-WP-TotalPages": "2"}), refusal(400, "rest_post_invalid_page_number"))
    site.pages[POSTS] = short
    assert set(read_site(site, client, now).gone_articles) == {"1", "9"}  # nothing was answered for the chosen ones


@pytest.mark.parametrize("nameless", [None, 7, "post", [], {"id": "1"}, {"id": -1}, {"id": True}, {"id": 2**70}])
def test_an_item_without_a_number_keeps_the_rest_from_vanishing(site: Site, client: Client, now: datetime, nameless: object) -> None:
    lay_down(site, [nameless, post(1)], [comment(5)])
    seen = read_site(site, client, now)
    assert set(seen.articles) == {"1"}
    assert not seen.gone_articles | seen.gone_comments
    assert "no number" in seen.problems[-1].what

    lay_down(site, [post(1)], [nameless, comment(5)])
    seen = read_site(site, client, now)
    assert set(seen.comments) == {"5"}
    assert not seen.gone_comments
    assert "no number" in seen.problems[-1].what


def test_a_broken_item_is_a_problem_and_stays(site: Site, client: Client, now: datetime) -> None:
    lay_down(site, [post(1), post(9, date_gmt="soon")], [comment(5), comment(8, date_gmt=None)])
    seen = read_site(site, client, now)
    assert set(seen.articles) == {"1"}
    assert set(seen.comments) == {"5"}
    assert {problem.where for problem in seen.problems} >= {"post 9", "comment 8"}
    assert not seen.gone_articles | seen.gone_comments


@pytest.mark.parametrize("date", ["9999-12-31T23:59:59", "0000-00-00T00:00:00", "1969-01-01T00:00:00", "2026-11-20", "2026-11-26T07:00:00", "", 5])
def test_a_date_nobody_believes(site: Site, client: Client, now: datetime, date: object) -> None:
    lay_down(site, [post(1, date_gmt=date)], [])
    seen = read_site(site, client, now)
    assert not seen.articles
    assert "post 1" in {problem.where for problem in seen.problems}


def test_a_post_hidden_after_it_was_listed(site: Site, client: Client, now: datetime) -> None:
    hidden = post(1, content={"rendered": "", "protected": True})

    def answer(asked: Asked, handler: BaseHTTPRequestHandler) -> Page:
        return reply([hidden] if "_embed" in asked.path else [post(1)])

    site.pages[POSTS] = answer
    seen = read_site(site, client, now)
    assert not seen.articles
    assert not seen.comments
    assert seen.gone_articles >= {"1"}


@pytest.mark.parametrize("page", [refusal(401, "rest_user_cannot_view"), Page(b"<p>Welcome.</p>"), reply([{"id": 3, "name": 5}, None])])
def test_a_site_that_keeps_its_users_to_itself(site: Site, client: Client, now: datetime, page: Page) -> None:
    lay_down(site, [post(1)], [comment(5, author=3, author_name="Olga Pier"), comment(6, author=4)])
    site.pages[USERS] = page
    comments = read_site(site, client, now, roles={"olga pier": "staff"}).comments
    assert [(one.author_key, one.role) for one in comments.values()] == [("user-3", Role.STAFF), ("user-4", Role.READER)]


def test_a_cursor_that_cannot_be_read_reads_all(site: Site, client: Client, now: datetime) -> None:
    known = Known(articles={"1": now}, comments={}, first=False)
    source = Source(kind="wordpress", url=site.url)
    for memory in ({"modified": "some day"}, {"modified": 5}, {"modified": "2026-11-01T00:00:00Z"}):
        assert set(collect(read_wordpress(source, password="", client=client, memory=memory, known=known, now=now)).articles) == {"1"}
    later = read_wordpress(source, password="", client=client, memory={"modified": f"{DATE[:11]}23:00:00Z"}, known=known, now=now)
    assert not collect(later).articles


def test_the_recheck_fails_rather_than_guess(site: Site, client: Client) -> None:
    source = Source(kind="wordpress", url=site.url)
    site.pages[COMMENTS] = Page(b"{", headers={"Content-Type": "application/json"})
    with pytest.raises(SourceError):
        recheck(source, password="", client=client, article_keys=["1"], comment_keys=["5"])


def test_the_recheck_leaves_keys_of_another_kind_alone(site: Site, client: Client) -> None:
    source = Source(kind="wordpress", url=site.url)
    asked = ["1", "2", "https://harbour.example/3/", "٣", "01", ""]
    gone = recheck(source, password="", client=client, article_keys=asked, comment_keys=[*asked, "5"])
    assert (gone.articles, gone.comments, gone.held) == (("2",), ("1", "2"), ())
