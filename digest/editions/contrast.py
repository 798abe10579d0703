"""What is otherwise in one choice than in another: what came, what left, what moved, and how the sections' shares changed. Pure."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from digest.editions.pool import folded
from digest.editions.values import Choice, Kind, Pick, Place

SHOWN = frozenset({Place.LEAD, Place.SECTION})


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """An article that is in both; places are counted from 1, in the order of the page."""

    article_id: int
    was: int
    now: int

    @property
    def up(self) -> bool:
        return self.now < self.was


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How many articles a section has, and had."""

    section: str
    was: int
    now: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """Articles by their ids, in the order of their edition. `moved` are those of the stayed that stand behind others than before, as few as
    can be; `sections` are in the order of now, with those that are gone after them."""

    came: tuple[int, ...]
    left: tuple[int, ...]
    stayed: tuple[int, ...]
    moved: tuple[Moved, ...]
    sections: tuple[Share, ...]
    quotes_came: tuple[int, ...]  # comments
    quotes_left: tuple[int, ...]

    @property
    def same(self) -> bool:
        """Whether the same articles and comments stand in the same order."""
        return not (self.came or self.left or self.moved or self.quotes_came or self.quotes_left)


def contrast(now: Choice, then: Choice) -> Contrast:
    """What everybody gets of `now`, beside what everybody got of `then`."""
    here, there = _articles(now), _articles(then)
    stays = [pick.id for pick in here if pick.id in {pick.id for pick in there}]
    comments, before = _comments(now), _comments(then)
    return Contrast(
        came=tuple(pick.id for pick in here if pick.id not in stays),
        left=tuple(pick.id for pick in there if pick.id not in stays),
        stayed=tuple(stays),
        moved=tuple(_moved([pick.id for pick in here], [pick.id for pick in there], stays)),
        sections=_shares(here, there),
        quotes_came=tuple(one for one in comments if one not in before),
        quotes_left=tuple(one for one in before if one not in comments),
    )


def _articles(choice: Choice) -> list[Pick]:
    return [pick for pick in choice.picks if pick.kind is Kind.ARTICLE and pick.place in SHOWN]


def _comments(choice: Choice) -> list[int]:
    """Those everybody sees: a quote stands right behind its article, which may be one that only some get."""
    shown = {pick.id for pick in _articles(choice)}
    return [
        pick.id
        for pick in choice.picks
        if pick.kind is Kind.COMMENT and (pick.place in (Place.TOP, Place.RECENT) or (pick.place is Place.QUOTE and pick.article_id in shown))
    ]


def _moved(here: list[int], there: list[int], stays: list[int]) -> Iterator[Moved]:
    """As few as can be: all others stand behind each other as before. That somebody came or left moves nobody."""
    still = _longest_run([there.index(number) for number in stays])
    for number in stays:
        if there.index(number) not in still:
            yield Moved(article_id=number, was=there.index(number) + 1, now=here.index(number) + 1)


def _longest_run(places: list[int]) -> set[int]:
    """Of distinct numbers as many as possible that rise one after the other."""
    best: list[list[int]] = [[]]  # the longest run that ends with each
    for place in places:
        before = [run for run in best if not run or run[-1] < place]
        best.append([*max(before, key=len), place])
    longest = max(best, key=len)
    return set(longest)


def _shares(here: list[Pick], there: list[Pick]) -> tuple[Share, ...]:
    names = {folded(pick.section): pick.section for pick in (*there, *here)}
    now, was = (Counter(folded(pick.section) for pick in picks) for picks in (here, there))
    order = dict.fromkeys(folded(pick.section) for pick in (*here, *there))
    return tuple(Share(section=names[key], was=was[key], now=now[key]) for key in order)
