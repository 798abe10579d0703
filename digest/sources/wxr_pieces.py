"""An export file cut into its header and its items, one at a time: so one broken item costs that item, and no file is too large.

Every item is parsed on its own by a strict XML parser. No declaration of the file reaches that parser, so none of its entities do.
"""

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

BLOCK = 256 * 1024
LARGEST_ITEM = 32 * 1024 * 1024  # characters; what grows beyond has lost its end

_MARK = re.compile(r"<!\[CDATA\[|<!--|<item(?=[\s>])|</item\s*>")
_ITEM_END = "</item>"
_LONGEST_MARK = 12
_CLOSED_BY = {"<![CDATA[": "]]>", "<!--": "-->"}
_ENCODING = re.compile(rb"""^[^>]{0,100}?\bencoding=["']([A-Za-z0-9._-]+)["']""")
_ITEM_LINE = re.compile(r"^[ \t]*<item(?=[\s>])", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of the file from line `line` on: what stands before the first item, or one item (a broken one may hold several), or the end."""

    text: str
    line: int

    @property
    def is_item(self) -> bool:
        return self.text.startswith("<item")

    def items(self) -> list["Piece"]:
        """The piece itself if it is an item; else those that something without its end has swallowed."""
        return [self] if self.is_item else [part for part in self.apart() if part.is_item]

    def apart(self) -> list["Piece"]:
        """Cut anew wherever a line begins with an item, each up to its last end of an item: the way on after something without its end."""
        starts = [0, *(found.start() for found in _ITEM_LINE.finditer(self.text) if found.start())]
        ends = [*starts[1:], len(self.text)]
        return [self._part(start, end) for start, end in zip(starts, ends, strict=True)]

    def _part(self, start: int, end: int) -> "Piece":
        last = self.text.rfind(_ITEM_END, start, end)
        text = self.text[start : last + len(_ITEM_END) if last >= 0 else end]
        return Piece(text=text.lstrip(), line=self.line + self.text.count("\n", 0, start))


def read_pieces(path: Path, *, read: Callable[[int], object] = lambda size: None, largest: int = LARGEST_ITEM) -> Iterator[Piece]:
    """The pieces of the file in order; `read` is told the bytes of each block. An `OSError` where it cannot be read."""
    buffer, line = "", 1
    scan = _Scan(largest)
    for block in _blocks(path, read):
        buffer += block
        while cut := scan.next_cut(buffer):
            yield Piece(text=buffer[:cut], line=line)
            line += buffer.count("\n", 0, cut)
            buffer = buffer[cut:]
    yield Piece(text=buffer, line=line)


class _Scan:
    """Looks for the places to cut in a growing text; marks within CDATA and comments do not count."""

    def __init__(self, largest: int) -> None:
        self.largest = largest
        self.position = 0
        self.waiting = ""

    def next_cut(self, buffer: str) -> int:
        """Where the next piece ends, 0 if that is not known yet. The caller takes the piece off."""
        while self._leave(buffer) and (mark := _MARK.search(buffer, self.position)):
            self.position = mark.end()
            if mark[0] in _CLOSED_BY:
                self.waiting = _CLOSED_BY[mark[0]]
            elif mark[0].startswith("</"):
                return self._cut(mark.end(), begins="")
            elif mark.start():
                return self._cut(mark.start(), begins=mark[0])
        if len(buffer) > self.largest:
            self.waiting = ""
            return self._cut(_last_item(buffer), begins="")
        self.position = max(self.position, len(buffer) - _LONGEST_MARK)
        return 0

    def _leave(self, buffer: str) -> bool:
        """Out of a CDATA section or comment, if in one. False when its end has not come yet."""
        if self.waiting:
            end = buffer.find(self.waiting, self.position)
            if end < 0:
                return False
            self.position = end + len(self.waiting)
            self.waiting = ""
        return True

    def _cut(self, place: int, *, begins: str) -> int:
        self.position = len(begins)
        return place


def _last_item(buffer: str) -> int:
    starts = [found.start() for found in _ITEM_LINE.finditer(buffer) if found.start()]
    return starts[-1] if starts else len(buffer)


def _blocks(path: Path, read: Callable[[int], object]) -> Iterator[str]:
    with path.open("rb") as file:
        block = file.read(BLOCK)
        decoder = codecs.getincrementaldecoder(_encoding(block))(errors="replace")
        while block:
            read(len(block))
            yield decoder.decode(block)
            block = file.read(BLOCK)
        yield decoder.decode(b"", final=True)


def _encoding(start: bytes) -> str:
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    declared = _ENCODING.search(start.removeprefix(codecs.BOM_UTF8))
    try:
        name = codecs.lookup(declared[1].decode() if declared else "utf-8").name
    except LookupError:
        name = "utf-8"
    return "utf-8-sig" if name == "utf-8" else name
