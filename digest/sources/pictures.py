"""The pictures within an item's HTML: they lend their size to the item's own, and the first stands in where it names none. Pure."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape

from digest.content.sanitise import one_line
from digest.content.values import Image
from digest.sources.address import web_address
from digest.sources.feed_fields import count_of

_LARGEST_SIDE = 20_000
_BEACON = 5  # pixels: what is no wider or no higher only counts readers
# Every repetition has its limit or a sure beginning, so that no text takes longer than its length.
_TAG = re.compile(r"<img\b([^<>]{0,4000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""(?<![\w:-])([\w:-]+)\s*=\s*("[^"]*"|'[^']*'|[^\s"'<>]+)""")
# Portraits, which WordPress.com lists among an article's own pictures, and the faces WordPress makes of emoji.
_NO_PICTURE = re.compile(r"^https?://(?:[^/]*\bgravatar\.com/|s\.w\.org/images/core/emoji/)", re.IGNORECASE)


def is_picture(url: str) -> bool:
    """Whether an address may be that of an article's picture, as far as it tells."""
    return bool(url) and not _NO_PICTURE.match(url)


def side(given: object) -> int:
    """Width or height in pixels; 0 where it is no sensible whole number."""
    pixels = count_of(given) or 0
    return pixels if pixels <= _LARGEST_SIDE else 0


def picture_of(named: Image | None, html: str, base: str) -> Image | None:
    """The picture that an item names, with the size that an `<img>` of the same address in its HTML has; without one, the first there."""
    if named is None:
        return next(_shown(html, base), None)
    if named.width and named.height:
        return named
    sized = next((one for one in _shown(html, base) if one.url == named.url and one.width and one.height), named)
    return replace(named, width=sized.width, height=sized.height)


def _shown(html: str, base: str) -> Iterator[Image]:
    for tag in _TAG.finditer(html):
        said = {name.lower(): unescape(value.strip("\"'")) for name, value in _ATTRIBUTE.findall(tag[1])}
        url, width, height = web_address(base, said.get("src")), side(said.get("width")), side(said.get("height"))
        if is_picture(url) and not 0 < width <= _BEACON and not 0 < height <= _BEACON:
            yield Image(url=url, alt=one_line(said.get("alt", "")), width=width, height=height)
