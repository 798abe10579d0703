from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.errors import Gone, SourceError, TryLater
from digest.settings import Source
from digest.sources.http import Client
from digest.sources.read_feed import TALKS_A_RUN, read_feed
from digest.sources.values import Arrived, Event, Known, Problem, Remember, Vanished
from tests.sources.feeds import item, remark, rss
from tests.sources.web import Asked, Page, Site, conditional, serving

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
NOTHING = Known(articles={}, comments={}, first=True)


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        yield site


class Follower:
    """Reads one feed again and again, with what it remembered the last time."""

    def __init__(self, client: Client, source: Source, password: str = "") -> None:
        self.client = client
        self.source = source
        self.password = password
        self.memory: Mapping[str, object] = {}

    def read(self, *, now: datetime = NOW, known: Known = NOTHING) -> list[Event]:
        events: list[Event] = []
        for event in read_feed(self.source, password=self.password, client=self.client, memory=self.memory, known=known, now=now):
            events.append(event)
            if isinstance(event, Remember):
                self.memory = event.memory
        return events


@pytest.fixture
def follower(client: Client, site: Site) -> Follower:
    return Follower(client, Source(kind="feed", url=f"{site.url}/feed"))


def article_keys(events: list[Event]) -> list[str]:
    return [article.key for event in events if isinstance(event, Arrived) for article in event.articles]


def comment_keys(events: list[Event]) -> list[str]:
    return [comment.key.rpartition("-")[2] for event in events if isinstance(event, Arrived) for comment in event.comments]


def vanished_comments(events: list[Event]) -> list[str]:
    return [key.rpartition("-")[2] for event in events if isinstance(event, Vanished) for key in event.comments]


def problems(events: list[Event]) -> list[str]:
    return [event.what for event in events if isinstance(event, Problem)]


def talk(site: Site, number: int) -> str:
    return f"<wfw:commentRss>{site.url}/talk-{number}</wfw:commentRss>"


@pytest.mark.parametrize("headers", [{"ETag": '"one"'}, {"ETag": 'W/"one"'}, {"Last-Modified": "Fri, 20 Nov 2026 08:00:00 GMT"}])
def test_a_feed_that_has_not_changed_is_not_sent_again(site: Site, follower: Follower, headers: dict[str, str]) -> None:
    site.pages["/feed"] = conditional(Page(rss(item(1)), headers=headers))
    assert article_keys(follower.read()) == ["https://harbour.example/?p=1"]
    assert follower.read() == []
    site.pages["/feed"] = conditional(Page(rss(item(2)), headers={"ETag": '"two"'}))
    assert article_keys(follower.read()) == ["https://harbour.example/?p=2"]


def test_other_roles_reach_a_feed_that_has_not_changed(site: Site, follower: Follower) -> None:
    site.pages["/feed"] = conditional(Page(rss(item(1)), headers={"ETag": '"one"'}))
    follower.read()
    follower.source = follower.source.model_copy(update={"section": "Quay"})
    assert article_keys(follower.read()) == ["https://harbour.example/?p=1"]
    assert follower.read() == []


def test_what_was_cut_off_is_asked_for_again(site: Site, follower: Follower) -> None:
    whole = rss(item(1), item(2))
    site.pages["/feed"] = conditional(Page(whole[: whole.rindex(b"</item>")], headers={"ETag": '"one"'}))
    first = follower.read()
    assert (len(article_keys(first)), len(problems(first))) == (1, 1)
    site.pages["/feed"] = conditional(Page(whole, headers={"ETag": '"one"'}))
    assert len(article_keys(follower.read())) == 2


def test_an_item_that_left_the_feed_has_not_vanished(site: Site, follower: Follower) -> None:
    site.pages["/feed"] = Page(rss(item(2)))
    known = Known(articles={"https://harbour.example/?p=1": NOW}, comments={}, first=False)
    assert all(event.articles == () for event in follower.read(known=known) if isinstance(event, Vanished))


def test_an_undated_item_keeps_the_date_of_its_first_sight(site: Site, follower: Follower) -> None:
    site.pages["/feed"] = Page(rss(item(1, date="")))
    for day in range(3):
        (event,) = [event for event in follower.read(now=NOW + timedelta(days=day)) if isinstance(event, Arrived)]
        assert event.articles[0].published_at == NOW


def test_a_feed_that_has_moved_for_good_is_read_and_told(site: Site, follower: Follower) -> None:
    site.pages |= {"/feed": Page(status=301, headers={"Location": "/new?key=s3cret"}), "/new": Page(rss(item(1)))}
    events = follower.read()
    assert len(article_keys(events)) == 1
    assert problems(events) == [f"It has moved for good to {site.url}/new?…: put that into digest.toml."]


def test_a_feed_that_is_gone_for_good(site: Site, follower: Follower) -> None:
    site.pages["/feed"] = Page(status=410)
    with pytest.raises(Gone):
        follower.read()


@pytest.mark.parametrize(("status", "words"), [(404, "answered 404"), (401, "wants a user"), (403, "wants a user"), (204, "answered 204")])
def test_other_answers_are_errors(site: Site, follower: Follower, status: int, words: str) -> None:
    site.pages["/feed"] = Page(status=status)
    with pytest.raises(SourceError, match=words):
        follower.read()


def test_patience_asked_for_is_passed_on(site: Site, follower: Follower) -> None:
    site.pages["/feed"] = Page(status=429, headers={"Retry-After": "120"})
    with pytest.raises(TryLater) as caught:
        follower.read()
    assert caught.value.seconds == 120


def test_comment_feeds_are_read_conditionally_too(site: Site, follower: Follower) -> None:
    site.pages["/feed"] = conditional(Page(rss(item(1, talk(site, 1))), headers={"ETag": '"one"'}))
    site.pages["/talk-1"] = conditional(Page(rss(remark(1, 8)), headers={"ETag": '"a"'}))
    assert comment_keys(follower.read()) == ["8"]
    assert comment_keys(follower.read()) == []
    site.pages["/talk-1"] = conditional(Page(rss(remark(1, 9), remark(1, 8)), headers={"ETag": '"b"'}))
    assert comment_keys(follower.read()) == ["9", "8"], "though the feed itself has not changed"


def test_comments_can_be_declined(site: Site, follower: Follower) -> None:
    site.pages["/feed"] = Page(rss(item(1, talk(site, 1))))
    follower.source = follower.source.model_copy(update={"comments": False})
    follower.read()
    assert site.paths == ["/feed"]


def test_comment_feeds_of_old_articles_are_left_alone(site: Site, follower: Follower) -> None:
    site.pages["/feed"] = Page(rss(item(1, talk(site, 1), date="Thu, 01 Oct 2026 08:00:00 GMT"), item(2, talk(site, 2))))
    site.pages["/talk-2"] = Page(rss())
    follower.read()
    assert site.paths == ["/feed", "/talk-2"]
    follower.read(now=NOW + timedelta(days=40))
    assert site.paths == ["/feed", "/talk-2", "/feed"]


def test_the_talk_goes_on_after_its_article_left_the_feed(site: Site, follower: Follower) -> None:
    site.pages |= {"/feed": Page(rss(item(1, talk(site, 1)))), "/talk-1": Page(rss())}
    follower.read()
    site.pages |= {"/feed": Page(rss(item(2))), "/talk-1": Page(rss(remark(1, 8)))}
    assert comment_keys(follower.read()) == ["8"]


def test_every_comment_feed_has_its_turn(site: Site, follower: Follower) -> None:
    numbers = range(1, TALKS_A_RUN + 11)
    site.pages["/feed"] = Page(rss(*(item(number, talk(site, number)) for number in numbers)))
    site.pages |= {f"/talk-{number}": Page(rss()) for number in numbers}
    follower.read()
    assert len(site.asked) == 1 + TALKS_A_RUN
    follower.read(now=NOW + timedelta(minutes=10))
    assert {path for path in site.paths if path != "/feed"} == {f"/talk-{number}" for number in numbers}


def test_a_comment_that_ought_to_be_shown_and_is_not_has_vanished(site: Site, follower: Follower) -> None:
    def dated(number: int) -> str:
        return remark(1, number, date=f"Fri, 20 Nov 2026 09:{number:02}:00 GMT")

    site.pages |= {"/feed": Page(rss(item(1, talk(site, 1)))), "/talk-1": Page(rss(dated(3), dated(2), dated(1)))}
    assert vanished_comments(follower.read()) == []
    site.pages["/talk-1"] = Page(rss(dated(4), dated(3), dated(2)))
    assert vanished_comments(follower.read()) == [], "the oldest may have been pushed out of a full page"
    site.pages["/talk-1"] = Page(rss(dated(5), dated(4), dated(2)))
    assert vanished_comments(follower.read()) == ["3"], "older ones are still there"
    site.pages["/talk-1"] = Page(rss(dated(5), dated(4)))
    assert vanished_comments(follower.read()) == ["2"], "there is room for it"
    site.pages["/talk-1"] = Page(rss(dated(5), dated(4))[:-20])
    assert vanished_comments(follower.read()) == []
    site.pages["/talk-1"] = Page(rss(dated(5))[:-20])
    assert vanished_comments(follower.read()) == [], "cut off: what is missing tells nothing"
    site.pages["/talk-1"] = Page(rss())
    assert vanished_comments(follower.read()) == ["5", "4"]


def test_a_broken_comment_feed_stops_no_other(site: Site, follower: Follower) -> None:
    site.pages["/feed"] = Page(rss(*(item(number, talk(site, number)) for number in range(1, 6))))
    site.pages |= {"/talk-1": Page(b"<html>Comments are closed</html>"), "/talk-2": Page(status=404), "/talk-3": Page(status=410)}
    site.pages |= {"/talk-4": Page(status=418), "/talk-5": Page(rss(remark(5, 8)))}
    events = follower.read()
    assert comment_keys(events) == ["8"]
    assert len(problems(events)) == 2


def test_a_site_that_is_down_is_not_asked_for_every_comment_feed(site: Site, follower: Follower) -> None:
    site.pages["/feed"] = Page(rss(*(item(number, talk(site, number)) for number in range(1, 10))))
    site.pages |= {f"/talk-{number}": Page(status=418) for number in range(1, 10)}
    assert len(problems(follower.read())) == 3
    assert len(site.asked) == 4


def test_patience_for_comment_feeds_leaves_the_feed_itself_alone(site: Site, follower: Follower) -> None:
    site.pages["/feed"] = Page(rss(*(item(number, talk(site, number)) for number in range(1, 4))))
    site.pages["/talk-1"] = Page(status=429, headers={"Retry-After": "3600"})
    assert len(problems(follower.read())) == 1
    follower.read(now=NOW + timedelta(minutes=59))
    assert site.paths == ["/feed", "/talk-1", "/feed"]
    site.pages |= {f"/talk-{number}": Page(rss()) for number in range(1, 4)}
    follower.read(now=NOW + timedelta(minutes=61))
    assert site.paths[-3:] == ["/talk-1", "/talk-2", "/talk-3"]


def test_a_password_goes_to_the_feed_s_own_origin_only(site: Site, client: Client) -> None:
    with serving() as elsewhere:
        site.pages["/feed"] = Page(rss(item(1, talk(site, 1)), item(2, talk(elsewhere, 2))))
        Follower(client, Source(kind="feed", url=f"{site.url}/feed", user="ann"), password="s3cret").read()
        assert ["authorization" in asked.headers for asked in site.asked] == [True, True]
        assert ["authorization" in asked.headers for asked in elsewhere.asked] == [False]


def test_a_listed_comment_that_is_missing_from_a_json_feed_has_vanished(site: Site, follower: Follower) -> None:
    one = '{"id": "c1", "date_published": "2026-11-20T09:00:00Z", "author": "Ida", "content_text": "Yes."}'
    site.pages["/feed"] = Page(f'{{"items": [{{"id": "a1", "url": "/1", "_digest_comments": [{one}]}}, {{"id": "a2", "url": "/2"}}]}}'.encode())
    known = Known(articles={}, comments={"c1": "a1", "c2": "a1", "c3": "a2"}, first=False)
    assert vanished_comments(follower.read(known=known)) == ["c2"]


def test_a_file_is_read_like_a_feed_and_asks_nobody(client: Client, tmp_path: Path) -> None:
    file = tmp_path / "feed.xml"
    file.write_bytes(rss(item(1, "<wfw:commentRss>http://127.0.0.1:9/</wfw:commentRss>")))
    local = Follower(client, Source(kind="feed", file=str(file)))
    assert article_keys(local.read()) == ["https://harbour.example/?p=1"]
    file.write_bytes(b"nothing")
    with pytest.raises(SourceError, match=r"feed\.xml is not a feed"):
        local.read()
    file.unlink()
    with pytest.raises(SourceError, match="cannot be read"):
        local.read()


def test_a_memory_that_cannot_be_read_counts_as_forgotten(site: Site, follower: Follower) -> None:
    def answer(asked: Asked, handler: object) -> Page:
        return Page(rss(item(1)), headers={"ETag": '"one"'})

    site.pages["/feed"] = answer
    follower.memory = {"validators": ["x"], "talks": {"a": {"url": 7}, "b": 3}, "undated": {"a": "soon"}, "talks_not_before": 5, "declared": None}
    assert len(article_keys(follower.read())) == 1
