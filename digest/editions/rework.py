"""A choice as the editors left it: their changes are worked into it one after the other, and each pick says who touched it. Pure."""

from collections.abc import Iterator
from dataclasses import replace

from digest.content.values import Snapshot
from digest.editions import requote, restory
from digest.editions.changes import (
    Back,
    Changed,
    Changes,
    Drop,
    Excerpt,
    Introduction,
    Lead,
    Move,
    MoveSection,
    Pin,
    Quote,
    Sponsored,
    Swap,
)
from digest.editions.hand import Hand
from digest.editions.layout import Layout
from digest.editions.reorder import moved, moved_section
from digest.editions.shelf import shelf_of
from digest.editions.values import Choice, Kind
from digest.newsletter import Newsletter


def rework(choice: Choice, changes: Changes, snapshot: Snapshot, newsletter: Newsletter, *, personal: bool) -> Choice:
    """The choice with the changes that count. The same choice, changes and snapshot give the same.

    What editors want in comes in, whatever kept it out, if it may be shown; what they want out is out, and what the program has in reserve steps in.
    A change that has no effect, for what it names is not there, is told of in the notes. `personal`: readers get selections of their own.
    """
    if not changes.standing:
        return choice
    shelf = shelf_of(choice, changes, snapshot, newsletter, personal=personal)
    left = choice
    for made in _lasting(changes):
        left = _worked(Hand(made=made, shelf=shelf), left)
    return _tidy(left)


def _lasting(changes: Changes) -> Iterator[Changed]:
    """Of the pins and drops of one item only the last: what is taken back, or turned round, was never done."""
    last = {(one.change.item, one.change.id): one.number for one in changes.standing if isinstance(one.change, Pin | Drop | Back)}
    for made in changes.standing:
        if not isinstance(made.change, Pin | Drop | Back) or last[made.change.item, made.change.id] == made.number:
            yield made


def _worked(hand: Hand, choice: Choice) -> Choice:
    layout = Layout.of(choice.picks)
    match hand.made.change:
        case Pin(item=Kind.ARTICLE, id=number):
            return restory.pinned(hand, choice, number)
        case Lead(article=number):
            return restory.led(hand, choice, number)
        case Pin(id=number):
            return requote.on_top(hand, choice, number)
        case Drop(item=Kind.ARTICLE, id=number):
            return restory.dropped(hand, choice, number)
        case Drop(id=number):
            return hand.without(choice, comments=frozenset({number}))
        case Swap(out=out, into=into):
            return restory.swapped(hand, choice, out, into)
        case Quote(article=article, comment=comment):
            return requote.quoted(hand, choice, article, comment)
        case Move(article=article, after=after):
            return hand.laid(choice, moved(layout, article, after, hand.note("moved")))
        case MoveSection(section=section, after=behind):
            return hand.laid(choice, moved_section(layout, section, behind, hand.note("moved")))
        case _:
            return _reworded(hand, choice)


def _reworded(hand: Hand, choice: Choice) -> Choice:
    """Words are changed where the edition is composed (`reword.py`)."""
    blocks = hand.shelf.newsletter.blocks
    match hand.made.change:
        case Excerpt(article=article):
            return restory.reworded(hand, choice, article)
        case Introduction() if "introduction" not in blocks:
            return hand.vain(choice, "this newsletter has no block for an introduction")
        case Sponsored() if "sponsor" not in blocks:
            return hand.vain(choice, "this newsletter has no block for a sponsor")
        case _:
            return choice


def _tidy(choice: Choice) -> Choice:
    """Sections hold together, and nothing is both in and out, or out twice."""
    layout = Layout.of(choice.picks)
    inside = {(pick.kind, pick.id) for pick in choice.picks}
    out = {(one.kind, one.id): one for one in choice.passed_over if (one.kind, one.id) not in inside}
    return replace(choice, picks=layout.with_sections(layout.sections.values()).picks, passed_over=tuple(out.values()))
