"""Fills a compiled edition for one reader: escape, encode, join. This runs once per reader, so it knows no template and no parser."""

import html
import re
from collections.abc import Mapping
from urllib.parse import quote

from digest.render.compiled import CompiledEdition, Gap, Hole, Place
from digest.render.printable import encode, encode_plain

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# What every place takes as it is: our own links, most addresses. And what every place but a link does: most greetings.
_PLAIN = re.compile(r"[A-Za-z0-9_.:/?@,+-]+")
_WORDS = re.compile(r"[A-Za-z0-9_.:/?@,+-]+(?: [A-Za-z0-9_.:/?@,+-]+)*")
_URL = "!#$%&'()*+,/:;=?@[]~"  # what may stand in an address beside letters, digits and “_.-” (RFC 3986)


class Filler:
    """An edition made ready: neighbouring bytes are joined once, and each different gap is encoded once per reader."""

    __slots__ = ("_gaps", "_parts", "_places", "_plain")

    def __init__(self, compiled: CompiledEdition) -> None:
        self._parts: list[bytes] = []
        self._gaps: list[Gap] = []
        self._places: list[tuple[int, int]] = []  # index of a part → index of the gap that belongs there
        run: list[bytes] = []
        for piece in (piece for block in compiled.blocks for piece in block.pieces):
            if isinstance(piece, bytes):
                run.append(piece)
                continue
            if piece not in self._gaps:
                self._gaps.append(piece)
            self._places.append((len(self._parts) + 1, self._gaps.index(piece)))
            self._parts += [b"".join(run), b""]
            run = []
        self._parts.append(b"".join(run))
        linked = {gap.hole for gap in self._gaps if gap.place is Place.LINK}
        self._plain = [(hole, (_PLAIN if hole in linked else _WORDS).fullmatch) for hole in dict.fromkeys(gap.hole for gap in self._gaps)]

    def fill(self, values: Mapping[Hole, str]) -> bytes:
        """The MIME body for one reader, with CRLF line ends and no line over 76 characters."""
        return b"".join(self.parts(values))

    def parts(self, values: Mapping[Hole, str]) -> list[bytes]:
        """The same in pieces: what all readers share is the same object in each message, and need not be copied to be sent."""
        plain = {hole: encode_plain(values[hole]) for hole, is_plain in self._plain if is_plain(values[hole])}
        ready = [plain.get(gap.hole) or encode(escape(values[gap.hole], gap.place)) for gap in self._gaps]
        parts = self._parts.copy()
        for index, gap in self._places:
            parts[index] = ready[gap]
        return parts


def fill(compiled: CompiledEdition, values: Mapping[Hole, str]) -> bytes:
    """The MIME body of one message. For many readers of one edition keep a `Filler`."""
    return Filler(compiled).fill(values)


def escape(value: str, place: Place) -> str:
    """A value made harmless for its place: always on one line, in HTML without markup, in a link without what an address may not hold."""
    line = " ".join(_CONTROLS.sub(" ", value).split())
    if place is Place.TEXT:
        return line
    return html.escape(quote(line, safe=_URL, errors="replace") if place is Place.LINK else line)
