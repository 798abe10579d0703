"""An edition as an editor works on it: its stories in order with where each may go, its comments, what is out, and what can be undone. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from typing import TypeVar

from digest.editions.changes import Back, Changed, Changes, Drop, Excerpt, Introduction, Pin, Preheader, Quote, Redo, Sponsored, Subject, Undo
from digest.editions.pool import folded
from digest.editions.values import Choice, Edition, Kind, Pick, Place, Story
from digest.item_names import Named, Names

EVERYBODY = (Place.LEAD, Place.SECTION)
Item = tuple[Kind, int]
After = TypeVar("After", str, int)
Press = Mapping[str, str | int]  # a change as a button brings it: see `change_record`


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A story. `up` and `down` are the changes that move it there, None where it cannot go further; one that is alone takes its section along."""

    id: int
    name: Named
    place: int  # on the page, counted from 1
    lead: bool
    section: str
    alone: bool  # in its section
    up: Press | None
    down: Press | None
    pinned: bool
    note: str
    score: float
    excerpt: str
    reworded: bool
    requoted: bool
    quote: int | None  # the comment under it
    quote_name: Named | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A section with its stories; `up` and `down` are the changes that move it there, None where it cannot go further."""

    title: str
    rows: tuple[Row, ...]
    up: Press | None
    down: Press | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A comment among the top or the recent ones."""

    id: int
    name: Named
    article: Named
    pinned: bool
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Out:
    """What an editor took out, or pinned although it does not come in: it can be left to the program again."""

    kind: Kind
    id: int
    name: Named


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """`worded` are the words that editors set, by what they are: “subject”, “preheader”, “introduction” (as Markdown); `undo` and `redo` the changes
    that are next for it."""

    lead: Row | None
    groups: tuple[Group, ...]
    top: tuple[Said, ...]
    recent: tuple[Said, ...]
    dropped: tuple[Out, ...]
    waiting: tuple[Out, ...]
    worded: dict[str, str]
    sponsored: Changed | None
    undo: Changed | None
    redo: Changed | None
    standing: int

    @property
    def rows(self) -> tuple[Row, ...]:
        """All stories, in the order of the page."""
        return (*([self.lead] if self.lead else []), *(row for group in self.groups for row in group.rows))


def board(choice: Choice, edition: Edition, changes: Changes, names: Names) -> Board:
    """What there is to work on."""
    return _Desk(choice, edition, changes, names).board()


class _Desk:
    def __init__(self, choice: Choice, edition: Edition, changes: Changes, names: Names) -> None:
        self._choice, self._changes, self._names = choice, changes, names
        self._stories: dict[int, Story] = {story.article_id: story for story in edition.stories}
        self._quotes = {pick.article_id: pick.id for pick in choice.picks if pick.place is Place.QUOTE}
        self._pins, self._drops = _pins_and_drops(changes)
        self._reworded = {one.change.article for one in changes.standing if isinstance(one.change, Excerpt)}
        self._requoted = {one.change.article for one in changes.standing if isinstance(one.change, Quote)}

    def board(self) -> Board:
        shown = [pick for pick in self._choice.picks if pick.kind is Kind.ARTICLE and pick.place in EVERYBODY]
        lead = next((pick for pick in shown if pick.place is Place.LEAD), None)
        rest = [pick for pick in shown if pick is not lead]
        found: dict[Item, Pick] = {(pick.kind, pick.id): pick for pick in self._choice.picks if pick.place is not Place.RESERVE}
        return Board(
            lead=self._row(lead, 1, [lead]) if lead else None,
            groups=tuple(self._groups(rest, 2 if lead else 1)),
            top=tuple(self._said(Place.TOP)),
            recent=tuple(self._said(Place.RECENT)),
            dropped=tuple(self._out(item) for item in self._drops),
            waiting=tuple(self._out(item) for item in self._pins if item not in found),
            worded=_worded(self._changes),
            sponsored=next((one for one in reversed(self._changes.standing) if isinstance(one.change, Sponsored)), None),
            undo=self._changes.standing[-1] if self._changes.standing else None,
            redo=_redo(self._changes),
            standing=len(self._changes.standing),
        )

    def _groups(self, picks: Sequence[Pick], first: int) -> Iterator[Group]:
        groups = [list(group) for _, group in groupby(picks, key=lambda pick: folded(pick.section))]
        titles = [group[0].section for group in groups]
        place = first
        for number, group in enumerate(groups):
            up, down = _steps(number, titles, partial(_section, titles[number]), first="") if titles[number] else (None, None)
            rows = [self._row(pick, place + index, group) for index, pick in enumerate(group)]
            if len(rows) == 1:
                rows = [replace(rows[0], alone=True, up=up, down=down)]
            yield Group(title=titles[number], rows=tuple(rows), up=up, down=down)
            place += len(group)

    def _row(self, pick: Pick, place: int, group: Sequence[Pick]) -> Row:
        story, quote = self._stories.get(pick.id), self._quotes.get(pick.id)
        ids = [one.id for one in group]
        up, down = _steps(group.index(pick), ids, partial(_story, pick.id), first=0)
        return Row(
            id=pick.id,
            name=self._names.article(pick.id),
            place=place,
            lead=pick.place is Place.LEAD,
            section=pick.section,
            alone=False,
            up=up,
            down=down,
            pinned=(Kind.ARTICLE, pick.id) in self._pins,
            note=pick.note,
            score=pick.score,
            excerpt=story.excerpt if story else "",
            reworded=pick.id in self._reworded,
            requoted=pick.id in self._requoted,
            quote=quote,
            quote_name=self._names.comment(quote) if quote else None,
        )

    def _said(self, place: Place) -> Iterator[Said]:
        for pick in self._choice.picks:
            if pick.place is place:
                names, pinned = self._names, (Kind.COMMENT, pick.id) in self._pins
                yield Said(id=pick.id, name=names.comment(pick.id), article=names.article(pick.article_id), pinned=pinned, score=pick.score)

    def _out(self, item: Item) -> Out:
        return Out(kind=item[0], id=item[1], name=self._names.of(*item))


def _steps(index: int, all_: Sequence[After], press: Callable[[After], Press], *, first: After) -> tuple[Press | None, Press | None]:
    """One up, and one down: by what it would then stand behind; `first` is nothing."""
    up = None if index == 0 else press(all_[index - 2] if index > 1 else first)
    return up, press(all_[index + 1]) if index + 1 < len(all_) else None


def _story(article: int, after: int) -> Press:
    return {"do": "move", "article": article, "after": after}


def _section(section: str, after: str) -> Press:
    return {"do": "move section", "section": section, "after": after}


def _pins_and_drops(changes: Changes) -> tuple[dict[Item, None], dict[Item, None]]:
    """What is pinned, and what is dropped, in the order in which it was: of an item the last word counts."""
    pins: dict[Item, None] = {}
    drops: dict[Item, None] = {}
    for one in changes.standing:
        if isinstance(one.change, Pin | Drop | Back):
            item = (one.change.item, one.change.id)
            pins.pop(item, None)
            drops.pop(item, None)
            if not isinstance(one.change, Back):
                (pins if isinstance(one.change, Pin) else drops)[item] = None
    return pins, drops


def _worded(changes: Changes) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in changes.standing:
        match one.change:
            case Subject(text=text):
                found["subject"] = text
            case Preheader(text=text):
                found["preheader"] = text
            case Introduction(markdown=text):
                found["introduction"] = text
    return {name: text for name, text in found.items() if text}


def _redo(changes: Changes) -> Changed | None:
    """What was undone last and does not count yet; nothing once something else was done since."""
    by_number = {one.number: one for one in changes.all}
    for one in reversed(changes.all):
        if not isinstance(one.change, Undo | Redo):
            return None
        if isinstance(one.change, Undo) and (meant := by_number.get(one.change.number)) and meant.undone:
            return meant
    return None
