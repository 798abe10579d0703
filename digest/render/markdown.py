"""What editors write in Markdown, as HTML for a mail and as plain text: paragraphs, emphasis, links, lists and quotations, and nothing else."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from digest.content.sanitise import only
from digest.render.text import WIDTH, columns, wrap

# What is not among these stays as it was written: a mail's headings, pictures and rules are its theme's.
_BLOCKS = ("blockquote", "list", "paragraph")
_INLINE = ("text", "newline", "escape", "emphasis", "link", "autolink")
_SCHEMES = ("https://", "http://", "mailto:")
_ATTRIBUTE = re.compile(r'([a-z]+)="([^"]*)"')
_DRESSED = {"class", "lang", "dir"}
_ALLOWED = {"p": _DRESSED, "em": set[str](), "strong": set[str](), "a": {"href", "class"}, "ul": _DRESSED, "ol": {*_DRESSED, "start"}}
_TAGS = {**_ALLOWED, "li": set[str](), "blockquote": _DRESSED, "br": set[str]()}


def html(source: str | Iterable[str], classes: Mapping[str, str] | None = None, attributes: str = "") -> Markup:
    """Markdown as HTML, sanitised. `classes` are those of its elements by their tags; `attributes`, as in `look.theirs`, are the outermost ones'.

    Links lead to http, https or mailto addresses only; what looks like any other stays text, as HTML does.
    """
    tokens = _tokens(source)
    for token in _every(tokens):
        if token.nesting == 1 and (name := (classes or {}).get(token.tag)):
            token.attrSet("class", name)
    for token in tokens:
        if token.nesting == 1 and token.level == 0:
            for name, value in _ATTRIBUTE.findall(attributes):
                token.attrSet(name, value)
    made = _reader().renderer.render(tokens, _reader().options, {})
    return Markup(only(made.rstrip(), _TAGS))  # noqa: S704 - sanitised


def text(source: str | Iterable[str], width: int = WIDTH) -> str:
    """Markdown as plain text, no line wider than `width`: a link's address follows its words, quotations and lists keep their marks."""
    page = _Page(width)
    for token in _tokens(source):
        page.take(token)
    return "\n".join(page.lines)


@lru_cache(maxsize=1)
def _reader() -> MarkdownIt:
    made = MarkdownIt("zero", {"html": False}).enable([*_BLOCKS[:2], *_INLINE[2:]])
    made.validateLink = lambda url: url.casefold().startswith(_SCHEMES)  # type: ignore[method-assign]
    return made


def _tokens(source: str | Iterable[str]) -> list[Token]:
    return _reader().parse(source if isinstance(source, str) else "\n\n".join(source))


def _every(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _every(token.children or ())


class _Page:
    """Plain text that grows. `_margins` are what lines begin with, from outermost to innermost: a first line with its mark, and all others."""

    def __init__(self, width: int) -> None:
        self.lines: list[str] = []
        self._width = width
        self._margins: list[list[str]] = []
        self._numbers: list[int | None] = []
        self._parted = False  # whether an empty line goes before the next
        self._begun = 0  # how many of the margins have a line already

    def take(self, token: Token) -> None:
        match token.type:
            case "bullet_list_open":
                self._numbers.append(None)
            case "ordered_list_open":
                self._numbers.append(int(token.attrGet("start") or 1))
            case "bullet_list_close" | "ordered_list_close":
                self._numbers.pop()
                self._parted = not self._numbers
            case "list_item_open":
                self._margins.append(self._mark())
            case "blockquote_open":
                self._margins.append(["> ", "> "])
            case "list_item_close" | "blockquote_close":
                self._margins.pop()
                self._begun = min(self._begun, len(self._margins))
            case "paragraph_close" if not token.hidden:
                self._parted = True
            case "inline":
                self._write(_words(token.children or ()))

    def _mark(self) -> list[str]:
        number = self._numbers[-1]
        if number is None:
            return ["- ", "  "]
        self._numbers[-1] = number + 1
        return [f"{number}. ", " " * len(f"{number}. ")]

    def _write(self, words: str) -> None:
        if self._parted and self.lines:
            self.lines.append("".join(rest for _, rest in self._margins[: self._begun]).rstrip())
        self._parted, self._begun = False, len(self._margins)
        for line in wrap(words, max(10, self._width - columns("".join(rest for _, rest in self._margins)))).split("\n"):
            self.lines.append("".join(first for first, _ in self._margins) + line)
            for margin in self._margins:
                margin[0] = margin[1]


def _words(tokens: Sequence[Token]) -> str:
    said: list[str] = []
    since: list[tuple[int, str]] = []
    for token in tokens:
        if token.type == "text":
            said.append(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            said.append("\n")
        elif token.type == "link_open":
            since.append((len(said), str(token.attrGet("href") or "")))
        elif token.type == "link_close":
            start, href = since.pop()
            address = href.removeprefix("mailto:")
            if address != "".join(said[start:]).removeprefix("mailto:"):
                said.append(f" ({address})")
    return "".join(said)
