"""Readings of the tests' WordPress, each taken together: what the events of `read_wordpress` say in the end."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from digest.content.values import FoundArticle, FoundComment
from digest.settings import Source
from digest.sources.http import Client
from digest.sources.values import Arrived, Event, Known, Problem, Progress, Remember, Vanished
from digest.sources.wordpress import read_wordpress, recheck
from tests.sources.web import Site
from tests.sources.wordpress_site import WordPress

NOTHING = Known(articles={}, comments={}, first=True)


@dataclass(kw_only=True)
class Reading:
    articles: dict[str, FoundArticle] = field(default_factory=dict)
    comments: dict[str, FoundComment] = field(default_factory=dict)
    gone_articles: set[str] = field(default_factory=set)
    gone_comments: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    progress: list[Progress] = field(default_factory=list)
    memory: Mapping[str, object] = field(default_factory=dict)

    def known(self) -> Known:
        """What a store that took all of it in would know."""
        return Known(
            articles={key: article.published_at for key, article in self.articles.items()},
            comments={key: comment.article_key for key, comment in self.comments.items()},
            first=False,
        )


def collect(events: Iterable[Event]) -> Reading:
    reading = Reading()
    for event in events:
        match event:
            case Arrived():
                reading.articles |= {article.key: article for article in event.articles}
                reading.comments |= {comment.key: comment for comment in event.comments}
            case Vanished():
                reading.gone_articles |= set(event.articles)
                reading.gone_comments |= set(event.comments)
            case Problem():
                reading.problems.append(event)
            case Progress():
                reading.progress.append(event)
            case Remember():
                reading.memory = event.memory
    return reading


def events_of(site: Site, client: Client, now: datetime, **settings: object) -> Iterator[Event]:
    """Reads a site that was laid down, of which the articles 1 and 9 and the comments 5 and 8 are known."""
    known = Known(articles={"1": now, "9": now}, comments={"5": "1", "8": "1"}, first=False)
    source = Source.model_validate({"kind": "wordpress", "url": f"{site.url}/", "user": "olga", **settings})
    return read_wordpress(source, password="a-password", client=client, memory={}, known=known, now=now)


def read_site(site: Site, client: Client, now: datetime, **settings: object) -> Reading:
    return collect(events_of(site, client, now, **settings))


@dataclass(frozen=True, kw_only=True)
class Harbour:
    """A seeded site and the numbers of what is in it."""

    site: WordPress
    now: datetime
    posts: Mapping[str, int]
    comments: Mapping[str, int]

    def post(self, slug: str) -> str:
        return str(self.posts[slug])

    def comment(self, name: str) -> str:
        return str(self.comments[name])

    def source(self, **settings: object) -> Source:
        return Source.model_validate({"kind": "wordpress", "url": self.site.url, "user": self.site.user, **settings})

    def read(self, client: Client, *, password: str = "", since: Reading | None = None, **settings: object) -> Reading:
        """Reads the site: for the first time, or after a reading that a store has taken in."""
        known, memory = (since.known(), since.memory) if since else (NOTHING, {})
        return collect(read_wordpress(self.source(**settings), password=password, client=client, memory=memory, known=known, now=self.now))

    def recheck(self, client: Client, reading: Reading, *, password: str = "") -> Vanished:
        return recheck(self.source(), password=password, client=client, article_keys=reading.articles, comment_keys=reading.comments)
