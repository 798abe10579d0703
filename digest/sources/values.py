"""What a source's reader is given (`Known`) and what it yields (`Event`s). A reader fetches and parses; only `sync.py` writes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from digest.content.values import FoundArticle, FoundComment


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the store already holds of this source, for telling what has vanished."""

    articles: Mapping[str, datetime]  # key of every published article of the window → its published_at
    comments: Mapping[str, str]  # key of every comment of the window that is not removed → its article's key
    first: bool  # this source was never synced before


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """Items as they are now: new ones are added, known ones brought up to date. Articles are stored before the comments of the same event."""

    articles: tuple[FoundArticle, ...] = ()
    comments: tuple[FoundComment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Vanished:
    """Keys that are no longer public at the source: these articles become withdrawn, these comments removed (`held`: only held)."""

    articles: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()
    held: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that could not be read; the rest goes on. `where` is a line, a page or an item, `what` a sentence."""

    where: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the reading is. `total` is 0 while unknown."""

    done: int
    total: int = 0
    unit: str = "items"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remember:
    """Replaces the source's memory (ETags, cursors). Stored in one transaction with what was yielded before it since the last one."""

    memory: Mapping[str, object]


Event = Arrived | Vanished | Problem | Progress | Remember
