"""Checks a finished mail: size, structure, links, readability. Pure, and over what a reader gets, so nothing can hide in a template."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import urlsplit

from digest.publication import Colours
from digest.render.contrast import contrast
from digest.render.elements import Element, Page, read_page

__all__ = ["Finding", "contrast", "lint"]

READABLE = 4.5  # WCAG 2, 1.4.3 for text of ordinary size
_FORBIDDEN = ("script", "form", "input", "button", "iframe", "object", "embed", "video", "audio", "link", "base")
_TEMPLATE = re.compile(r"\{\{|\}\}|\{%|%\}|NLx[0-9a-f]{10}x")
_VAGUE = frozenset({"here", "click here", "read more", "more", "link", "this", "continue"})
_ADDRESS = re.compile(r"https?://\S+")
_ON_GROUNDS = ("ink", "quiet", "accent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something to mend: `where` is the part of the mail, `what` one sentence."""

    where: str
    what: str


def lint(html: str, text: str, *, colours: Colours | None = None, budget: int = 90_000) -> tuple[Finding, ...]:
    """All that is wrong with a filled mail; nothing when it is fit to be sent. `budget` is the most bytes its HTML may have."""
    page = read_page(html)
    checks = {
        "size": _size(html, budget),
        "document": _document(page),
        "forbidden": _forbidden(html, page),
        "pictures": _pictures(page),
        "tables": _tables(page),
        "headings": _headings(page),
        "links": _links(page),
        "text": _text(page, text),
        "template": _left_over(html, text),
        "colours": _colours(colours) if colours else iter(()),
    }
    return tuple(Finding(where=where, what=what) for where, found in checks.items() for what in found)


def _size(html: str, budget: int) -> Iterator[str]:
    size = len(html.encode())
    if size > budget:
        yield f"The HTML has {size:,} bytes, {size - budget:,} more than the budget; Gmail cuts a mail at about 102,000."


def _document(page: Page) -> Iterator[str]:
    root = next(page.named("html"), Element("html", {}))
    if not root.attributes.get("lang"):
        yield "The html element names no language."
    if not next(page.named("title"), Element("title", {})).text.strip():
        yield "The page has no title."
    if "color-scheme" not in {meta.attributes.get("name") for meta in page.named("meta")}:
        yield "No color-scheme is declared, so mail programs invert the colours as they like."


def _forbidden(html: str, page: Page) -> Iterator[str]:
    for element in page.named(*_FORBIDDEN):
        yield f"<{element.tag}> has no place in a mail."
    for element in page.elements:
        for name in element.attributes:
            if name.startswith("on"):
                yield f"<{element.tag}> carries a script in {name}."
    if "@import" in html:
        yield "An external stylesheet is imported."


def _pictures(page: Page) -> Iterator[str]:
    for picture in page.named("img"):
        source = picture.attributes.get("src", "")
        if "alt" not in picture.attributes:
            yield f"The picture {source} has no alt text."
        if not all(picture.attributes.get(side, "").isdigit() for side in ("width", "height")):
            yield f"The picture {source} lacks its width or height."
        if urlsplit(source).scheme != "https":
            yield f"The picture {source[:80]} is not at an https address."


def _tables(page: Page) -> Iterator[str]:
    if any(table.attributes.get("role") not in ("presentation", "none") for table in page.named("table")):
        yield "A layout table lacks role=presentation: screen readers will announce rows and columns."


def _headings(page: Page) -> Iterator[str]:
    headings = list(page.named("h1", "h2", "h3", "h4", "h5", "h6"))
    levels = [int(heading.tag[1]) for heading in headings]
    if levels.count(1) != 1 or levels[0] != 1:
        yield "There must be exactly one h1, before all other headings."
    for (_, above), (heading, level) in pairwise(zip(headings, levels, strict=True)):
        if level > above + 1:
            yield f"The heading “{heading.name}” skips a level: h{above} is followed by h{level}."
    for heading in headings:
        if not heading.name:
            yield f"An {heading.tag} is empty."


def _links(page: Page) -> Iterator[str]:
    targets: dict[str, set[str]] = defaultdict(set)
    for link in page.named("a"):
        target = link.attributes.get("href", "")
        parts = urlsplit(target)
        if parts.scheme != "https" or not parts.netloc:
            yield f"The link “{link.name}” leads to {target[:80]!r}, which is no full https address."
        if not link.name:
            yield f"The link to {target} has no text."
        elif link.name.casefold() in _VAGUE:
            yield f"The link text “{link.name}” does not say where it leads."
        targets[link.name].add(target)
    for name, places in targets.items():
        if name and len(places) > 1:
            yield f"The link text “{name}” leads to {len(places)} different places."


def _text(page: Page, text: str) -> Iterator[str]:
    if not text.strip():
        yield "The plain text part is empty."
        return
    linked = {link.attributes.get("href", "") for link in page.named("a")}
    written = {found.rstrip(").,") for found in _ADDRESS.findall(text)} | set(_ADDRESS.findall(text))
    for target in sorted(linked - written):
        yield f"{target} is linked in the HTML and missing in the plain text."


def _left_over(html: str, text: str) -> Iterator[str]:
    for part, content in (("HTML", re.sub(r"(?s)<style.*?</style>", "", html)), ("text", text)):
        found = _TEMPLATE.search(content)
        if found:
            yield f"The {part} holds {found[0]!r}, which looks like unresolved template text."


def _colours(colours: Colours) -> Iterator[str]:
    for end, scheme in (("", "light"), ("_dark", "dark")):
        pairs = [(name, ground) for ground in ("paper", "ground") for name in _ON_GROUNDS]
        # What stands on the accent is the paper's colour in light, the ground's in dark.
        pairs.append(("ground" if end else "paper", "accent"))
        for front, back in pairs:
            ratio = contrast(getattr(colours, front + end), getattr(colours, back + end))
            if ratio < READABLE:
                yield f"In the {scheme} palette {front} on {back} has a contrast of {ratio:.1f}; text needs {READABLE}."
