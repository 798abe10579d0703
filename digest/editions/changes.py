"""What editors change of an edition: one value for each kind of change, and all of an edition's in order. The last word is those not undone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from digest.editions.values import Kind
from digest.newsletter import Sponsor


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """This article leads, in every selection that holds it."""

    article: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """In for everybody, whatever comes; a comment among the top comments."""

    item: Kind
    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """Out for everybody, and not quoted, named or shown anywhere in the edition."""

    item: Kind
    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """To the place after another article of its section; 0: to the first place of its section."""

    article: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveSection:
    """To the place after another section; empty: to the first. Sections are told apart as readers' wishes do: by their folded names."""

    section: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """One article goes out, another comes into its place."""

    out: int
    into: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The comment under an article is this one; 0: there is none."""

    article: int
    comment: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """For all readers; empty: as the program makes it. So are the preheader, the introduction and excerpts."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preheader:
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduction:
    """Empty: the newsletter's own."""

    markdown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """The words told of an article, wherever it stands."""

    article: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sponsored:
    """This edition's sponsor instead of the newsletter's, within its own dates; None: there is none."""

    sponsor: Sponsor | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """The item's pin or drop does not count any more."""

    item: Kind
    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """The change of that number does not count."""

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Redo:
    """The change of that number counts again."""

    number: int


Change = Lead | Pin | Drop | Move | MoveSection | Swap | Quote | Subject | Preheader | Introduction | Excerpt | Sponsored | Back | Undo | Redo


class Say(StrEnum):
    """What editors say of an item, all in all."""

    PINNED = "pinned"  # in for everybody
    ASKED = "asked"  # led with, swapped in or quoted: whatever dropped it before
    DROPPED = "dropped"  # or swapped out: in for nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A change as it was made. An `Undo` or `Redo` is never undone itself."""

    number: int
    at: datetime
    who: str
    change: Change
    undone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """All changes of one edition in the order of their numbers, undone ones and undoings included."""

    all: tuple[Changed, ...] = ()

    @classmethod
    def of(cls, made: Iterable[Changed]) -> "Changes":
        """Folded: each change knows whether it was undone. An `Undo` of what is not there, or of an undoing, undoes nothing."""
        found: dict[int, Changed] = {}
        for one in sorted(made, key=lambda one: one.number):
            found[one.number] = one
            if isinstance(one.change, Undo | Redo) and (meant := found.get(one.change.number)) and not isinstance(meant.change, Undo | Redo):
                found[meant.number] = replace(meant, undone=isinstance(one.change, Undo))
        return cls(all=tuple(found.values()))

    @property
    def standing(self) -> tuple[Changed, ...]:
        """Those that count."""
        return tuple(one for one in self.all if not one.undone and not isinstance(one.change, Undo | Redo))

    @property
    def revision(self) -> int:
        """The number of the last one; 0: there is none."""
        return self.all[-1].number if self.all else 0

    @property
    def items(self) -> Mapping[Kind, frozenset[int]]:
        """Every article and comment that those that count name."""
        found: dict[Kind, set[int]] = {Kind.ARTICLE: set(), Kind.COMMENT: set()}
        for one in self.standing:
            for kind, number in _named(one.change):
                found[kind].add(number)
        return {kind: frozenset(numbers) for kind, numbers in found.items()}

    @property
    def says(self) -> Mapping[tuple[Kind, int], Say]:
        """The last word on each item that there is one on."""
        found: dict[tuple[Kind, int], Say] = {}
        for one in self.standing:
            for item, say in _said(one.change):
                if say is None:
                    found.pop(item, None)
                elif say is not Say.ASKED or found.get(item) is not Say.PINNED or item[0] is Kind.COMMENT:
                    found[item] = say  # a pinned article that leads stays pinned; a pinned comment that is quoted is no top comment any more
        return found

    @property
    def asked(self) -> frozenset[int]:
        """The articles that editors want in, pinned or not."""
        return frozenset(number for (kind, number), say in self.says.items() if kind is Kind.ARTICLE and say is not Say.DROPPED)

    @property
    def dropped_comments(self) -> frozenset[int]:
        """The comments that are not shown anywhere."""
        return frozenset(number for (kind, number), say in self.says.items() if kind is Kind.COMMENT and say is Say.DROPPED)


UNCHANGED = Changes()


def _named(change: Change) -> Iterable[tuple[Kind, int]]:
    match change:
        case Lead(article=article) | Excerpt(article=article):
            return ((Kind.ARTICLE, article),)
        case Pin(item=item, id=number) | Drop(item=item, id=number) | Back(item=item, id=number):
            return ((item, number),)
        case Move(article=article, after=after):
            return ((Kind.ARTICLE, article), *(((Kind.ARTICLE, after),) if after else ()))
        case Swap(out=out, into=into):
            return ((Kind.ARTICLE, out), (Kind.ARTICLE, into))
        case Quote(article=article, comment=comment):
            return ((Kind.ARTICLE, article), *(((Kind.COMMENT, comment),) if comment else ()))
        case _:
            return ()


def _said(change: Change) -> Iterable[tuple[tuple[Kind, int], Say | None]]:
    match change:
        case Pin(item=item, id=number):
            return (((item, number), Say.PINNED),)
        case Drop(item=item, id=number):
            return (((item, number), Say.DROPPED),)
        case Back(item=item, id=number):
            return (((item, number), None),)
        case Lead(article=article):
            return (((Kind.ARTICLE, article), Say.ASKED),)
        case Swap(out=out, into=into):
            return (((Kind.ARTICLE, out), Say.DROPPED), ((Kind.ARTICLE, into), Say.ASKED))
        case Quote(comment=comment) if comment:
            return (((Kind.COMMENT, comment), Say.ASKED),)
        case _:
            return ()
