"""Which runs of a page are shown when a reader gets some of its blocks: no heading over nothing, no rule above a first story, ranks from 1."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, takewhile

Path = tuple[str, ...]  # the blocks around a run, outermost first; empty for the frame

GROUP = "group"  # a heading over others, which goes with the last of them
JOINT = "joint"  # what parts a block from the one before
SELECTABLE = frozenset({"lead", "article", "top", "recent", "join"})  # what one reader gets and another does not


def kind(block: str) -> str:
    """`article` of `article-12`."""
    return block.partition("-")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where a run stands: the selectable blocks and the groups around it, outermost first. A group entered twice, as in text and HTML, is two."""

    owners: Path
    groups: tuple[int, ...]
    plain: bool  # stands in a block of another kind
    joint: bool


class Outline:
    """The runs of a page, by their numbers. Made once an edition; a selection costs what it shows, not what there is."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._spots = tuple(_spots(paths))
        self._nested = frozenset(number for number, spot in enumerate(self._spots) if len(spot.owners) > 1)
        self._owned: dict[str, list[int]] = defaultdict(list)
        self._above: dict[str, set[int]] = defaultdict(set)
        for number, spot in enumerate(self._spots):
            if spot.owners:
                self._owned[spot.owners[0]].append(number)
                self._above[spot.owners[0]].update(spot.groups)
        self._fixed, self._headings = self._unowned()

    def shown(self, blocks: Collection[str] | None) -> list[tuple[int, int]]:
        """The runs left of a page that shows these of its selectable blocks (None: all), in order; each with its block's rank in its group."""
        found = []
        group, owner, rank = -1, "", 0
        for number in range(len(self._spots)) if blocks is None else self._standing(blocks):
            spot = self._spots[number]
            if not spot.owners:
                found.append((number, 0))
                continue
            if (within := spot.groups[-1] if spot.groups else -1) != group:
                group, owner, rank = within, "", 0
            if spot.owners[0] != owner:
                owner, rank = spot.owners[0], rank + 1
            if rank > 1 or not spot.joint:
                found.append((number, rank))
        return found

    def _standing(self, blocks: Collection[str]) -> list[int]:
        numbers = self._fixed.copy()
        groups: set[int] = set()
        for block in blocks:
            if block in self._owned:
                numbers += self._owned[block]
                groups |= self._above[block]
        for group in groups:
            numbers += self._headings.get(group, ())
        if self._nested:
            numbers = [number for number in numbers if number not in self._nested or all(owner in blocks for owner in self._spots[number].owners)]
        return sorted(numbers)

    def _unowned(self) -> tuple[list[int], dict[int, list[int]]]:
        """The runs that are always there, and those that stand or fall with a group."""
        fall = {group for groups in self._above.values() for group in groups}
        fall -= {group for spot in self._spots if spot.plain and not spot.owners for group in spot.groups}
        fixed: list[int] = []
        headings: dict[int, list[int]] = defaultdict(list)
        for number, spot in enumerate(self._spots):
            if spot.owners:
                continue
            falling = [group for group in spot.groups if group in fall]
            (headings[falling[-1]] if falling else fixed).append(number)
        return fixed, dict(headings)


def _spots(paths: Iterable[Path]) -> Iterator[Spot]:
    entries = count()
    before: list[tuple[str, int]] = []  # the groups around the run before, and the number of each entry
    for path in paths:
        kinds = [kind(block) for block in path]
        names = [block for block, its in zip(path, kinds, strict=True) if its == GROUP]
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1][0], zip(names, before, strict=False)))
        before = [*before[:same], *((name, next(entries)) for name in names[same:])]
        yield Spot(
            owners=tuple(block for block, its in zip(path, kinds, strict=True) if its in SELECTABLE),
            groups=tuple(entry for _, entry in before),
            plain=bool(set(kinds) - SELECTABLE - {GROUP, JOINT}),
            joint=JOINT in kinds,
        )


def coarse(path: Sequence[str]) -> Path:
    """The path without what never falls by itself: blocks within a selectable one."""
    owned = next((number for number, block in enumerate(path) if kind(block) in SELECTABLE), len(path))
    return (*path[: owned + 1], *(block for block in path[owned + 1 :] if kind(block) in SELECTABLE or kind(block) == JOINT))
