"""From an entry, as feedparser gives it, to an article or a comment. Pure: an entry is plain dicts, lists and texts."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from html import escape
from typing import Any

from digest.content.sanitise import one_line
from digest.content.values import FoundArticle, FoundComment, Image
from digest.sources.address import web_address
from digest.sources.dates import read_date
from digest.sources.feed_fields import UNNAMED, author_of, count_of, key_of, person_name, section_and_tags, title_of
from digest.sources.feed_values import Item, Reading
from digest.sources.pictures import is_picture, picture_of, side
from digest.sources.values import Problem

Entry = Mapping[str, Any]

# WordPress puts “In reply to <a href="…#comment-4">Bob</a>.”, in the site's language, before the words of an answer.
_ANSWERS = re.compile(
    r"\s*(?:<p>)?[^<>]{0,60}<a\s[^>]{0,500}?href=[\"'][^\"'#]{0,2000}#(comment-\d+)[\"'][^>]{0,200}>[^<]{0,300}</a>[^<\n]{0,20}(?:</p>|\n\n)"
)
_ANCHOR = re.compile(r"#comment-\d+$")


def item_of(number: int, entry: Entry, reading: Reading) -> Item | Problem:
    url = web_address(reading.url, entry.get("link"))
    key = key_of(entry.get("id"), url)
    if not url:
        return Problem(where=f"item {number}", what="It has no address that can be linked to, and is left out.")
    published, modified = _dates(entry, reading)
    section, tags = section_and_tags(reading.source, (tag.get("label") or tag.get("term") for tag in _parts(entry, "tags")))
    body, excerpt = _body_and_excerpt(entry)
    article = FoundArticle(
        key=key,
        title=title_of(_html(_part(entry, "title_detail")), body),
        url=url,
        published_at=published or reading.dates.get(key, reading.now),
        modified_at=modified,
        section=section,
        tags=tags,
        author=author_of(reading.source, _writer(entry)),
        image=picture_of(_image(entry, url), body, url),
        excerpt=excerpt,
        body=body,
        comment_count=count_of(entry.get("slash_comments"), entry.get("thr_total"), *(link.get("thr:count") for link in _replies(entry))),
        comments_url=next((page for page in _comment_pages(entry, url) if page), ""),
    )
    return Item(article=article, dated=published is not None, talk=next((feed for feed in _comment_feeds(entry, url) if feed), ""))


def comment_of(entry: Entry, article_key: str, reading: Reading) -> FoundComment | None:
    """None where there is nothing to know it by. Roles are not told by a name: a guest may type a moderator's."""
    link = web_address(reading.url, entry.get("link"))
    key = key_of(entry.get("id"), link)
    if not key:
        return None
    body, _ = _body_and_excerpt(entry)
    parent = key_of(_part(entry, "thr_in-reply-to").get("ref"))
    if not parent and (answers := _ANSWERS.match(body)) and _ANCHOR.search(key):
        parent = _ANCHOR.sub(f"#{answers[1]}", key)
        body = body[answers.end() :]
    posted, edited = _dates(entry, reading)
    return FoundComment(
        key=key,
        article_key=article_key,
        parent_key="" if parent == article_key else parent,
        author_name=_writer(entry) or UNNAMED,
        body=body,
        posted_at=posted or reading.dates.get(key, reading.now),
        edited_at=edited,
        permalink=link,
    )


def _part(entry: Entry, name: str) -> Entry:
    """An element with attributes. feedparser keeps text under the same name when there are none."""
    found = entry.get(name)
    return found if isinstance(found, dict) else {}


def _parts(entry: Entry, name: str) -> list[Entry]:
    found = entry.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _dates(entry: Entry, reading: Reading) -> tuple[datetime | None, datetime | None]:
    """When it was published, and when it was changed after that. Many feeds have one date only, and call it the update."""
    found = {name: read_date(entry.get(name), parsed=entry.get(f"{name}_parsed"), now=reading.now) for name in ("published", "created", "updated")}
    published = found["published"] or found["created"] or found["updated"]
    updated = found["updated"]
    return published, updated if published and updated and updated > published else None


def _body_and_excerpt(entry: Entry) -> tuple[str, str]:
    """The longest text is the body, whatever element it came in; the summary is the excerpt unless it is the body itself. Where there is
    nothing but a caption (as of a video), that is the body."""
    summary = _html(_part(entry, "summary_detail"))
    body = max([summary, *(_html(one) for one in _parts(entry, "content"))], key=len)
    caption = _html({"value": entry.get("media_caption"), "type": "text/plain"})
    return body or caption, "" if summary == body else summary


def _html(detail: Entry) -> str:
    value = detail.get("value")
    if not isinstance(value, str) or not value:
        return ""
    if detail.get("type") != "text/plain":
        return value
    return "".join(f"<p>{escape(paragraph)}</p>" for paragraph in value.split("\n\n"))


def _writer(entry: Entry) -> str:
    # feedparser takes the address out of “ann@example.org (Ann)” wrongly (ending it after four letters); the whole text is in `author`.
    several = _parts(entry, "authors")
    return person_name(several[0].get("name") if len(several) > 1 else entry.get("author"))


def _image(entry: Entry, url: str) -> Image | None:
    pictures = [picture for picture in _pictures(entry, url) if is_picture(picture.url)]
    return max(pictures, key=lambda picture: picture.width, default=None)


def _pictures(entry: Entry, url: str) -> Iterator[Image]:
    """In order of trust, for `max` keeps the first of equals; a thumbnail only tells its size when it is worth its size."""
    alt = one_line(str(entry.get("media_caption") or ""))
    for media in _parts(entry, "media_content"):
        if media.get("medium") == "image" or str(media.get("type")).startswith("image/"):
            yield Image(url=web_address(url, media.get("url")), alt=alt, width=side(media.get("width")), height=side(media.get("height")))
    for link in _parts(entry, "links"):
        if link.get("rel") == "enclosure" and str(link.get("type")).startswith("image/"):
            yield Image(url=web_address(url, link.get("href")))
    yield Image(url=web_address(url, _part(entry, "image").get("href")))
    for media in _parts(entry, "media_thumbnail"):
        yield Image(url=web_address(url, media.get("url")), width=side(media.get("width")), height=side(media.get("height")))


def _replies(entry: Entry) -> list[Entry]:
    return [link for link in _parts(entry, "links") if link.get("rel") == "replies"]


def _comment_pages(entry: Entry, url: str) -> Iterator[str]:
    yield web_address(url, entry.get("comments"))
    yield from (web_address(url, link.get("href")) for link in _replies(entry) if link.get("type") == "text/html")


def _comment_feeds(entry: Entry, url: str) -> Iterator[str]:
    yield web_address(url, entry.get("wfw_commentrss"))
    yield from (web_address(url, link.get("href")) for link in _replies(entry) if str(link.get("type")).endswith(("atom+xml", "rss+xml")))
