"""The comments of a WordPress: the whole window every time, because an edit, an approval and a removal leave no trace in any date."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from digest.content.values import FoundAuthor, FoundComment
from digest.settings import Source
from digest.sources.values import Arrived, Event, Known, Problem, Progress
from digest.sources.wordpress_items import COMMENT_FIELDS, USER_FIELDS, comment_user, read_comment, read_writer
from digest.sources.wordpress_json import as_number, at
from digest.sources.wordpress_posts import Posts, as_utc, batches, numbers
from digest.sources.wordpress_rest import PER_PAGE, Interface

COMMENTS = "/wp/v2/comments"
USERS = "/wp/v2/users"


def states(interface: Interface) -> dict[str, str]:
    """Which comments to ask for: with a password also the held ones, `all` being WordPress's word for approved or held."""
    return {"status": "all"} if interface.auth else {}


@dataclass(slots=True, kw_only=True)
class Comments:
    """What is learnt of a site's comments while it is read."""

    interface: Interface
    source: Source
    known: Known
    now: datetime
    posts: Posts
    complete: bool = True  # every item that came could be told
    _present: set[str] = field(default_factory=set)
    _writers: dict[int, FoundAuthor] = field(default_factory=dict)
    _users: set[int] = field(default_factory=set)  # looked up already

    def read_window(self) -> Iterator[Event]:
        """All comments of the window, then those known that it did not bring: they are gone, or just older."""
        start = self.now - timedelta(days=self.source.window_days)
        asked = {**states(self.interface), "_fields": COMMENT_FIELDS}
        for page in self.interface.pages(COMMENTS, {**asked, "after": as_utc(start)}):
            yield from self._take(page.items)
            yield Progress(done=page.number, total=page.last, unit="pages of comments")
        missing = numbers(self.known.comments.keys() - self._present)
        for batch in batches(missing, PER_PAGE):
            yield from self._take(self.interface.chosen(COMMENTS, batch, asked).items)
        yield from self.posts.look_up({self.known.comments[str(number)] for number in missing})  # gone with their post?

    @property
    def vanished(self) -> tuple[str, ...]:
        if not self.complete or not self.posts.complete:
            return ()
        return tuple(str(number) for number in numbers(self.known.comments.keys() - self._present))

    def _take(self, items: Collection[object]) -> Iterator[Event]:
        self._find_writers({comment_user(item) for item in items} - {0} - self._users)
        told = [(as_number(at(item, "id")), read_comment(item, self.source, self._writers, self.now)) for item in items]
        if any(not number for number, _ in told):
            self.complete = False
            yield Problem(where="comments", what="A comment of the list has no number.")
        found = [one for _, one in told if isinstance(one, FoundComment)]
        yield from self.posts.look_up({one.article_key for one in found})
        kept = tuple(one for one in found if one.article_key in self.posts.imported)
        unread = {number: one for number, one in told if isinstance(one, Problem)}
        self._present.update(one.key for one in kept)
        self._present.update(str(number) for number in unread)
        yield from unread.values()
        yield Arrived(comments=kept)

    def _find_writers(self, users: set[int]) -> None:
        """Who of these users has published. Many sites keep their users to themselves: then commenters are readers, unless `roles` says else."""
        self._users |= users
        for batch in batches(sorted(users), PER_PAGE):
            asked = {"include": ",".join(map(str, batch)), "per_page": str(PER_PAGE), "has_published_posts": "1", "_fields": USER_FIELDS}
            reply = self.interface.ask(USERS, asked)
            for item in reply.data if isinstance(reply.data, list) else ():
                writer = read_writer(item, self.source)
                if writer is not None:
                    self._writers[as_number(at(item, "id"))] = writer
