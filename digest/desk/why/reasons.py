"""A choice as the desk explains it: each score with its parts as bars, each runner-up with what it lacked, what fell at the gates by reason. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from digest.editions.values import Choice, Kind, PassedOver, Pick, Place, Term
from digest.item_names import Named, Names

PLACES = {
    Place.LEAD: "Lead",
    Place.SECTION: "Story",
    Place.QUOTE: "Quoted",
    Place.TOP: "Top comment",
    Place.RECENT: "Recent comment",
    Place.NEXT: "Next in the ranking",
    Place.EXTRA: "For followers",
    Place.MISSED: "For those who missed it",
    Place.RESERVE: "In reserve",
}
EVERYBODY = (Place.LEAD, Place.SECTION)
SOME = (Place.NEXT, Place.EXTRA, Place.MISSED)
_FIGURES = re.compile("[0-9]+(?:[.,][0-9]+)?")
NEGLIGIBLE = 0.005  # rounds to nothing in what is shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a score. `start` and `width` are where its bar lies, in percent of the widest; `colour` numbers the colours of parts, 0 … 7."""

    name: str
    value: float
    note: str
    start: float
    width: float
    colour: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """An item, and why it is where it is. `lacks`: for one that is out, what it has less of than the last one in; `below`: what stands with it."""

    kind: Kind
    id: int
    article_id: int
    name: Named
    place: str
    why: str
    score: float | None
    parts: tuple[Part, ...] = ()
    lacks: tuple[Part, ...] = ()
    quotes: tuple["Reason", ...] = ()
    also: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallen:
    """What fell at one gate: the reason, without the figures that differ from item to item."""

    why: str
    items: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """`stories` are everybody's, in the order of the page; `some` are only for some readers. `last` is the lowest score among the stories."""

    stories: tuple[Reason, ...]
    comments: tuple[Reason, ...]
    some: tuple[Reason, ...]
    reserves: tuple[Reason, ...]
    runners_up: tuple[Reason, ...]
    comments_out: tuple[Reason, ...]
    fallen_articles: tuple[Fallen, ...]
    fallen_comments: tuple[Fallen, ...]
    last: Reason | None


def reasons(choice: Choice, names: Names) -> Reasons:
    """Everything the choice tells, in words and bars. All scores of one kind are drawn to one scale."""
    return _Reasons(choice, names).told()


class _Reasons:
    def __init__(self, choice: Choice, names: Names) -> None:
        self._choice, self._names = choice, names
        judged: tuple[Pick | PassedOver, ...] = (*choice.picks, *choice.passed_over)
        self._widest = {kind: _widest(one.terms for one in judged if one.kind is kind) for kind in Kind}
        self._colours = {kind: _colours(one.terms for one in judged if one.kind is kind) for kind in Kind}
        scored = [pick for pick in choice.picks if pick.kind is Kind.ARTICLE and pick.place in EVERYBODY]
        self._last = min(scored, key=lambda pick: (pick.score, pick.id), default=None)

    def told(self) -> Reasons:
        picks, out = self._choice.picks, self._choice.passed_over
        return Reasons(
            stories=tuple(self._articles(EVERYBODY)),
            comments=tuple(self._picked(pick) for pick in picks if pick.place in (Place.TOP, Place.RECENT)),
            some=tuple(self._articles(SOME)),
            reserves=tuple(self._picked(pick) for pick in picks if pick.place is Place.RESERVE),
            runners_up=tuple(self._passed(one) for one in out if one.kind is Kind.ARTICLE and one.score is not None),
            comments_out=tuple(self._passed(one) for one in out if one.kind is Kind.COMMENT and one.score is not None),
            fallen_articles=self._fallen(Kind.ARTICLE),
            fallen_comments=self._fallen(Kind.COMMENT),
            last=self._picked(self._last) if self._last else None,
        )

    def _articles(self, places: Sequence[Place]) -> Iterator[Reason]:
        for pick in self._choice.picks:
            if pick.kind is Kind.ARTICLE and pick.place in places:
                below = (other for other in self._choice.picks if other.place is Place.QUOTE and other.article_id == pick.id)
                yield self._picked(pick, tuple(self._picked(quote) for quote in below))

    def _picked(self, pick: Pick, quotes: tuple[Reason, ...] = ()) -> Reason:
        return Reason(
            kind=pick.kind,
            id=pick.id,
            article_id=pick.article_id,
            name=self._names.of(pick.kind, pick.id),
            place=pick.section if pick.place is Place.SECTION and pick.section else PLACES[pick.place],
            why=pick.note,
            score=pick.score,
            parts=self._parts(pick.kind, pick.terms),
            quotes=quotes,
            also=tuple(self._names.article(number) for number in pick.also),
        )

    def _passed(self, one: PassedOver) -> Reason:
        lacks = lacked(one.terms, self._last.terms) if self._last and one.kind is Kind.ARTICLE and one.score is not None else ()
        return Reason(
            kind=one.kind,
            id=one.id,
            article_id=one.article_id,
            name=self._names.of(one.kind, one.id),
            place="",
            why=self._names.spelt_out(one.why),
            score=one.score,
            parts=self._parts(one.kind, one.terms),
            lacks=self._parts(one.kind, lacks),
        )

    def _parts(self, kind: Kind, terms: Iterable[Term]) -> tuple[Part, ...]:
        return tuple(_parts(terms, self._widest[kind], self._colours[kind]))

    def _fallen(self, kind: Kind) -> tuple[Fallen, ...]:
        """The reason with most items first."""
        groups: dict[str, list[Reason]] = {}
        for one in self._choice.passed_over:
            if one.kind is kind and one.score is None:
                groups.setdefault(_FIGURES.sub("…", one.why), []).append(self._passed(one))
        # Where all have the same figures they are told.
        found = (Fallen(why=items[0].why if len({one.why for one in items}) == 1 else why, items=tuple(items)) for why, items in groups.items())
        return tuple(sorted(found, key=lambda one: (-len(one.items), one.why)))


def lacked(terms: Iterable[Term], last: Iterable[Term]) -> tuple[Term, ...]:
    """Part by part, what is less here than there: the greatest lack first. Values are negative."""
    here = {term.name: term.value for term in terms}
    less = [Term(name=term.name, value=here.pop(term.name, 0.0) - term.value) for term in last]
    further = [Term(name=name, value=value) for name, value in here.items()]
    return tuple(sorted((term for term in (*less, *further) if term.value <= -NEGLIGIBLE), key=lambda term: (term.value, term.name)))


def _parts(terms: Iterable[Term], widest: float, colours: dict[str, int]) -> Iterator[Part]:
    """Gains lie beside each other from the left, losses are drawn back over their end."""
    end = 0.0
    shown = [term for term in terms if abs(term.value) >= NEGLIGIBLE]
    for term in sorted(shown, key=lambda term: term.value < 0):
        width = abs(term.value) / widest * 100
        start = end if term.value > 0 else max(0.0, end - width)
        end = end + width if term.value > 0 else start
        yield Part(name=term.name, value=term.value, note=term.note, start=round(start, 2), width=round(width, 2), colour=colours.get(term.name, 0))


def _widest(scores: Iterable[Sequence[Term]]) -> float:
    return max((sum(term.value for term in terms if term.value > 0) for terms in scores), default=0.0) or 1.0


def _colours(scores: Iterable[Sequence[Term]]) -> dict[str, int]:
    """The parts that count for most have colours of their own; the last colour is all others'."""
    sums: dict[str, float] = {}
    for terms in scores:
        for term in terms:
            sums[term.name] = sums.get(term.name, 0.0) + abs(term.value)
    return {name: min(place, 7) for place, name in enumerate(sorted(sums, key=lambda name: (-sums[name], name)))}
