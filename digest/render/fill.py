"""Fills a compiled edition for one reader: escape, encode, join. This runs once per reader, so it knows no template and no parser."""

import html
import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from urllib.parse import quote

from digest.render.compiled import CompiledEdition, Hole, Place
from digest.render.parts import Parts
from digest.render.printable import encode, encode_plain

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_URL = "!#$%&'()*+,/:;=?@[]~"  # what may stand in an address beside letters, digits and “_.-” (RFC 3986)


class Filler:
    """One selection of an edition's blocks, made ready. It has no bytes of its own but subject and preheader: thousands of selections share the
    bytes of their `Parts`.
    """

    __slots__ = ("_pieces", "_places", "_slots", "_whole")

    def __init__(
        self, parts: Parts, blocks: Collection[str] | None = None, titles: Mapping[Hole, str] | None = None, *, joined: bool = False
    ) -> None:
        """`blocks`: see `CompiledEdition.only`; None: all there are. `titles`: SUBJECT and PREHEADER where they are not the whole edition's.
        `joined`: this selection is worth bytes of its own."""
        self._places = parts.places
        self._pieces = pieces = list[bytes]()  # what is not known yet is empty
        self._slots = slots = list[tuple[int, int]]()  # which piece is which of the reader's values
        its = titles or parts.titles
        for ready, values, gaps in parts.selected(blocks):
            if values or gaps:  # most have neither
                start = len(pieces)
                slots += [(start + place, value) for place, value in values]
                pieces += ready
                for place, gap in gaps:
                    pieces[start + place] = _title(its[gap.hole], gap.place)
            else:
                pieces += ready
        self._whole = joined or blocks is None
        if self._whole:
            self._join()

    def _join(self) -> None:
        """One piece where there were neighbours: for what most readers get, bytes of its own are worth it."""
        pieces, slots, end = list[bytes](), list[tuple[int, int]](), 0
        for piece, slot in self._slots:
            pieces += [b"".join(self._pieces[end:piece]), b""]
            slots.append((len(pieces) - 1, slot))
            end = piece + 1
        self._pieces, self._slots = [*pieces, b"".join(self._pieces[end:])], slots

    def fill(self, values: Mapping[Hole, str]) -> bytes:
        """The MIME body for one reader, with CRLF line ends and no line over 76 characters."""
        return b"".join(self.parts(values))

    def parts(self, values: Mapping[Hole, str]) -> tuple[bytes, ...]:
        """The same in pieces. Of what most readers get these are the same objects in each message, and need not be copied to be sent; a rarer
        selection has so many that to join them costs less than to hand them on one by one."""
        ready: list[bytes] = []
        for hole, is_plain, places in self._places:
            value = values[hole]
            if is_plain(value):
                ready += [encode_plain(value)] * len(places)
            else:
                ready += [encode(escape(value, place)) for place in places]
        pieces = self._pieces.copy()
        for piece, slot in self._slots:
            pieces[piece] = ready[slot]
        return tuple(pieces) if self._whole else (b"".join(pieces),)


def fill(compiled: CompiledEdition, values: Mapping[Hole, str]) -> bytes:
    """The MIME body of one message. For many readers of one edition keep a `Filler`."""
    return Filler(Parts(compiled)).fill(values)


@lru_cache(maxsize=1_024)  # many selections begin with the same story
def _title(text: str, place: Place) -> bytes:
    return encode(escape(text, place))


def escape(value: str, place: Place) -> str:
    """A value made harmless for its place: always on one line, in HTML without markup, in a link without what an address may not hold."""
    line = " ".join(_CONTROLS.sub(" ", value).split())
    if place is Place.TEXT:
        return line
    return html.escape(quote(line, safe=_URL, errors="replace") if place is Place.LINK else line)
