"""The feeds that an HTML page names in its head: what to write into digest.toml when somebody gave the page instead. Pure."""

import re
from html import unescape

from digest.sources.address import web_address

HEAD_BYTES = 100_000
FEED_TYPES = {"application/rss+xml", "application/atom+xml", "application/feed+json"}

_LINK = re.compile(r"<link\b([^>]{0,2000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([a-z-]{1,20})\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""", re.IGNORECASE)


def looks_like_html(body: bytes) -> bool:
    start = body[:1_000].lower()
    return b"<!doctype html" in start or b"<html" in start


def feeds_of(body: bytes, url: str) -> tuple[str, ...]:
    """Absolute addresses, in the page's order, each once."""
    page = body[:HEAD_BYTES].decode("utf-8", "replace")
    links = ({name.lower(): unescape(value.strip("\"'")) for name, value in _ATTRIBUTE.findall(link)} for link in _LINK.findall(page))
    found = (web_address(url, link.get("href")) for link in links if _is_feed(link))
    return tuple(dict.fromkeys(address for address in found if address))


def _is_feed(link: dict[str, str]) -> bool:
    return "alternate" in link.get("rel", "").lower().split() and link.get("type", "").lower().strip() in FEED_TYPES
