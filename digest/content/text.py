"""Sanitised HTML as plain text: paragraphs parted by an empty line, lists readable, nothing that is not running text."""

import re
from collections.abc import Iterator

from lxml import html as parser
from lxml.html import HtmlElement

from digest.content.shortcodes import without_shortcodes

PARAGRAPHS = {"blockquote", "caption", "dd", "div", "dl", "dt", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "ol", "p", "pre", "table", "ul"}
BULLET = "•"
SIGNATURE_LINES = 6

_BARE_MARKER = re.compile(rf"(?m)^({BULLET}|\d+\.) *\n+(?=\S)")
# “Edit: …”, “[Edited …]”, “EDIT 2 – …”, “ETA: …”, at the start of a line or, with a capital, after the end of a sentence.
_AFTERTHOUGHT = re.compile(
    r"(?:(?m:^)[\[(*_ ]*(?i:edit(?:ed)?|eta)|(?<=[.!?…)]) [\[(*_]*(?:Edit(?:ed)?|EDIT|ETA))(?: ?#?\d+| to add)? ?[:\-–—\])]",
)
_SIGNATURE = re.compile(r"(?im)^(?:--|__+|sent from my .{1,40}|von meinem .{1,40} gesendet.?|envoyé de mon .{1,40})$")


def plain_text(html: str) -> str:
    """The text of an article's *sanitised* HTML (parsing loses what lies deeper than 250 elements), without shortcodes and the words under
    pictures."""
    return _tidy(without_shortcodes(_text(html, quotations=True)))


def comment_text(html: str) -> str:
    """The text of a comment's *sanitised* HTML, as far as it is the writer's own first word: what it quotes, a signature and an “Edit: …” at
    its end are left out."""
    own = "\n".join(line for line in _text(html, quotations=False).split("\n") if not line.startswith(">"))
    return _without_signature(_without_afterthought(_tidy(without_shortcodes(own))))


def _text(html: str, *, quotations: bool) -> str:
    if not html.strip():
        return ""
    root = parser.fragment_fromstring(html, create_parent="div")
    return _tidy("".join(_pieces(root, quotations=quotations, marker="", kept=False)))


def _pieces(element: HtmlElement, *, quotations: bool, marker: str, kept: bool) -> Iterator[str]:
    """The element's text with line ends where its structure has them; `kept`: its own line ends count (`pre`)."""
    tag = str(element.tag)
    kept = kept or tag == "pre"
    before, after = _edges(tag, marker)
    yield before
    if not _is_left_out(element, quotations=quotations):
        yield _flow(element.text, kept=kept)
        number = _first_number(element)
        for child in element:
            yield from _pieces(child, quotations=quotations, marker=f"{number}." if tag == "ol" else BULLET, kept=kept)
            yield _flow(child.tail, kept=kept)
            number += child.tag == "li"
    yield after


def _edges(tag: str, marker: str) -> tuple[str, str]:
    if tag in PARAGRAPHS:
        return "\n\n", "\n\n"
    match tag:
        case "li":
            return f"\n{marker} ", ""
        case "tr" | "br":
            return "\n", ""
        case "td" | "th":
            return " ", " "
        case "q":
            return "“", "”"
    return "", ""


def _is_left_out(element: HtmlElement, *, quotations: bool) -> bool:
    if element.tag == "blockquote":
        return not quotations
    return element.tag == "figcaption" or "wp-caption-text" in element.get("class", "")


def _first_number(element: HtmlElement) -> int:
    start = element.get("start", "")
    return int(start) if start.isascii() and start.isdigit() and len(start) < 7 else 1


def _flow(text: str | None, *, kept: bool) -> str:
    if not text:
        return ""
    return text if kept else re.sub(r"\s+", " ", text)


def _tidy(text: str) -> str:
    lines = "\n".join(" ".join(line.split()) for line in text.split("\n"))
    joined = _BARE_MARKER.sub(r"\1 ", lines)
    full = "\n".join(line for line in joined.split("\n") if line != BULLET)
    return re.sub(r"\n{3,}", "\n\n", full).strip()


def _without_afterthought(text: str) -> str:
    found = _AFTERTHOUGHT.search(text, 1)
    return text[: found.start()].rstrip() if found else text


def _without_signature(text: str) -> str:
    found = _SIGNATURE.search(text, 1)
    is_tail = found is not None and text.count("\n", found.start()) < SIGNATURE_LINES
    return text[: found.start()].rstrip() if found and is_tail else text
