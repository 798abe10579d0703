"""JSON Feed 1.0 and 1.1 (jsonfeed.org), with comments in an extension of our own: see docs/jsonfeed-comments.md. Pure."""

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from digest.content.values import FoundArticle, FoundComment, Image, Role
from digest.errors import SourceError
from digest.sources.address import web_address
from digest.sources.dates import read_date
from digest.sources.feed_fields import UNNAMED, author_of, count_of, key_of, person_name, section_and_tags, title_of
from digest.sources.feed_values import Feed, Item, Reading, feed_of
from digest.sources.pictures import picture_of
from digest.sources.values import Problem

COMMENTS = "_digest_comments"


def parse_json_feed(body: bytes, reading: Reading) -> Feed:
    """Its items, in its order. A `SourceError` when it is no JSON Feed; an item that cannot be used is a `Problem`."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{reading.where} is not a feed: it begins like JSON, but is none or is cut off.") from error
    if not isinstance(given, dict) or not isinstance(given.get("items"), list):
        raise SourceError(f"{reading.where} is not a feed: it is JSON, but has no list of “items”.")
    return feed_of(_item(number, item, _writer(given), reading) for number, item in enumerate(given["items"], 1))


def _item(number: int, given: Any, feed_writer: str, reading: Reading) -> Item | Problem:
    if not isinstance(given, dict):
        return Problem(where=f"item {number}", what="It is no JSON object, and is left out.")
    url = web_address(reading.url, given.get("url")) or web_address(reading.url, given.get("external_url"))
    key = key_of(given.get("id"), url)
    if not key or not url:
        return Problem(where=f"item {number}", what="It has no address that can be linked to, and is left out.")
    published = read_date(given.get("date_published"), now=reading.now)
    section, tags = section_and_tags(reading.source, _list(given.get("tags")))
    comments = _comments(given[COMMENTS], key, url, reading) if isinstance(given.get(COMMENTS), list) else None
    article = FoundArticle(
        key=key,
        title=title_of(_text(given, "title"), _html(given)),
        url=url,
        published_at=published or reading.dates.get(key, reading.now),
        modified_at=read_date(given.get("date_modified"), now=reading.now),
        section=section,
        tags=tags,
        author=author_of(reading.source, _writer(given) or feed_writer),
        image=picture_of(_image(given, url), _html(given), url),
        excerpt=escape(_text(given, "summary")),
        body=_html(given),
        comment_count=None if comments is None else len(comments),
    )
    return Item(article=article, dated=published is not None, comments=comments)


def _comments(given: list[Any], article_key: str, url: str, reading: Reading) -> tuple[FoundComment, ...]:
    found = (_comment(one, article_key, url, reading) for one in given if isinstance(one, dict))
    return tuple({comment.key: comment for comment in found if comment is not None}.values())


def _comment(given: Mapping[str, Any], article_key: str, url: str, reading: Reading) -> FoundComment | None:
    key = key_of(given.get("id"))
    posted = read_date(given.get("date_published"), now=reading.now)
    if not key or posted is None:
        return None
    return FoundComment(
        key=key,
        article_key=article_key,
        parent_key=key_of(given.get("parent")),
        author_name=_writer(given) or UNNAMED,
        role=_role(given.get("role")),
        body=_html(given),
        posted_at=posted,
        edited_at=read_date(given.get("date_modified"), now=reading.now),
        permalink=web_address(url, given.get("url")),
        votes_up=count_of(given.get("likes")),
        votes_down=count_of(given.get("dislikes")),
        featured=given.get("featured") is True,
    )


def _role(given: Any) -> Role:
    return Role(given) if given in list(Role) else Role.READER


def _writer(given: Mapping[str, Any]) -> str:
    """1.1 has a list of `authors`, 1.0 an `author`; a comment's may be the bare name."""
    several = [*_list(given.get("authors")), given.get("author")]
    names = (person_name(one.get("name") if isinstance(one, dict) else one) for one in several)
    return next((name for name in names if name), "")


def _html(given: Mapping[str, Any]) -> str:
    html = _text(given, "content_html")
    return html or "".join(f"<p>{escape(paragraph)}</p>" for paragraph in _text(given, "content_text").split("\n\n"))


def _image(given: Mapping[str, Any], url: str) -> Image | None:
    found = next(_pictures(given, url), "")
    return Image(url=found) if found else None


def _pictures(given: Mapping[str, Any], url: str) -> Iterator[str]:
    attached = [one.get("url") for one in _list(given.get("attachments")) if isinstance(one, dict) and _text(one, "mime_type").startswith("image/")]
    return filter(None, (web_address(url, one) for one in (given.get("image"), given.get("banner_image"), *attached)))


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name)
    return value if isinstance(value, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
