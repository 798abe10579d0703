"""The posts of a WordPress: which are public, which of these are new or changed, which are gone."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from digest.content.values import FoundArticle
from digest.settings import Source
from digest.sources.values import Arrived, Event, Known, Problem, Progress
from digest.sources.wordpress_items import LISTED_FIELDS, POST_FIELDS, POST_PARTS, Listed, is_public, read_article, read_listed
from digest.sources.wordpress_json import as_number, at
from digest.sources.wordpress_rest import PER_PAGE, Interface

POSTS = "/wp/v2/posts"
SHORTEST_DAYS = 31  # what an edition may reach back to by default
FULL_POSTS = 50  # in one answer, which is then about a megabyte
OVERLAP = timedelta(hours=2)  # edits within one second, and a site's clock that is behind


@dataclass(slots=True, kw_only=True)
class Posts:
    """What is learnt of a site's posts while it is read. `imported` are the keys of the public posts that the store has, or just got.

    A short list of the window's posts (number, state, time of change) is read every time, and only what is new or was changed since
    `cursor` is asked for in full. Unlike `after` and `modified_after`, which compare the site's local time, it misses neither a post that
    goes live late, nor one changed in the hour that clocks go through twice, and it shows what is gone.
    """

    interface: Interface
    source: Source
    known: Known
    now: datetime
    cursor: datetime | None
    imported: set[str] = field(default_factory=set)
    complete: bool = True  # every item that was listed could be told
    newest: datetime | None = None  # the next reading's cursor
    _public: set[str] = field(default_factory=set)
    _asked: set[str] = field(default_factory=set)

    def read_window(self) -> Iterator[Event]:
        """All posts of the window, and those known that the list no longer has."""
        start = self.now - timedelta(days=max(self.source.window_days, SHORTEST_DAYS))
        listed = [item for page in self.interface.pages(POSTS, {"after": as_utc(start), "_fields": LISTED_FIELDS}) for item in page.items]
        yield from self._take(listed, self.known.articles)
        yield from self._look_up(numbers(self.known.articles.keys() - self._asked), self.known.articles)

    def look_up(self, keys: Collection[str]) -> Iterator[Event]:
        """Posts from before the window that somebody comments on now. Pages, and posts that are not public, stay out."""
        yield from self._look_up(numbers(set(keys) - self._asked), set(self.known.comments.values()))

    @property
    def vanished(self) -> tuple[str, ...]:
        stored = {*self.known.articles, *self.known.comments.values()}
        return tuple(str(number) for number in numbers(stored & self._asked - self._public)) if self.complete else ()

    def _look_up(self, wanted: list[int], stored: Collection[str]) -> Iterator[Event]:
        for batch in batches(wanted, PER_PAGE):
            self._asked.update(str(number) for number in batch)
            yield from self._take(self.interface.chosen(POSTS, batch, {"_fields": LISTED_FIELDS}).items, stored)

    def _take(self, items: Collection[object], stored: Collection[str]) -> Iterator[Event]:
        told = [read_listed(item) for item in items]
        problems = [one for one in told if isinstance(one, Problem)]
        self.complete = self.complete and not problems
        yield from problems
        listed = [one for one in told if isinstance(one, Listed)]
        self._asked.update(str(one.number) for one in listed)
        public = [one for one in listed if one.public]
        self._public.update(str(one.number) for one in public)
        self._move_cursor(public)
        self.imported.update(str(one.number) for one in public if str(one.number) in stored)
        yield from self._fetch([one.number for one in public if str(one.number) not in stored or self._is_changed(one)])

    def _move_cursor(self, listed: Collection[Listed]) -> None:
        # Never ahead of now: a time of change may lie in the future, and what is changed until then would be missed.
        moments = [self.newest or self.cursor, *(one.modified_at for one in listed)]
        self.newest = max((min(moment, self.now) for moment in moments if moment is not None), default=None)

    def _is_changed(self, one: Listed) -> bool:
        return one.modified_at is None or self.cursor is None or one.modified_at > self.cursor - OVERLAP

    def _fetch(self, wanted: list[int]) -> Iterator[Event]:
        done = 0
        for batch in batches(wanted, FULL_POSTS):
            items = self.interface.chosen(POSTS, batch, {"_fields": POST_FIELDS, "_embed": POST_PARTS}).items
            hidden = {str(number) for number in batch} - {str(as_number(at(item, "id"))) for item in items if is_public(item)}
            self._public -= hidden  # since the list was read
            self.imported -= hidden
            found = [read_article(item, self.source, self.now) for item in items if is_public(item)]
            articles = tuple(one for one in found if isinstance(one, FoundArticle))
            self.imported.update(one.key for one in articles)
            yield from (one for one in found if isinstance(one, Problem))
            yield Arrived(articles=articles)
            done += len(batch)
            yield Progress(done=done, total=len(wanted), unit="posts")


def as_utc(moment: datetime) -> str:
    """With its Z: WordPress reads a time without one as the site's local time."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def numbers(keys: Collection[str]) -> list[int]:
    """WordPress's numbers for our keys, in order; a key that is none (from another kind of source) cannot be asked for."""
    return sorted(int(key) for key in keys if key.isascii() and key.isdigit() and key[0] != "0")


def batches(wanted: list[int], size: int) -> Iterator[list[int]]:
    return (wanted[start : start + size] for start in range(0, len(wanted), size))
