"""Hostile HTML and hostile names made harmless: on the way into the store, and once more on the way out. The only user of nh3."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from html import unescape
from typing import Literal
from urllib.parse import urlsplit

import nh3

# premailer loses what lies deeper than about 250 elements, our own page around a body included.
MAXIMUM_DEPTH = 100
# nh3 takes 0.02 s for 3,000 nested elements and 20 s for 100,000: beyond this the markup is thrown away before it is parsed.
HOPELESS_DEPTH = 10_000
NAME_LENGTH = 200
# Of a name, before addresses are looked for in it: no address is longer than 254 characters (RFC 5321), and the search is quadratic.
LOOKED_AT = 1_000

SCHEMES = {"http", "https", "mailto"}
VOID = {"br", "hr", "img", "wbr", "col"}
INLINE = {"a", "abbr", "b", "cite", "code", "del", "em", "i", "ins", "kbd", "mark", "q", "s", "small", "span", "strong", "sub", "sup", "u"}
COMMENT_TAGS = {"a", "b", "blockquote", "br", "cite", "code", "del", "em", "i", "ins", "li", "ol", "p", "pre", "q", "s", "strong", "sub", "sup", "ul"}
ARTICLE_TAGS = (
    COMMENT_TAGS
    | INLINE
    | {"dd", "div", "dl", "dt", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "img"}
    | {"caption", "table", "tbody", "td", "tfoot", "th", "thead", "tr"}
)
ARTICLE_ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
# Elements whose content is no text for readers: nh3 drops their tags and all that is in them.
SILENT = {
    "script",
    "style",
    "iframe",
    "object",
    "embed",
    "noscript",
    "template",
    "textarea",
    "select",
    "title",
    "svg",
    "math",
    "form",
    "video",
    "audio",
}

_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
# Marks that turn the direction of all that follows (U+202E makes “gpj.exe” of “exe.jpg”), and invisible ones that make two names look alike.
_INVISIBLE = re.compile("[\u200b\u2060\u202a-\u202e\u2066-\u2069\ufeff]")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)([^<>]*)>")
_SILENT_ELEMENT = re.compile(r"<(script|style)\b.*?(</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"<(?:br|/?(?:p|div|li|tr|h[1-6]))\b[^<>]*>", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s@<>()]+@[^\s@<>()]+")
_NETWORK_ADDRESS = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b|(?<![\w:])(?:[0-9a-fA-F]{0,4}:){3,7}[0-9a-fA-F]{0,4}(?![\w:])")


def sanitise_article(html: str, base_url: str) -> str:
    """An article's HTML with harmless elements only, at most 100 deep, its links and pictures absolute (by `base_url`) or gone."""
    return _sanitise(html, web_address(base_url), _article_cleaner)


def sanitise_comment(html: str, base_url: str) -> str:
    """A comment's HTML: as an article's, but without pictures, headings, tables and boxes."""
    return _sanitise(html, web_address(base_url), _comment_cleaner)


def only(html: str, attributes: Mapping[str, set[str]]) -> str:
    """HTML of these elements alone, each with these attributes; links lead to web and mail addresses."""
    return nh3.clean(html, tags=set(attributes), attributes=dict(attributes), url_schemes=SCHEMES, link_rel=None)


def title_text(html: str) -> str:
    """One line of plain text: tags taken out first, then entities decoded once (`&amp;lt;` is the text `&lt;`)."""
    spaced = _BREAK.sub(" ", _parseable(html))
    return one_line(unescape(nh3.clean(spaced, tags=set(), clean_content_tags=SILENT)))


def clean_name(text: str) -> str:
    """A person's name as shown at the source, HTML-escaped as WordPress gives it: entities decoded once, then as `shown_name`."""
    return shown_name(unescape(text))


def shown_name(text: str) -> str:
    """One line of at most 200 characters. An e-mail or network address given as a name is masked, so that no reader's is ever stored."""
    unnamed = _NETWORK_ADDRESS.sub("…", _ADDRESS.sub(lambda found: f"{found[0][0]}…", one_line(text)[:LOOKED_AT]))
    return unnamed[:NAME_LENGTH].strip()


def one_line(text: str) -> str:
    """Whitespace and line ends to single blanks; control characters, broken surrogates and marks that turn direction taken out."""
    return " ".join(_INVISIBLE.sub("", storable(text)).split())


def web_address(text: str) -> str:
    """An http or https address without blanks and control characters, or nothing."""
    address = "".join(storable(text).split())
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return address if parts.scheme in ("http", "https") and parts.hostname else ""


def storable(text: str) -> str:
    """Without the characters that PostgreSQL, XML or UTF-8 refuse; line ends and tabs stay."""
    return _UNSTORABLE.sub("", text)


def _sanitise(html: str, base_url: str, cleaner: Callable[[str], nh3.Cleaner]) -> str:
    return "".join(_within_depth(cleaner(base_url).clean(_parseable(html))))


def _parseable(html: str) -> str:
    text = storable(html)
    if _depth(text) <= HOPELESS_DEPTH:
        return text
    return _TAG.sub(" ", _SILENT_ELEMENT.sub("", text))


def _depth(html: str) -> int:
    """The greatest number of open tags at any one place; more than the true depth where end tags are left out."""
    if html.count("<") <= HOPELESS_DEPTH:
        return 0
    depth = deepest = 0
    for closing, name, _ in _TAG.findall(html):
        if name.lower() not in VOID:
            depth += -1 if closing else 1
            deepest = max(deepest, depth)
    return deepest


def _within_depth(html: str) -> Iterator[str]:
    """nh3's output (balanced, no angle bracket outside tags) without the tags that lie too deep and the pictures that lost their address."""
    depth = position = 0
    for tag in _TAG.finditer(html):
        yield html[position : tag.start()]
        position = tag.end()
        closing, name, attributes = tag.groups()
        if name in VOID:
            yield "" if name == "img" and 'src="' not in attributes else tag[0]
            continue
        too_deep = (depth if closing else depth + 1) > MAXIMUM_DEPTH
        depth += -1 if closing else 1
        yield (" " if name not in INLINE else "") if too_deep else tag[0]
    yield html[position:]


@lru_cache(maxsize=64)
def _article_cleaner(base_url: str) -> nh3.Cleaner:
    return _cleaner(base_url, ARTICLE_TAGS, ARTICLE_ATTRIBUTES, {"p": {"wp-caption-text"}})


@lru_cache(maxsize=64)
def _comment_cleaner(base_url: str) -> nh3.Cleaner:
    return _cleaner(base_url, COMMENT_TAGS, {"a": {"href"}}, {})


def _cleaner(base_url: str, tags: set[str], attributes: dict[str, set[str]], classes: dict[str, set[str]]) -> nh3.Cleaner:
    def build(relative: Literal["deny"] | tuple[Literal["rewrite_with_base"], str]) -> nh3.Cleaner:
        return nh3.Cleaner(
            tags=tags,
            attributes=attributes,
            allowed_classes=classes,
            clean_content_tags=SILENT,
            url_schemes=SCHEMES,
            url_relative=relative,
            link_rel=None,
        )

    try:
        return build(("rewrite_with_base", base_url) if base_url else "deny")
    except ValueError:  # an address that Python takes for one, and nh3 does not
        return build("deny")
