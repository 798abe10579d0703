"""Everybody's stories as editors want them: one comes in, leads, goes out, or takes another's place. Pure."""

from collections.abc import Callable
from dataclasses import replace

from digest.editions.hand import Hand, noted, passed
from digest.editions.layout import Layout, Told
from digest.editions.reorder import led_by, placed
from digest.editions.values import Choice, Kind, Pick, Place


def pinned(hand: Hand, choice: Choice, number: int) -> Choice:
    """With the article in for everybody."""

    def pin(layout: Layout) -> Layout:
        return _with(layout, number, lambda pick: replace(noted(pick, hand.note("pinned")), kept=True))

    return _with_story(hand, choice, number, pin)


def led(hand: Hand, choice: Choice, number: int) -> Choice:
    """With the article in, and leading."""

    def lead(layout: Layout) -> Layout:
        others = Layout.of(tuple(replace(pick, first=False) if pick.first else pick for pick in layout.picks))
        marked = _with(others, number, lambda pick: replace(noted(pick, hand.note("made the lead")), first=True))
        told = marked.story(number)
        return led_by(marked, told, hand.shelf.newsletter) if told else layout

    return _with_story(hand, choice, number, lead)


def dropped(hand: Hand, choice: Choice, number: int, done: str = "dropped") -> Choice:
    """Without the article. Where it leads, the best of the others leads instead, and not what steps in."""
    layout = Layout.of(choice.picks)
    others = [one for one in layout.stories if one.id != number]
    if others and layout.lead is not None and layout.lead.id == number:
        best = min(others, key=lambda one: (-one.article.score, one.id))
        choice = replace(choice, picks=led_by(layout, best, hand.shelf.newsletter).picks)
    return hand.without(choice, articles=frozenset({number}), done=done)


def swapped(hand: Hand, choice: Choice, out: int, into: int) -> Choice:
    """With one article in the place of another. That is out in any case, though the other may not be shown, is in already, or finds no place."""
    layout = Layout.of(choice.picks)
    before, why = layout.story(out), hand.shelf.why_not(into)
    if before is None or layout.story(into) or why:
        left = dropped(hand, choice, out, done="swapped out")
        none = f"may not be shown ({why})" if why else "" if layout.story(into) else f"finds no place, for the article {out} was not in"
        return hand.vain(left, f"the article {into} {none}", "brings nothing in") if none else left
    told, layout = _taken(hand, layout, into)
    article = replace(noted(told.article, hand.note("swapped in")), place=before.article.place, first=before.article.first)
    stories = tuple(Told(article=article, quote=told.quote) if one.id == out else one for one in layout.stories)
    gone = passed(before.article, f"swapped for the article {into} by {hand.who}")
    left = replace(choice, picks=replace(layout, stories=stories).picks, passed_over=(*choice.passed_over, gone))
    return hand.without(left, articles=frozenset({out}), done="swapped out")


def _with_story(hand: Hand, choice: Choice, number: int, done: Callable[[Layout], Layout]) -> Choice:
    """With the article in, wherever it was before, and what is done to it then."""
    layout = Layout.of(choice.picks)
    if layout.story(number):
        return hand.laid(choice, done(layout))
    if why := hand.shelf.why_not(number):
        return hand.vain(choice, f"the article {number} may not be shown ({why})")
    told, layout = _taken(hand, layout, number)
    return hand.laid(choice, _with_room(hand, done(placed(layout, told, hand.shelf.newsletter))))


def _taken(hand: Hand, layout: Layout, number: int) -> tuple[Told, Layout]:
    """An article that not everybody gets so far, and what is left. It may have been named under one that is in, as being the same."""
    told = hand.shelf.article(layout, number)
    left = layout.without(number).picks
    unnamed = (replace(pick, also=tuple(other for other in pick.also if other != number)) if number in pick.also else pick for pick in left)
    return told, Layout.of(unnamed)


def _with_room(hand: Hand, layout: Layout) -> Layout:
    """As many stories as before, if any is there that no editor asked for: the lowest makes room, and is the first to step in again."""
    if len(layout.stories) <= hand.shelf.newsletter.limits.articles:
        return layout
    free = [one for one in layout.stories if not (one.article.kept or one.article.place is Place.LEAD or (Kind.ARTICLE, one.id) in hand.shelf.says)]
    if not free:
        return layout
    last = min(free, key=lambda one: (one.article.score, -one.id))
    left = replace(layout, stories=tuple(one for one in layout.stories if one is not last))
    article = noted(last.article, "made room for what editors asked for")
    if hand.shelf.personal:
        return replace(left, beside=(Told(article=replace(article, place=Place.NEXT), quote=last.quote), *left.beside))
    spare = (replace(last.quote, place=Place.RESERVE),) if last.quote else ()
    return replace(left, reserves=(replace(article, place=Place.RESERVE), *left.reserves, *spare))


def reworded(hand: Hand, choice: Choice, number: int) -> Choice:
    """Its words are changed where the edition is composed; here it is noted who wrote them."""
    layout = Layout.of(choice.picks)
    if not any(one.id == number for one in (*layout.stories, *layout.beside)):
        return hand.vain(choice, f"the article {number} is not in")
    return hand.laid(choice, _with(layout, number, lambda pick: noted(pick, hand.note("reworded"))))


def _with(layout: Layout, article: int, change: Callable[[Pick], Pick]) -> Layout:
    return Layout.of(tuple(change(pick) if (pick.kind, pick.id) == (Kind.ARTICLE, article) else pick for pick in layout.picks))
