"""Which runs of a page are shown when a reader gets some of its blocks: no heading over nothing, no rule above a first story, ranks from 1."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, groupby, takewhile
from operator import itemgetter

Path = tuple[str, ...]  # the blocks around a run, outermost first; empty for the frame

GROUP = "group"  # a heading over others, which goes with the last of them; it stands in no selectable block
JOINT = "joint"  # what parts a block from the one before
SELECTABLE = frozenset({"lead", "article", "top", "recent", "join"})  # what one reader gets and another does not
_KNOWN = SELECTABLE | {GROUP, JOINT}
_FIRST = itemgetter(0)


def kind(block: str) -> str:
    """`article` of `article-12`."""
    return block.partition("-")[0]


def coarse(path: Sequence[str]) -> Path:
    """The path without what never falls by itself: blocks within a selectable one."""
    owned = next((number for number, block in enumerate(path) if kind(block) in SELECTABLE), len(path))
    return (*path[: owned + 1], *(block for block in path[owned + 1 :] if kind(block) in SELECTABLE or kind(block) == JOINT))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spot:
    """Where a run stands: the selectable blocks and the groups around it, outermost first. A group entered twice, as in text and HTML, is two."""

    owners: Path
    groups: tuple[int, ...]
    holding: tuple[int, ...]  # the groups that have a block of another kind here, which no selection takes from them
    joint: bool


class Outline:
    """The runs of a page, by their numbers, and its stretches, by theirs: each outermost group is one, and what stands between two. Made once an
    edition; a selection costs what it shows, not what there is."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._stretches: list[_Stretch] = []
        first = 0
        for _, spots in groupby(_spots(paths), key=lambda spot: spot.groups[:1]):
            stretch = _Stretch(first, tuple(spots))
            self._stretches.append(stretch)
            first += stretch.length
        self._always: dict[int, frozenset[str]] = {number: frozenset() for number, stretch in enumerate(self._stretches) if stretch.stays}
        self._where: dict[str, tuple[int, ...]] = {}
        for number, stretch in enumerate(self._stretches):
            for block in stretch.blocks:
                self._where[block] = (*self._where.get(block, ()), number)

    def shown(self, blocks: Collection[str] | None) -> list[tuple[int, int]]:
        """The runs left of a page that shows these of its selectable blocks (None: all), in order; each with its block's rank in its group."""
        return [run for number, its in self.stretches(blocks) for run in self.within(number, its)]

    def stretches(self, blocks: Collection[str] | None) -> list[tuple[int, frozenset[str]]]:
        """The stretches of such a page, in order, each with those of the blocks that stand in it: what it shows depends on nothing else."""
        found = self._always.copy()
        # One after another they often stand in the same stretches: those of one section do.
        for numbers, some in groupby(self._where if blocks is None else blocks, self._where.get):
            if numbers:
                its = frozenset(some)
                for number in numbers:
                    found[number] = found[number] | its if number in found else its
        return sorted(found.items(), key=_FIRST)

    def within(self, number: int, blocks: Collection[str]) -> list[tuple[int, int]]:
        """As `shown`, of one stretch."""
        return self._stretches[number].shown(blocks)


class _Stretch:
    def __init__(self, first: int, spots: Sequence["_Spot"]) -> None:
        self.length = len(spots)
        self.blocks = {owner for spot in spots for owner in spot.owners}
        self._first = first
        self._fixed, self._headings = _unowned(spots)
        self.stays = bool(self._fixed)
        self._owned = _owned(spots)
        self._nested = {number: spot.owners for number, spot in enumerate(spots) if len(spot.owners) > 1}
        # Of a run in a selectable block: this block in this place, its group, whether it is a joint.
        places: dict[tuple[str, tuple[int, ...]], int] = {}
        self._places = [
            (places.setdefault((spot.owners[0], spot.groups), len(places)), spot.groups[-1:], spot.joint) if spot.owners else None for spot in spots
        ]

    def shown(self, blocks: Collection[str]) -> list[tuple[int, int]]:
        found = []
        last, rank = -1, 0
        group: tuple[int, ...] = (-1,)
        for number in self._standing(blocks):
            place = self._places[number]
            if place is None:
                found.append((self._first + number, 0))
                continue
            its, within, joint = place
            if its != last:
                rank = rank + 1 if within == group else 1
                last, group = its, within
            if rank > 1 or not joint:
                found.append((self._first + number, rank))
        return found

    def _standing(self, blocks: Collection[str]) -> list[int]:
        numbers = self._fixed.copy()
        groups: set[int] = set()
        for block in blocks:
            owned = self._owned.get(block)
            if owned:
                numbers += owned[0]
                groups.update(owned[1])
        for group in groups:
            numbers += self._headings.get(group, ())
        if self._nested:
            numbers = [number for number in numbers if all(owner in blocks for owner in self._nested.get(number, ()))]
        numbers.sort()
        return numbers


def _owned(spots: Sequence[_Spot]) -> dict[str, tuple[list[int], set[int]]]:
    """By selectable block: its runs, and the groups it stands in."""
    found: dict[str, tuple[list[int], set[int]]] = {}
    for number, spot in enumerate(spots):
        if spot.owners:
            numbers, groups = found.setdefault(spot.owners[0], ([], set()))
            numbers.append(number)
            groups.update(spot.groups)
    return found


def _unowned(spots: Sequence[_Spot]) -> tuple[list[int], dict[int, list[int]]]:
    """The runs that are always there, and those that stand or fall with a group."""
    falling = {group for spot in spots if spot.owners for group in spot.groups}
    falling -= {group for spot in spots if not spot.owners for group in spot.holding}
    fixed: list[int] = []
    headings: dict[int, list[int]] = defaultdict(list)
    for number, spot in enumerate(spots):
        if not spot.owners:
            group = next((group for group in reversed(spot.groups) if group in falling), None)
            (fixed if group is None else headings[group]).append(number)
    return fixed, dict(headings)


def _spots(paths: Iterable[Path]) -> Iterator[_Spot]:
    entries = count()
    around: list[tuple[str, int]] = []  # the groups around the run, and the number of each entry
    for path in paths:
        kinds = [kind(block) for block in path]
        names = [block for block, its in zip(path, kinds, strict=True) if its == GROUP]
        plain = max((place for place, its in enumerate(kinds) if its not in _KNOWN), default=0)
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1][0], zip(names, around, strict=False)))
        around = [*around[:same], *((name, next(entries)) for name in names[same:])]
        yield _Spot(
            owners=tuple(block for block, its in zip(path, kinds, strict=True) if its in SELECTABLE),
            groups=tuple(entry for _, entry in around),
            holding=tuple(entry for _, entry in around[: kinds[:plain].count(GROUP)]),
            joint=JOINT in kinds,
        )
