"""One editor's hand at one change: how they are named in notes, and what a change without effect, or one that takes something out, leaves. Pure."""

from dataclasses import dataclass, replace

from digest.editions.changes import Changed
from digest.editions.drop import drop
from digest.editions.layout import Layout
from digest.editions.shelf import Shelf
from digest.editions.values import Choice, PassedOver, Pick

NO_ITEMS: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """`shelf` is what the editor may take in."""

    made: Changed
    shelf: Shelf

    @property
    def who(self) -> str:
        """Notes are parted by commas; a name that has one is still one name."""
        return self.made.who.replace(",", " ")

    def note(self, done: str) -> str:
        return f"{done} by {self.who}"

    def vain(self, choice: Choice, why: str, what: str = "has no effect") -> Choice:
        """Nothing is done, and the notes say why."""
        return replace(choice, notes=(*choice.notes, f"Change {self.made.number}, by {self.who}, {what}: {why}."))

    def laid(self, choice: Choice, layout: Layout | str) -> Choice:
        """The choice in another order; a text says why there is none."""
        return self.vain(choice, layout) if isinstance(layout, str) else replace(choice, picks=layout.picks)

    def without(self, choice: Choice, *, articles: frozenset[int] = NO_ITEMS, comments: frozenset[int] = NO_ITEMS, done: str = "dropped") -> Choice:
        """The choice without these; what is in reserve steps in."""
        note = self.note(done)
        return drop(choice, articles, comments, why=note, what=f"was {note}")


def noted(pick: Pick, note: str) -> Pick:
    """The pick with one more note, and none twice."""
    parts = [part for part in pick.note.split(", ") if part]
    return replace(pick, note=", ".join(parts if note in parts else [*parts, note]))


def passed(pick: Pick, why: str) -> PassedOver:
    """The pick, out."""
    return PassedOver(kind=pick.kind, id=pick.id, article_id=pick.article_id, why=why, score=pick.score, terms=pick.terms)
