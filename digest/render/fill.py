"""Fills a compiled edition for one reader: escape, encode, join. This runs once per reader, so it knows no template and no parser."""

import html
import re
from collections.abc import Mapping
from operator import itemgetter
from urllib.parse import quote

from digest.render.compiled import CompiledEdition, Hole, Place
from digest.render.printable import PLAIN, encode, encode_plain

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# What every place takes as it is: our own links, most addresses. And what every place but a link does: most greetings.
_PLAIN = re.compile(PLAIN + r"[A-Za-z0-9_.:/?@,+-]+")
_WORDS = re.compile(PLAIN + r"[A-Za-z0-9_.:/?@,+-]+(?: [A-Za-z0-9_.:/?@,+-]+)*")
_URL = "!#$%&'()*+,/:;=?@[]~"  # what may stand in an address beside letters, digits and “_.-” (RFC 3986)


class Filler:
    """An edition made ready: neighbouring bytes are joined once, and each different gap is encoded once per reader."""

    __slots__ = ("_holes", "_pick", "_shared")

    def __init__(self, compiled: CompiledEdition) -> None:
        gaps: list[tuple[Hole, Place]] = []  # in the order in which they are met
        runs: list[list[bytes]] = [[]]
        for piece in (piece for block in compiled.blocks for piece in block.pieces):
            if isinstance(piece, bytes):
                runs[-1].append(piece)
            else:
                gaps.append((piece.hole, piece.place))
                runs.append([])
        places = {hole: tuple({place: None for its, place in gaps if its is hole}) for hole, _ in gaps}
        self._holes = [(hole, (_PLAIN if Place.LINK in found else _WORDS).fullmatch, found) for hole, found in places.items()]
        self._shared = [b"".join(run) for run in runs]
        filled = {gap: len(runs) + number for number, gap in enumerate((hole, place) for hole, found in places.items() for place in found)}
        # One call puts all in its place but the last run.
        order = [index for number, gap in enumerate(gaps) for index in (number, filled[gap])]
        self._pick = itemgetter(*order) if order else itemgetter(slice(0))

    def fill(self, values: Mapping[Hole, str]) -> bytes:
        """The MIME body for one reader, with CRLF line ends and no line over 76 characters."""
        return b"".join(self.parts(values))

    def parts(self, values: Mapping[Hole, str]) -> tuple[bytes, ...]:
        """The same in pieces: what all readers share is the same object in each message, and need not be copied to be sent."""
        ready = self._shared.copy()
        for hole, is_plain, places in self._holes:
            value = values[hole]
            if is_plain(value):
                ready += [encode_plain(value)] * len(places)
            else:
                ready += [encode(escape(value, place)) for place in places]
        return (*self._pick(ready), self._shared[-1])


def fill(compiled: CompiledEdition, values: Mapping[Hole, str]) -> bytes:
    """The MIME body of one message. For many readers of one edition keep a `Filler`."""
    return Filler(compiled).fill(values)


def escape(value: str, place: Place) -> str:
    """A value made harmless for its place: always on one line, in HTML without markup, in a link without what an address may not hold."""
    line = " ".join(_CONTROLS.sub(" ", value).split())
    if place is Place.TEXT:
        return line
    return html.escape(quote(line, safe=_URL, errors="replace") if place is Place.LINK else line)
