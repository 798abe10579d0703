"""An edition's bytes by what a selection can show or leave out: made once, and shared by the fillers of all its selections."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import groupby, starmap
from typing import NamedTuple

from digest.render.compiled import Block, CompiledEdition, Gap, Hole, Place
from digest.render.outline import SELECTABLE, Outline, Path, coarse, kind
from digest.render.printable import PLAIN, encode

SELECTED = frozenset({Hole.SUBJECT, Hole.PREHEADER, Hole.NUMBER})  # filled once a selection; the others once a reader

# What every place takes as it is: our own links, most addresses. And what every place but a link does: most greetings.
_PLAIN = re.compile(PLAIN + r"[A-Za-z0-9_.:/?@,+-]+")
_WORDS = re.compile(PLAIN + r"[A-Za-z0-9_.:/?@,+-]+(?: [A-Za-z0-9_.:/?@,+-]+)*")

Piece = bytes | int | Gap  # a whole number: which of the reader's values; a gap: what a selection fills
Run = bytes | tuple[Piece, ...]  # most have no gap
# Selections of one group that are remembered: readers follow many sections in many ways, but nearly always get a section's best. As lists of what all
# share: joined, those of a large edition took 50 MB.
KEPT = 600
Takes = Callable[[str], object]  # whether a value needs no escaping, wherever it stands


class Stretch(NamedTuple):
    """What one stretch of the page shows: `pieces`, empty where something is filled in; `slots`, at which of them which of the reader's values
    stands; and `titles`, what the selection fills in at which."""

    pieces: list[bytes]
    slots: tuple[tuple[int, int], ...]
    titles: tuple[tuple[int, Gap], ...]


class Parts:
    """`places` are those of each hole of a reader, and numbered in this order. `sizes`: the bytes of decoded HTML of each block that can be
    selected."""

    __slots__ = ("_html_bytes", "_outline", "_runs", "_stretch", "places", "sizes", "titles")

    def __init__(self, compiled: CompiledEdition) -> None:
        grouped = [(path, list(blocks)) for path, blocks in groupby(compiled.blocks, key=lambda block: coarse(block.path))]
        self._outline = Outline(path for path, _ in grouped)
        self.places = _places(compiled.blocks)
        slots = {gap: number for number, gap in enumerate((hole, place) for hole, _, places in self.places for place in places)}
        self._runs: list[Run] = [_run(blocks, slots) for _, blocks in grouped]
        self._stretch = lru_cache(KEPT)(self._cut)
        self.titles: Mapping[Hole, str] = {Hole.SUBJECT: compiled.subject, Hole.PREHEADER: compiled.preheader}
        self._html_bytes = [sum(block.html_bytes for block in blocks) for _, blocks in grouped]
        self.sizes = _sizes(zip((path for path, _ in grouped), self._html_bytes, strict=True))

    def selected(self, blocks: Collection[str] | None) -> list[Stretch]:
        """The page with these of its selectable blocks (None: all), in stretches; what selections have in common is the same object in each."""
        return list(starmap(self._stretch, self._outline.stretches(blocks)))

    def _cut(self, number: int, blocks: frozenset[str]) -> Stretch:
        pieces: list[Piece] = []
        for run, rank in self._outline.within(number, blocks):
            its = self._runs[run]
            pieces += (its,) if isinstance(its, bytes) else (_ranked(piece, rank) for piece in its)
        return Stretch(
            pieces=[piece if isinstance(piece, bytes) else b"" for piece in pieces],
            slots=tuple((place, piece) for place, piece in enumerate(pieces) if isinstance(piece, int)),
            titles=tuple((place, piece) for place, piece in enumerate(pieces) if isinstance(piece, Gap)),
        )

    def html_bytes(self, blocks: Collection[str] | None = None) -> int:
        """The size of the HTML part after decoding, for a typical reader of these blocks (None: of all)."""
        return sum(self._html_bytes[number] for number, _ in self._outline.shown(blocks))


def _ranked(piece: Piece, rank: int) -> Piece:
    return encode(str(rank)) if isinstance(piece, Gap) and piece.hole is Hole.NUMBER else piece


def _joined(pieces: list[Piece]) -> list[Piece]:
    made: list[Piece] = []
    for is_bytes, some in groupby(pieces, key=lambda piece: isinstance(piece, bytes)):
        if is_bytes:
            made.append(b"".join(piece for piece in some if isinstance(piece, bytes)))
        else:
            made += some
    return made


def _run(blocks: list[Block], slots: Mapping[tuple[Hole, Place], int]) -> Run:
    every = (piece for block in blocks for piece in block.pieces)
    made = _joined([slots.get((piece.hole, piece.place), piece) if isinstance(piece, Gap) else piece for piece in every])
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
