import contextlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.content.values import Image, Role
from digest.errors import SourceError
from digest.settings import Source
from digest.sources.feed import parse_feed
from digest.sources.feed_values import Feed, Reading

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
URL = "https://harbour.example/feed.json"


def read(given: object) -> Feed:
    source = Source.model_validate({"kind": "feed", "url": URL, "roles": {"Ann": "staff"}})
    return parse_feed(json.dumps(given).encode(), content_type="application/feed+json", reading=Reading(url=URL, source=source, now=NOW))


def feed_with(*items: object, **more: object) -> Feed:
    return read({"version": "https://jsonfeed.org/version/1.1", "title": "Harbour", "items": list(items), **more})


def test_an_item_is_read_whole() -> None:
    (article,) = feed_with(
        {
            "id": 7,
            "url": "/ferry",
            "title": "Ferry &amp; tide",
            "content_html": "<p>Late.</p>",
            "summary": "5 < 6",
            "image": "/ferry.jpg",
            "date_published": "2026-11-20T08:00:00+01:00",
            "date_modified": "2026-11-20T09:00:00Z",
            "authors": [{"name": "Ann"}, {"name": "Bob"}],
            "tags": ["News", "Boats"],
            "_other": {"kept": False},
        }
    ).articles
    assert (article.key, article.url, article.title) == ("7", "https://harbour.example/ferry", "Ferry & tide")
    assert (article.body, article.excerpt) == ("<p>Late.</p>", "5 &lt; 6")
    assert article.published_at == datetime(2026, 11, 20, 7, 0, tzinfo=UTC)
    assert article.modified_at == datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    assert (article.section, article.tags) == ("News", ("Boats",))
    assert article.author is not None
    assert (article.author.name, article.author.role) == ("Ann", Role.STAFF)
    assert article.image == Image(url="https://harbour.example/ferry.jpg")
    assert article.comment_count is None


def test_version_1_has_one_author_and_the_feed_s_own_stands_in() -> None:
    feed = feed_with({"id": "1", "url": "/1", "author": {"name": "Bob"}}, {"id": "2", "url": "/2"}, author={"name": "Ann"})
    assert [article.author and article.author.name for article in feed.articles] == ["Bob", "Ann"]


def test_plain_text_becomes_paragraphs() -> None:
    (article,) = feed_with({"id": "1", "url": "/1", "content_text": "A < B\n\nSecond"}).articles
    assert article.body == "<p>A &lt; B</p><p>Second</p>"
    assert article.title == "A < B Second"


def test_an_attached_picture_is_a_picture() -> None:
    attachments = [{"url": "/a.mp3", "mime_type": "audio/mpeg"}, {"url": "/a.png", "mime_type": "image/png"}]
    (article,) = feed_with({"id": "1", "url": "/1", "attachments": attachments}).articles
    assert article.image == Image(url="https://harbour.example/a.png")


@pytest.mark.parametrize(
    ("html", "size"),
    [
        ('<p><img alt="A > B" src="/other.jpg" width="9" height="9"><img width=640 height=\'480\' src="/a.png"></p>', (640, 480)),
        ('<img src="https://harbour.example/a.png" width="640">', (0, 0)),
        ('<img src="/a.png" width="100%" height="480">', (0, 0)),
        ('<img data-src="/a.png" src="/b.png" width="640" height="480">', (0, 0)),
        ("No picture here.", (0, 0)),
    ],
)
def test_a_picture_that_is_shown_in_the_text_has_its_size_from_there(html: str, size: tuple[int, int]) -> None:
    (article,) = feed_with({"id": "1", "url": "/1", "image": "/a.png", "content_html": html}).articles
    assert article.image == Image(url="https://harbour.example/a.png", width=size[0], height=size[1])


def test_an_item_that_names_no_picture_has_the_first_of_its_text() -> None:
    beacon = '<img src="/count.gif" width="1" height="1">'
    face = '<img src="https://s.w.org/images/core/emoji/15.0.3/72x72/1f41f.png" alt="🐟" class="wp-smiley">'
    html = f'{beacon}{face}<img src="data:image/png;base64,x"><img src="/a.png?x=1&amp;y=2" alt="A&nbsp;heron"><img src="/b.png">'
    (article,) = feed_with({"id": "1", "url": "/1", "content_html": html}).articles
    assert article.image == Image(url="https://harbour.example/a.png?x=1&y=2", alt="A heron")
    (bare,) = feed_with({"id": "1", "url": "/1", "content_html": beacon}).articles
    assert bare.image is None


def test_an_item_without_an_address_is_a_problem() -> None:
    feed = feed_with({"id": "1"}, 7, {"id": "2", "url": "javascript:alert(1)"}, {"id": "3", "url": "/3"})
    assert [article.key for article in feed.articles] == ["3"]
    assert [problem.where for problem in feed.problems] == ["item 1", "item 2", "item 3"]


def example() -> dict[str, object]:
    """The first block of JSON of the page that documents the comments."""
    page = (Path(__file__).parents[2] / "docs" / "jsonfeed-comments.md").read_text()
    found: dict[str, object] = json.loads(page.partition("```json\n")[2].partition("```")[0])
    return found


def test_the_documented_example_brings_threaded_voted_comments() -> None:
    feed = read(example())
    (article,) = feed.articles
    assert feed.problems == ()
    assert feed.whole == {article.key}
    assert article.comment_count == 3
    first, answer, other = feed.comments
    assert (first.parent_key, answer.parent_key, other.parent_key) == ("", first.key, "")
    assert (first.votes_up, first.votes_down, first.featured) == (14, 1, True)
    assert (answer.role, answer.author_name) == (Role.STAFF, "Ann Sea")
    assert (other.votes_up, other.votes_down, other.role) == (None, None, Role.READER)
    assert first.permalink == f"{article.url}#comment-501"
    assert {comment.article_key for comment in feed.comments} == {article.key}


def test_comments_that_cannot_be_known_or_dated_are_left_out() -> None:
    comments = [{"author": "Ida"}, 7, {"id": "a"}, {"id": "b", "date_published": "soon"}, {"id": "c", "date_published": "2026-11-20", "role": "king"}]
    feed = feed_with({"id": "1", "url": "/1", "_digest_comments": comments})
    assert [(comment.key, comment.role, comment.author_name) for comment in feed.comments] == [("c", Role.READER, "Anonymous")]


def test_no_list_of_comments_tells_nothing_and_an_empty_one_that_there_are_none() -> None:
    feed = feed_with({"id": "1", "url": "/1"}, {"id": "2", "url": "/2", "_digest_comments": []})
    assert feed.whole == {"2"}
    assert [article.comment_count for article in feed.articles] == [None, 0]


@pytest.mark.parametrize("body", [b"{" * 100_000, b'{"items":' + b"[" * 100_000, b'{"items": [1' + b"0" * 5_000 + b"]", b"{\xff}", b'{"items": {}}'])
def test_a_broken_one_is_an_error(body: bytes) -> None:
    reading = Reading(url=URL, source=Source(kind="feed", url=URL), now=NOW)
    with pytest.raises(SourceError, match="not a feed"):
        parse_feed(body, content_type="application/json", reading=reading)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("2026-11-20") | st.just("https://harbour.example/1"),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "url", "mime_type", "id", "content_html"]), inner, max_size=3)
    ),
    max_leaves=6,
)
NAMES = [
    "id",
    "url",
    "title",
    "content_html",
    "content_text",
    "summary",
    "image",
    "date_published",
    "author",
    "authors",
    "tags",
    "attachments",
    "parent",
]
ANY = st.dictionaries(st.sampled_from(NAMES), JSON)


@given(st.lists(ANY, max_size=3), st.lists(ANY, max_size=3))
@settings(max_examples=150)
def test_any_json_is_a_feed_or_an_error(items: list[dict[str, object]], comments: list[object]) -> None:
    with contextlib.suppress(SourceError):
        feed = feed_with(*items, {"id": "x", "url": "/x", "_digest_comments": comments})
        assert all(article.url.startswith(("http://", "https://")) for article in feed.articles)
        assert all(comment.posted_at <= datetime(2026, 11, 25, 7, 0, tzinfo=UTC) for comment in feed.comments)
