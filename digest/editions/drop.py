"""What has fallen between choosing and sending is taken out of a `Choice`, and a reserve steps into its place."""

from collections.abc import Iterator, Set
from dataclasses import replace
from typing import NamedTuple

from digest.editions.picks import DISCUSSED
from digest.editions.values import Choice, Kind, PassedOver, Pick, Place

FELL = "fell before the send: may not be shown any more"
FELL_NOTE = "fell before the send"
STEPPED_IN = "stepped in from the reserve"
# What only some readers get. What the ranking goes on with, and then what is followed, steps in for everybody once the reserve is used up.
SOME = (Place.NEXT, Place.EXTRA, Place.MISSED)
STANDING_BY = (Place.NEXT, Place.EXTRA)


def drop(choice: Choice, fallen_articles: Set[int], fallen_comments: Set[int], *, why: str = FELL, what: str = FELL_NOTE) -> Choice:
    """The choice without these articles and comments; the very same choice when it held none of them. `what` they did, for the notes, and `why`.

    A fallen article takes its comments along. Of what everybody gets, a reserve steps into the same place: for a quote only another comment on the
    same article. Where there is none, the place goes, and the notes say so.
    """
    standing, gone = _part(choice, fallen_articles, fallen_comments)
    if standing == choice.picks:
        return choice
    some = {pick.id for pick in choice.picks if pick.kind is Kind.ARTICLE and pick.place in SOME}
    reserves = [pick for pick in standing if pick is not None and pick.place is Place.RESERVE]
    beside = [pick for pick in standing if pick is not None and _is_of_some(pick, some)]
    by = {pick.id for pick in beside if pick.place in STANDING_BY}
    waiting = reserves + [pick for pick in beside if pick.article_id in by]
    notes: list[str] = []
    picks = _led(list(_refilled(choice.picks, standing, waiting, some, _Noting(what, notes))))
    notes += [f"The {pick.kind} {pick.id}, which only some readers would have got, {what}." for pick in gone if _is_of_some(pick, some)]
    lost = [PassedOver(kind=pick.kind, id=pick.id, article_id=pick.article_id, why=why, score=pick.score, terms=pick.terms) for pick in gone]
    return replace(
        choice,
        picks=(*picks, *(pick for pick in beside if pick in waiting or pick.article_id not in by), *(pick for pick in reserves if pick in waiting)),
        passed_over=(*choice.passed_over, *lost),
        enough=choice.enough and any(pick.kind is Kind.ARTICLE for pick in picks),
        notes=(*choice.notes, *notes),
    )


def _is_of_some(pick: Pick, some: set[int]) -> bool:
    """Whether only some readers get it: an article, or the quote under one."""
    return pick.place in SOME or (pick.place is Place.QUOTE and pick.article_id in some)


def _part(choice: Choice, articles: Set[int], comments: Set[int]) -> tuple[tuple[Pick | None, ...], list[Pick]]:
    """Each pick as it stands, None where it fell; and those that fell."""
    standing = tuple(_stands(pick, articles, comments) for pick in choice.picks)
    return standing, [pick for pick, left in zip(choice.picks, standing, strict=True) if left is None]


def _stands(pick: Pick, articles: Set[int], comments: Set[int]) -> Pick | None:
    if pick.article_id in articles or (pick.kind is Kind.COMMENT and pick.id in comments):
        return None
    also = tuple(number for number in pick.also if number not in articles)
    reply = None if pick.reply_id in comments else pick.reply_id
    return pick if (also, reply) == (pick.also, pick.reply_id) else replace(pick, also=also, reply_id=reply)


class _Noting(NamedTuple):
    what: str
    notes: list[str]

    def note(self, old: Pick, other: Pick | None) -> None:
        then = f"{other.id} {STEPPED_IN}" if other else "there was no reserve for it"
        self.notes.append(f"The {old.kind} {old.id} {self.what}; {then}.")


def _refilled(before: tuple[Pick, ...], standing: tuple[Pick | None, ...], waiting: list[Pick], some: set[int], noting: _Noting) -> Iterator[Pick]:
    """What everybody gets in order; whoever steps in is taken out of those waiting."""
    gone = {old.id for old, pick in zip(before, standing, strict=True) if pick is None and old.kind is Kind.ARTICLE}
    for old, pick in zip(before, standing, strict=True):
        if old.place is Place.RESERVE or _is_of_some(old, some):
            continue
        if pick is not None:
            yield pick
            continue
        if old.place is Place.QUOTE and old.article_id in gone:
            continue  # it went with its article, and the article's stand-in brings its own
        other = _take(old, waiting)
        noting.note(old, other)
        if other is None:
            continue
        yield _stand_in(other, old.place)
        own = _quote_of(other, waiting) if other.kind is Kind.ARTICLE else None
        if own is not None:
            waiting.remove(own)
            yield replace(own, place=Place.QUOTE)


def _take(old: Pick, waiting: list[Pick]) -> Pick | None:
    if old.place is Place.QUOTE:
        found = next((one for one in waiting if one.kind is Kind.COMMENT and one.article_id == old.article_id), None)
    else:
        found = next((one for one in waiting if one.kind is old.kind and one.place is not Place.QUOTE), None)
    if found is not None:
        waiting.remove(found)
    return found


def _stand_in(reserve: Pick, place: Place) -> Pick:
    return replace(reserve, place=place, note=f"{STEPPED_IN}, {DISCUSSED}" if DISCUSSED in reserve.note.split(", ") else STEPPED_IN)


def _led(picks: list[Pick]) -> list[Pick]:
    """With a lead: where it fell and no reserve stepped in, the best story moves up, its quote with it."""
    stories = [pick for pick in picks if pick.place is Place.SECTION]
    if not stories or any(pick.place is Place.LEAD for pick in picks):
        return picks
    best = min(stories, key=lambda pick: (-pick.score, pick.id))
    quotes = [pick for pick in picks if pick.place is Place.QUOTE and pick.article_id == best.id]
    rest = [pick for pick in picks if pick is not best and pick not in quotes]
    return [replace(best, place=Place.LEAD), *quotes, *rest]


def _quote_of(article: Pick, reserves: list[Pick]) -> Pick | None:
    return next((one for one in reserves if one.kind is Kind.COMMENT and one.article_id == article.id), None)
