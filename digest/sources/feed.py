"""RSS, Atom and RDF from bytes, cut-off and otherwise broken ones too; JSON Feed is passed on. The only user of feedparser. Pure."""

import re
from io import BytesIO
from typing import Any

import feedparser

from digest.errors import SourceError
from digest.sources.discover import feeds_of, looks_like_html
from digest.sources.feed_items import Entry, comment_of, item_of
from digest.sources.feed_values import Feed, Reading, Talk, feed_of
from digest.sources.jsonfeed import parse_json_feed
from digest.sources.tombstones import deleted_entries
from digest.sources.values import Problem

# feedparser lets the caption of a picture take the place of the item's description: under another name it leaves it alone.
_CAPTION = re.compile(rb"(</?media:)description\b")
_ITEM_END = re.compile(r"</(?:\w+:)?(?:item|entry)\s*>", re.IGNORECASE)
_FEED_END = re.compile(r"</(?:\w+:)?(?:rss|feed|rdf)\s*>", re.IGNORECASE)


def parse_feed(body: bytes, *, content_type: str, reading: Reading) -> Feed:
    """The feed in `body`. What is no feed at all is a `SourceError` that says what it is instead; what is sound of a broken one is used."""
    if _is_json(body):
        return parse_json_feed(body, reading)
    entries, cut = _entries(body, content_type, reading)
    problems = [Problem(where=reading.where, what="The feed was cut off; the items before the cut were read.")] if cut else []
    items = [item_of(number, entry, reading) for number, entry in enumerate(entries, 1)]
    return feed_of([*items, *problems], gone=deleted_entries(body))


def parse_talk(body: bytes, *, content_type: str, article_key: str, reading: Reading) -> Talk:
    """The comment feed of one article, RSS or Atom. Raises like `parse_feed`."""
    entries, cut = _entries(body, content_type, reading)
    found = (comment_of(entry, article_key, reading) for entry in entries)
    comments = {comment.key: comment for comment in found if comment is not None}
    return Talk(comments=tuple(comments.values()), gone=tuple(key for key in deleted_entries(body) if key not in comments), cut=cut)


def _is_json(body: bytes) -> bool:
    return body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"


def _entries(body: bytes, content_type: str, reading: Reading) -> tuple[list[Entry], bool]:
    """The entries, and whether the feed was cut off; the half entry before the cut is left out."""
    if not body.strip():
        raise SourceError(f"{reading.where} is empty, not a feed.")
    parsed = _parse(_CAPTION.sub(rb"\1caption", body), content_type, reading)
    entries: list[Entry] = _plain(parsed["entries"])
    if not parsed.get("version") and (not entries or looks_like_html(body)):
        raise SourceError(_no_feed(body, reading))
    text = _text(body, parsed.get("encoding")) if parsed.get("bozo") else ""
    if text and not _FEED_END.search(text):
        return entries[: len(_ITEM_END.findall(text))], True
    return entries, False


def _text(body: bytes, encoding: str | None) -> str:
    try:
        return body.decode(encoding or "utf-8", "replace")
    except LookupError:
        return body.decode("utf-8", "replace")


def _parse(body: bytes, content_type: str, reading: Reading) -> Any:
    headers = {"content-type": content_type, "content-location": reading.url}
    try:
        # Bytes alone would be taken for the name of a file and opened, were there one of that name: hence BytesIO.
        return feedparser.parse(BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:  # it promises none, and raises what its input leads it to (LookupError, ValueError, AssertionError …)
        raise SourceError(f"{reading.where} cannot be read as a feed.") from error


def _plain(value: Any) -> Any:
    """feedparser's dicts look other keys up as well, and warn of it: plain ones do neither."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _no_feed(body: bytes, reading: Reading) -> str:
    if not looks_like_html(body):
        return f"{reading.where} is not a feed: neither RSS, Atom nor JSON Feed."
    feeds = feeds_of(body, reading.url)
    hint = f"; the page names {' and '.join(feeds)}: put that into digest.toml" if feeds else ", and names no feed"
    return f"{reading.where} is an HTML page, not a feed{hint}."
