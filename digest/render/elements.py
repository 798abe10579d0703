"""A finished page as its elements in order, each with what is around it, for the checks of `lint/`."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})


@dataclass(slots=True, eq=False)
class Element:
    """An element with its attributes, and the text inside it (the alt text of pictures included).

    `own` is the text that stands in no element within it; `number` says which of its kind it is on the page, from 1.
    """

    tag: str
    attributes: dict[str, str]
    text: str = ""
    own: str = ""
    number: int = 0
    classes: frozenset[str] = frozenset()
    parent: "Element | None" = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """What a screen reader calls it: its label if it has one, else its words."""
        return " ".join((self.attributes.get("aria-label") or self.text).split())

    @property
    def spot(self) -> str:
        """How it is found in the page again: `a.3` is the third link."""
        return f"{self.tag}.{self.number}"

    def around(self) -> Iterator["Element"]:
        """The element, what it stands in, and so on up to the root."""
        here: Element | None = self
        while here is not None:
            yield here
            here = here.parent


@dataclass(slots=True)
class Page:
    """`styles` are the contents of its style elements, `comments` those of its comments."""

    elements: list[Element] = field(default_factory=list)
    styles: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    doctype: str = ""

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
        self._counted: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._counted[tag] += 1
        parent = self._open[-1] if self._open else None
        given = {name: value or "" for name, value in reversed(attrs)}  # of one that stands there twice the first counts
        element = Element(tag, given, number=self._counted[tag], classes=frozenset(given.get("class", "").split()), parent=parent)
        self.page.elements.append(element)
        if tag == "img":
            self._say(element.attributes.get("alt", ""))
        elif tag == "br":
            self._say("\n")
        if tag not in _VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)  # in HTML the slash closes nothing

    def handle_endtag(self, tag: str) -> None:
        if tag in (element.tag for element in self._open):
            while self._open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        inner = self._open[-1].tag if self._open else ""
        if inner == "style":
            self.page.styles.append(data)
        elif inner != "script":
            self._say(data)
            if self._open:
                self._open[-1].own += data

    def handle_comment(self, data: str) -> None:
        self.page.comments.append(data)

    def handle_decl(self, decl: str) -> None:
        self.page.doctype = decl

    def _say(self, text: str) -> None:
        for element in self._open:
            element.text += text
