"""Fills a compiled edition for one reader: escape, encode, join. This runs once per reader, so it knows no template and no parser."""

import html
import re
from collections.abc import Mapping
from urllib.parse import quote

from digest.render.compiled import CompiledEdition, Hole, Place
from digest.render.printable import encode, encode_plain

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# What every place takes as it is: our own links, most addresses. And what every place but a link does: most greetings.
_PLAIN = re.compile(r"[A-Za-z0-9_.:/?@,+-]+")
_WORDS = re.compile(r"[A-Za-z0-9_.:/?@,+-]+(?: [A-Za-z0-9_.:/?@,+-]+)*")
_URL = "!#$%&'()*+,/:;=?@[]~"  # what may stand in an address beside letters, digits and “_.-” (RFC 3986)


class Filler:
    """An edition made ready: neighbouring bytes are joined once, and each different gap is encoded once per reader."""

    __slots__ = ("_holes", "_parts")

    def __init__(self, compiled: CompiledEdition) -> None:
        self._parts: list[bytes] = []
        places: dict[Hole, dict[Place, list[int]]] = {}  # where each hole's value belongs among the parts
        run: list[bytes] = []
        for piece in (piece for block in compiled.blocks for piece in block.pieces):
            if isinstance(piece, bytes):
                run.append(piece)
                continue
            places.setdefault(piece.hole, {}).setdefault(piece.place, []).append(len(self._parts) + 1)
            self._parts += [b"".join(run), b""]
            run = []
        self._parts.append(b"".join(run))
        self._holes = [(hole, (_PLAIN if Place.LINK in found else _WORDS).fullmatch, found) for hole, found in places.items()]

    def fill(self, values: Mapping[Hole, str]) -> bytes:
        """The MIME body for one reader, with CRLF line ends and no line over 76 characters."""
        return b"".join(self.parts(values))

    def parts(self, values: Mapping[Hole, str]) -> list[bytes]:
        """The same in pieces: what all readers share is the same object in each message, and need not be copied to be sent."""
        parts = self._parts.copy()
        for hole, is_plain, places in self._holes:
            value = values[hole]
            plain = encode_plain(value) if is_plain(value) else None
            for place, indices in places.items():
                ready = plain or encode(escape(value, place))
                for index in indices:
                    parts[index] = ready
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
