"""All that any reader may find in an edition, and what of it is one reader's. Values only; which reader gets what: `plan.py`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache


@lru_cache(maxsize=4_096)  # a million readers name the same twenty sections
def folded(name: str) -> str:
    """The name of a section or an author as names are compared: two spellings of one are the same."""
    return name.casefold().strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An article of the pool. Names are casefolded. `gist` is what a reader said under it, in a few words, and `speakers` who: for subject and
    preheader."""

    id: int
    section: str
    author: str
    score: float
    rank: int | None = None  # among all articles, 0 first; None: only for those who follow it, or missed it
    pinned: bool = False  # in every selection, whatever its reader wants
    first: bool = False  # leads every selection that holds it
    missed: bool = False  # had its turn in an earlier edition of this cadence: only for those who came from another one since
    comments: int = 0
    title: str = ""
    gist: str = ""
    speakers: tuple[str, ...] = ()
    drawn: bool = True  # False: no reader's selection holds it (see `reach.py`)
    leads: bool = True  # whether it is drawn at the length of a lead, too


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A comment of the week's blocks, with the section and the author of its article, casefolded. `gist` and `speakers`: as of an `Item`."""

    id: int
    article_id: int
    section: str
    author: str
    speakers: tuple[str, ...] = ()
    gist: str = ""
    pinned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Had:
    """What readers who came from another cadence had there already, and the articles that went by in this one before they came."""

    articles: frozenset[int] = frozenset()
    comments: frozenset[int] = frozenset()
    missed: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Masthead:
    """What stands over every reader's selection, and what subject and preheader may say beside its stories. `last_subject` is not used again.

    `subject` and `preheader`: an editor's own, for all readers; empty: as the program makes them."""

    newsletter: str = ""
    publication: str = ""
    description: str = ""
    day: str = ""
    sponsor: str = ""  # is never named in a subject
    last_subject: str = ""
    subject: str = ""
    preheader: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """`items`, `top`, `recent` and `join` are in the order of the page; `join` are the articles of its threads, the liveliest first."""

    items: tuple[Item, ...]
    top: tuple[Said, ...] = ()
    recent: tuple[Said, ...] = ()
    join: tuple[int, ...] = ()
    leads: bool = True  # whether the newsletter has a lead block
    articles: int  # at most, the lead included; 0 where the newsletter shows none
    filler: int = 0  # fewer articles than this are filled up with the site's best
    join_links: int = 0
    served: Mapping[str, Had] = field(default_factory=dict)  # by `Wish.served`
    masthead: Masthead = Masthead()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One reader's selection, by ids, in the order of the page. `stories` are the articles but the lead; `filled` those of them nobody asked for.
    `ranked` are lead and stories, the best first."""

    lead: int | None
    stories: tuple[int, ...]
    ranked: tuple[int, ...] = ()
    top: tuple[int, ...] = ()
    recent: tuple[int, ...] = ()
    join: tuple[int, ...] = ()
    filled: frozenset[int] = frozenset()

    @property
    def names(self) -> list[str]:
        """The names of the compiled blocks this plan is made of, in the order of the page."""
        return [
            *(() if self.lead is None else (f"lead-{self.lead}",)),
            *map("article-{}".format, self.stories),
            *map("top-{}".format, self.top),
            *map("recent-{}".format, self.recent),
            *map("join-{}".format, self.join),
        ]

    @property
    def blocks(self) -> frozenset[str]:
        return frozenset(self.names)
