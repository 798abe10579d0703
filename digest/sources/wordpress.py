"""Reads a WordPress by its REST interface: the posts, then the comments, then what is missing since the last time."""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime

from digest.content.values import CommentState
from digest.settings import Source
from digest.sources.http import Client
from digest.sources.values import Event, Known, Remember, Vanished
from digest.sources.wordpress_comments import COMMENTS, Comments, states
from digest.sources.wordpress_discovery import find_interface, sign_in
from digest.sources.wordpress_items import LISTED_FIELDS, Listed, Standing, read_listed, read_standing
from digest.sources.wordpress_posts import POSTS, Posts, as_utc, batches, numbers
from digest.sources.wordpress_rest import PER_PAGE, Interface

STANDING_FIELDS = "id,post,status,type"


def read_wordpress(source: Source, *, password: str, client: Client, memory: Mapping[str, object], known: Known, now: datetime) -> Iterator[Event]:
    """What is public at the site now: posts of the last `window_days`, at least 31, older ones that somebody comments on now, and all
    comments of the last `window_days`. Held comments come only with an application password. A `SourceError` when the site cannot be
    read to the end; nothing is called vanished then. Older posts come by an export file (`wxr`).
    """
    interface, problem = sign_in(find_interface(client, source.url), source.url, source.user, password)
    if problem is not None:
        yield problem
    posts = Posts(interface=interface, source=source, known=known, now=now, cursor=_cursor(memory))
    comments = Comments(interface=interface, source=source, known=known, now=now, posts=posts)
    yield from posts.read_window()
    yield from comments.read_window()
    yield Vanished(articles=posts.vanished, comments=comments.vanished)
    yield Remember(memory={"modified": as_utc(posts.newest)} if posts.newest else {})


def recheck(source: Source, *, password: str, client: Client, article_keys: Collection[str], comment_keys: Collection[str]) -> Vanished:
    """Which of these articles and comments are no longer public: asked right before they are sent. A `SourceError` if that cannot be learnt."""
    interface, _ = sign_in(find_interface(client, source.url), source.url, source.user, password)
    asked = numbers(comment_keys)
    standing = {one.number: one for one in _standings(interface, asked)}
    public = _public(interface, sorted({*numbers(article_keys), *(one.post for one in standing.values())}))
    open_to_all = {number for number, one in standing.items() if one.post in public}
    held = {number for number in open_to_all if standing[number].state is CommentState.HELD}
    return Vanished(
        articles=tuple(str(number) for number in numbers(article_keys) if number not in public),
        comments=tuple(str(number) for number in asked if number not in open_to_all),
        held=tuple(str(number) for number in sorted(held)),
    )


def _standings(interface: Interface, wanted: list[int]) -> Iterator[Standing]:
    for batch in batches(wanted, PER_PAGE):
        page = interface.chosen(COMMENTS, batch, {**states(interface), "_fields": STANDING_FIELDS})
        yield from (one for one in map(read_standing, page.items) if one is not None)


def _public(interface: Interface, wanted: list[int]) -> set[int]:
    pages = (interface.chosen(POSTS, batch, {"_fields": LISTED_FIELDS}) for batch in batches(wanted, PER_PAGE))
    told = [read_listed(item) for page in pages for item in page.items]
    return {one.number for one in told if isinstance(one, Listed) and one.public}


def _cursor(memory: Mapping[str, object]) -> datetime | None:
    given = memory.get("modified")
    try:
        return datetime.fromisoformat(given).astimezone(UTC) if isinstance(given, str) else None
    except ValueError:
        return None
