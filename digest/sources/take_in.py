"""Writes a source's events to the store: the items between two `Remember`s and the memory itself in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Engine

from digest.content import store
from digest.sources import source_rows
from digest.sources.values import Arrived, Vanished

# More than this many items are written before their `Remember` comes, so that a big export needs no big memory. They are only
# written again if the sync breaks off there: what is written twice is the same, and the memory never runs ahead of the items.
ITEMS_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many articles and comments were added, changed, or taken away (comments held included)."""

    new_articles: int = 0
    changed_articles: int = 0
    withdrawn_articles: int = 0
    new_comments: int = 0
    changed_comments: int = 0
    removed_comments: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            new_articles=self.new_articles + other.new_articles,
            changed_articles=self.changed_articles + other.changed_articles,
            withdrawn_articles=self.withdrawn_articles + other.withdrawn_articles,
            new_comments=self.new_comments + other.new_comments,
            changed_comments=self.changed_comments + other.changed_comments,
            removed_comments=self.removed_comments + other.removed_comments,
        )


def take_in(connection: Connection, source: str, event: Arrived | Vanished, *, now: datetime, first: bool) -> Counts:
    if isinstance(event, Arrived):
        articles = store.save_articles(connection, source, event.articles, now=now, first=first)
        comments = store.save_comments(connection, source, event.comments, now=now)
        return Counts(new_articles=articles.new, changed_articles=articles.changed, new_comments=comments.new, changed_comments=comments.changed)
    removed = store.remove_comments(connection, source, event.comments)
    held = store.hold_comments(connection, source, event.held)
    return Counts(withdrawn_articles=store.withdraw_articles(connection, source, event.articles), removed_comments=removed + held)


@dataclass(slots=True, kw_only=True)
class Intake:
    """Gathers events and writes them at a `Remember`, at the end, and when there are many."""

    engine: Engine
    source: str
    location: str
    now: datetime
    first: bool
    counts: Counts = Counts()
    _waiting: list[Arrived | Vanished] = field(default_factory=list)
    _items: int = 0

    def add(self, event: Arrived | Vanished) -> None:
        self._waiting.append(event)
        self._items += len(event.articles) + len(event.comments)
        if self._items >= ITEMS_AT_ONCE:
            self.write()

    def write(self, memory: Mapping[str, object] | None = None) -> None:
        if not self._waiting and memory is None:
            return
        counts = self.counts
        with self.engine.begin() as connection:
            source_rows.lock(connection, self.source)
            for event in self._waiting:
                counts += take_in(connection, self.source, event, now=self.now, first=self.first)
            if memory is not None:
                source_rows.remember(connection, self.source, memory, location=self.location)
        self.counts, self._waiting, self._items = counts, [], 0
