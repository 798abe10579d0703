"""Changes in words, as the desk and `digest draft` tell of them: “moved “X” to the first place”. Pure."""

from digest.editions.changes import (
    Back,
    Change,
    Changes,
    Drop,
    Excerpt,
    Introduction,
    Lead,
    Move,
    MoveSection,
    Pin,
    Preheader,
    Quote,
    Redo,
    Sponsored,
    Subject,
    Swap,
    Undo,
)
from digest.editions.values import Kind
from digest.item_names import Names

TOLD = 80  # characters of a text that was written


def change_words(change: Change, names: Names) -> str:
    """What was done, in the past tense, beginning with the verb: “Ana ” may stand before it."""
    match change:
        case Lead() | Pin() | Drop() | Back() | Move() | Swap() | Quote():
            return _placing(change, names)
        case MoveSection(section=section, after=after):
            return f"moved the section “{section}” " + (f"behind “{after}”" if after else "to the first place")
        case Subject(text=text):
            return _worded("subject", text)
        case Preheader(text=text):
            return _worded("preheader", text)
        case Introduction(markdown=text):
            return _worded("introduction", text)
        case Excerpt(article=article, text=text):
            return _worded(f"words told of {_article(names, article)}", text, plural=True)
        case Sponsored(sponsor=sponsor):
            return f"set the sponsor to “{sponsor.title}”" if sponsor else "took the sponsor out"
        case Undo(number=number):
            return f"undid change {number}"
        case Redo(number=number):
            return f"made change {number} count again"


def done_words(changes: Changes, number: str, names: Names, you: str) -> str:
    """What the change of that number did, as a sentence to whoever made it, or to others; empty where there is none."""
    by_number = {str(one.number): one for one in changes.all}
    found = by_number.get(number)
    if found is None:
        return ""
    if isinstance(found.change, Undo | Redo):
        meant = by_number.get(str(found.change.number), found)
        return f"{'Undone' if isinstance(found.change, Undo) else 'Once more'}: {change_words(meant.change, names)}."
    return f"{'You' if found.who == you else found.who} {change_words(found.change, names)}."


def _placing(change: Lead | Pin | Drop | Back | Move | Swap | Quote, names: Names) -> str:
    match change:
        case Lead(article=article):
            return f"made {_article(names, article)} the lead"
        case Pin(item=Kind.ARTICLE, id=number):
            return f"pinned {_article(names, number)}"
        case Pin(id=number):
            return f"put {_comment(names, number)} among the top comments"
        case Drop(item=item, id=number):
            return f"dropped {_item(names, item, number)}"
        case Back(item=item, id=number):
            return f"left {_item(names, item, number)} to the program again"
        case Move(article=article, after=after):
            return f"moved {_article(names, article)} " + (f"behind {_article(names, after)}" if after else "to the first place of its section")
        case Swap(out=out, into=into):
            return f"swapped {_article(names, out)} for {_article(names, into)}"
        case Quote(article=article, comment=comment):
            under = _article(names, article)
            return f"chose {_comment(names, comment)} under {under}" if comment else f"took the quote from {under}"


def _worded(what: str, text: str, *, plural: bool = False) -> str:
    if not text:
        return f"left the {what} to the program again"
    flat = " ".join(text.split())
    short = flat if len(flat) <= TOLD else flat[: TOLD - 1].rstrip() + "…"
    return f"set the {what} to “{short}”" if not plural else f"changed the {what} to “{short}”"


def _item(names: Names, kind: Kind, number: int) -> str:
    return _article(names, number) if kind is Kind.ARTICLE else _comment(names, number)


def _article(names: Names, number: int) -> str:
    return f"“{names.article(number).title}”"


def _comment(names: Names, number: int) -> str:
    said = names.comment(number)
    return f"the comment of {said.by}" if said.by else f"comment {number}"
