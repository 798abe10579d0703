"""A finished page as a flat list of its elements, for the checks of `lint.py`."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})


@dataclass(slots=True)
class Element:
    """An element with its attributes, and the text inside it (the alt text of pictures included)."""

    tag: str
    attributes: dict[str, str]
    text: str = ""

    @property
    def name(self) -> str:
        """What a screen reader calls it: its label if it has one, else its words."""
        return " ".join((self.attributes.get("aria-label") or self.text).split())


@dataclass(slots=True)
class Page:
    elements: list[Element] = field(default_factory=list)

    def named(self, *tags: str) -> Iterator[Element]:
        return (element for element in self.elements if element.tag in tags)

    @property
    def words(self) -> str:
        """All that can be read, without styles and the document's title."""
        return " ".join(body.text for body in self.named("body"))


def read_page(html: str) -> Page:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.page


class _Reader(HTMLParser):
    """Conditional comments for Outlook are comments here, too: what is in them is not looked at."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self._open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.page.elements.append(element)
        if tag == "img":
            self._say(element.attributes.get("alt", ""))
        elif tag == "br":
            self._say("\n")
        if tag not in _VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag in (element.tag for element in self._open):
            while self._open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not (self._open and self._open[-1].tag in ("style", "script")):
            self._say(data)

    def _say(self, text: str) -> None:
        for element in self._open:
            element.text += text
