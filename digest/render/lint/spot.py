"""The place on the page that a finding is about: outlined where the page is shown, and where the frame scrolls to."""

import re
from html.parser import HTMLParser

ANCHOR = "finding"  # the id of the place: a link to it ends in #finding
_SPOT = re.compile(r"([a-z][a-z0-9]*)\.([1-9][0-9]{0,5})")
_ID = re.compile(r"""\sid\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)""", re.IGNORECASE)
_STYLE = re.compile(r"""\sstyle\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_OUTLINE = "outline:3px solid #d4351c;outline-offset:2px;box-shadow:0 0 0 6px #ffdd00;scroll-margin:40vh"


def outlined(html: str, spot: str) -> str:
    """The page with the element at `spot` outlined by a style of its own, and its id `ANCHOR`; as it is where there is no such place."""
    named = _SPOT.fullmatch(spot)
    if named is None:
        return html
    finder = _Finder(named[1], int(named[2]))
    finder.feed(html)
    if finder.found is None:
        return html
    line, column, tag = finder.found
    start = sum(len(one) for one in html.split("\n")[: line - 1]) + line - 1 + column
    return html[:start] + _marked(tag) + html[start + len(tag) :]


def _marked(tag: str) -> str:
    bare = _ID.sub("", tag)
    style = _STYLE.search(bare)
    kept = (style[1] or style[2] or "").strip().rstrip(";").replace('"', "&quot;") if style else ""
    bare = _STYLE.sub("", bare)
    return re.sub(r"^<[\w-]+", lambda name: f'{name[0]} id="{ANCHOR}" style="{kept}{";" if kept else ""}{_OUTLINE}"', bare, count=1)


class _Finder(HTMLParser):
    """Looks for the start tag that is the nth of its kind, counted as in `elements.py`."""

    def __init__(self, tag: str, number: int) -> None:
        super().__init__(convert_charrefs=True)
        self._tag, self._left = tag, number
        self.found: tuple[int, int, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != self._tag or self.found:
            return
        self._left -= 1
        if not self._left:
            self.found = (*self.getpos(), self.get_starttag_text() or "")
