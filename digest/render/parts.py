"""An edition's bytes by what a selection can show or leave out: made once, and shared by the fillers of all its selections."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import groupby

from digest.render.compiled import Block, CompiledEdition, Gap, Hole, Place
from digest.render.outline import SELECTABLE, Outline, Path, coarse, kind
from digest.render.printable import PLAIN

SELECTED = frozenset({Hole.SUBJECT, Hole.PREHEADER, Hole.NUMBER})  # filled once a selection; the others once a reader

# What every place takes as it is: our own links, most addresses. And what every place but a link does: most greetings.
_PLAIN = re.compile(PLAIN + r"[A-Za-z0-9_.:/?@,+-]+")
_WORDS = re.compile(PLAIN + r"[A-Za-z0-9_.:/?@,+-]+(?: [A-Za-z0-9_.:/?@,+-]+)*")

Piece = bytes | int | Gap  # a whole number: which of the reader's values; a gap: what a selection fills
Run = bytes | tuple[Piece, ...]  # most have no gap
Takes = Callable[[str], object]  # whether a value needs no escaping, wherever it stands


class Parts:
    """`runs` in the order of the page; `outline` says which of them are shown when. `places` are those of each hole of a reader, and numbered
    in this order. `sizes`: the bytes of decoded HTML of each block that can be selected.
    """

    __slots__ = ("_html_bytes", "outline", "places", "runs", "sizes", "titles")

    def __init__(self, compiled: CompiledEdition) -> None:
        grouped = [(path, list(blocks)) for path, blocks in groupby(compiled.blocks, key=lambda block: coarse(block.path))]
        self.outline = Outline(path for path, _ in grouped)
        self.places = _places(compiled.blocks)
        slots = {gap: number for number, gap in enumerate((hole, place) for hole, _, places in self.places for place in places)}
        self.runs: list[Run] = [_run(blocks, slots) for _, blocks in grouped]
        self.titles: Mapping[Hole, str] = {Hole.SUBJECT: compiled.subject, Hole.PREHEADER: compiled.preheader}
        self._html_bytes = [sum(block.html_bytes for block in blocks) for _, blocks in grouped]
        self.sizes = _sizes(zip((path for path, _ in grouped), self._html_bytes, strict=True))

    def html_bytes(self, blocks: Collection[str] | None = None) -> int:
        """The size of the HTML part after decoding, for a typical reader of these blocks (None: of all)."""
        return sum(self._html_bytes[number] for number, _ in self.outline.shown(blocks))


def _run(blocks: list[Block], slots: Mapping[tuple[Hole, Place], int]) -> Run:
    made: list[Piece] = []
    for is_bytes, pieces in groupby((piece for block in blocks for piece in block.pieces), key=lambda piece: isinstance(piece, bytes)):
        if is_bytes:
            made.append(b"".join(piece for piece in pieces if isinstance(piece, bytes)))
        else:
            made += [slots.get((piece.hole, piece.place), piece) for piece in pieces if isinstance(piece, Gap)]
    only = made[0] if len(made) == 1 else None
    return only if isinstance(only, bytes) else tuple(made)


def _places(blocks: Iterable[Block]) -> list[tuple[Hole, Takes, tuple[Place, ...]]]:
    found: dict[Hole, dict[Place, None]] = {}
    for gap in _gaps(blocks):
        if gap.hole not in SELECTED:
            found.setdefault(gap.hole, {})[gap.place] = None
    return [(hole, (_PLAIN if Place.LINK in places else _WORDS).fullmatch, tuple(places)) for hole, places in found.items()]


def _gaps(blocks: Iterable[Block]) -> Iterator[Gap]:
    return (piece for block in blocks for piece in block.pieces if isinstance(piece, Gap))


def _sizes(runs: Iterable[tuple[Path, int]]) -> Counter[str]:
    sizes: Counter[str] = Counter()
    for path, size in runs:
        owner = next((block for block in path if kind(block) in SELECTABLE), None)
        if owner is not None:
            sizes[owner] += size
    return sizes
