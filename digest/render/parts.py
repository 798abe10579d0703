"""An edition's bytes by what a selection can show or leave out: made once, and shared by the fillers of all its selections."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby

from digest.render.compiled import Block, CompiledEdition, Gap, Hole, Place
from digest.render.outline import SELECTABLE, Outline, Path, coarse, kind
from digest.render.printable import PLAIN

SELECTED = frozenset({Hole.SUBJECT, Hole.PREHEADER, Hole.NUMBER})  # filled once a selection; the others once a reader

# What every place takes as it is: our own links, most addresses. And what every place but a link does: most greetings.
_PLAIN = re.compile(PLAIN + r"[A-Za-z0-9_.:/?@,+-]+")
_WORDS = re.compile(PLAIN + r"[A-Za-z0-9_.:/?@,+-]+(?: [A-Za-z0-9_.:/?@,+-]+)*")

Run = bytes | tuple[bytes | Gap, ...]  # most have no gap
Takes = Callable[[str], object]  # whether a value needs no escaping, wherever it stands


class Parts:
    """`runs` in the order of the page, and `html_bytes`, what each adds to the decoded HTML; `outline` says which of them are shown when.

    `places` are those of each hole of a reader; `slots` numbers them in that order. `sizes`: HTML bytes of each block that can be selected.
    """

    __slots__ = ("html_bytes", "outline", "places", "runs", "sizes", "slots", "titles")

    def __init__(self, compiled: CompiledEdition) -> None:
        grouped = [(path, list(blocks)) for path, blocks in groupby(compiled.blocks, key=lambda block: coarse(block.path))]
        self.outline = Outline(path for path, _ in grouped)
        self.runs: list[Run] = [_run(blocks) for _, blocks in grouped]
        self.html_bytes = [sum(block.html_bytes for block in blocks) for _, blocks in grouped]
        self.places = _places(compiled.blocks)
        self.slots = {gap: number for number, gap in enumerate((hole, place) for hole, _, places in self.places for place in places)}
        self.sizes = _sizes(zip((path for path, _ in grouped), self.html_bytes, strict=True))
        self.titles: Mapping[Hole, str] = {Hole.SUBJECT: compiled.subject, Hole.PREHEADER: compiled.preheader}


def _run(blocks: list[Block]) -> Run:
    made: list[bytes | Gap] = []
    for is_bytes, pieces in groupby((piece for block in blocks for piece in block.pieces), key=lambda piece: isinstance(piece, bytes)):
        found = list(pieces)
        made += [b"".join(piece for piece in found if isinstance(piece, bytes))] if is_bytes else found
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
