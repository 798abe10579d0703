"""Fills a compiled edition for one reader: escape, encode, join. This runs once per reader, so it knows no template and no parser."""

import html
import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from urllib.parse import quote

from digest.render.compiled import CompiledEdition, Gap, Hole, Place
from digest.render.parts import Parts
from digest.render.printable import encode, encode_plain

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_URL = "!#$%&'()*+,/:;=?@[]~"  # what may stand in an address beside letters, digits and “_.-” (RFC 3986)


class Filler:
    """One selection of an edition's blocks, made ready. It holds no bytes of its own but subject, preheader and numbers: a thousand
    selections of an edition share its `Parts`.

    `html_bytes` is the size of its decoded HTML, for a typical reader.
    """

    __slots__ = ("_parts", "_pieces", "_slots", "html_bytes")

    def __init__(self, parts: Parts, blocks: Collection[str] | None = None, titles: Mapping[Hole, str] | None = None) -> None:
        """`blocks`: see `CompiledEdition.only`; None: all there are. `titles`: SUBJECT and PREHEADER where they are not the whole edition's."""
        self._parts = parts
        self._pieces: list[bytes] = []  # what is not known yet is empty
        self._slots: list[tuple[int, int]] = []  # which piece is which of the reader's values
        self.html_bytes = 0
        for number, rank in parts.outline.shown(blocks):
            run = parts.runs[number]
            self.html_bytes += parts.html_bytes[number]
            if isinstance(run, bytes):
                self._pieces.append(run)
            else:
                self._take(run, rank, titles or parts.titles)

    def _take(self, run: tuple[bytes | Gap, ...], rank: int, titles: Mapping[Hole, str]) -> None:
        for piece in run:
            if isinstance(piece, bytes):
                self._pieces.append(piece)
            elif piece.hole is Hole.NUMBER:
                self._pieces.append(_number(rank))
            elif piece.hole in titles:
                self._pieces.append(encode(escape(titles[piece.hole], piece.place)))
            else:
                self._slots.append((len(self._pieces), self._parts.slots[piece.hole, piece.place]))
                self._pieces.append(b"")

    def fill(self, values: Mapping[Hole, str]) -> bytes:
        """The MIME body for one reader, with CRLF line ends and no line over 76 characters."""
        return b"".join(self.parts(values))

    def parts(self, values: Mapping[Hole, str]) -> tuple[bytes, ...]:
        """The same in pieces: what readers share is the same object in each message, and need not be copied to be sent."""
        ready: list[bytes] = []
        for hole, is_plain, places in self._parts.places:
            value = values[hole]
            if is_plain(value):
                ready += [encode_plain(value)] * len(places)
            else:
                ready += [encode(escape(value, place)) for place in places]
        pieces = self._pieces.copy()
        for piece, slot in self._slots:
            pieces[piece] = ready[slot]
        return tuple(pieces)


def fill(compiled: CompiledEdition, values: Mapping[Hole, str]) -> bytes:
    """The MIME body of one message. For many readers of one edition keep a `Filler`."""
    return Filler(Parts(compiled)).fill(values)


@lru_cache(maxsize=64)
def _number(rank: int) -> bytes:
    return encode(str(rank))


def escape(value: str, place: Place) -> str:
    """A value made harmless for its place: always on one line, in HTML without markup, in a link without what an address may not hold."""
    line = " ".join(_CONTROLS.sub(" ", value).split())
    if place is Place.TEXT:
        return line
    return html.escape(quote(line, safe=_URL, errors="replace") if place is Place.LINK else line)
