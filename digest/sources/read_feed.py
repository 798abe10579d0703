"""Reads one feed and the comment feeds it names: conditionally, politely, and what cannot be read stops nothing else."""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from digest.errors import Gone, SourceError, TryLater
from digest.settings import Source
from digest.sources.address import same_origin, shown
from digest.sources.feed import parse_feed, parse_talk
from digest.sources.feed_memory import FeedMemory, TalkMemory, Validators
from digest.sources.feed_values import Feed, Reading
from digest.sources.http import Answer, Client
from digest.sources.values import Arrived, Event, Known, Problem, Progress, Remember, Vanished

TALKS_A_RUN = 50  # those asked longest ago come first, so that every one has its turn
FAILURES_A_RUN = 3  # comment feeds that fail one after the other: the site is down, and the rest would wait in vain

ACCEPT = "application/feed+json, application/atom+xml, application/rss+xml, application/rdf+xml, application/xml;q=0.9, */*;q=0.5"


def read_feed(source: Source, *, password: str, client: Client, memory: Mapping[str, object], known: Known, now: datetime) -> Iterator[Event]:
    """What the feed shows, then the comments of its articles of the last `window_days`.

    An item that left the feed has not vanished: a feed shows the latest only. Gone is what a deleted-entry names, what is shown as
    protected, and a comment that a comment feed ought to show and does not. A `SourceError` when the feed itself cannot be read.
    """
    return _Reader(source=source, password=password, client=client, known=known, now=now).read(FeedMemory.read(memory))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    source: Source
    password: str
    client: Client
    now: datetime
    known: Known

    @property
    def _declared(self) -> dict[str, object]:
        return {"roles": dict(self.source.roles), "section": self.source.section}

    def read(self, memory: FeedMemory) -> Iterator[Event]:
        if self.source.file:
            yield from self._take(_file(self.source.file, self.source.url), self.source.file, memory)
            return
        # Other roles or another section must reach the articles of a feed that has not changed, too.
        answer = self._get(self.source.url, memory.validators if memory.declared == self._declared else Validators())
        if answer.moved_to:
            yield Problem(where=shown(self.source.url), what=f"It has moved for good to {shown(answer.moved_to)}: put that into digest.toml.")
        if answer.status == 410:
            raise Gone(f"{shown(self.source.url)} is gone for good (410): it is not asked again until its address in digest.toml is another.")
        if answer.status != 304:
            memory = yield from self._take(_feed(answer), "", memory)
        if self.source.comments:
            yield from self._read_talks(memory)

    def _get(self, url: str, validators: Validators) -> Answer:
        given = self.source.user and same_origin(url, self.source.url)  # a feed may name any address as that of its comments
        auth = (self.source.user, self.password) if given else None
        return self.client.get(url, headers={"Accept": ACCEPT, **validators.headers}, auth=auth)

    def _take(self, answer: Answer, file: str, memory: FeedMemory) -> Generator[Event, None, FeedMemory]:
        reading = Reading(url=answer.url, source=self.source, now=self.now, dates=memory.undated, file=file)
        feed = parse_feed(answer.body, content_type=answer.headers.get("content-type", ""), reading=reading)
        yield from feed.problems
        yield Progress(done=len(feed.articles), total=len(feed.articles))
        yield Arrived(articles=feed.articles, comments=feed.comments)
        yield Vanished(articles=feed.gone, comments=self._unlisted(feed))
        # What was cut off or holds a broken item may be sound the next time, under the same ETag.
        validators = Validators() if feed.problems else Validators.of(answer.headers)
        memory = replace(memory, validators=validators, undated=feed.undated, talks=self._talks(feed, memory), declared=self._declared)
        yield Remember(memory=memory.to_json())
        return memory

    def _unlisted(self, feed: Feed) -> tuple[str, ...]:
        listed = {comment.key for comment in feed.comments}
        return tuple(key for key, article in self.known.comments.items() if article in feed.whole and key not in listed)

    def _talks(self, feed: Feed, memory: FeedMemory) -> dict[str, TalkMemory]:
        """Those remembered and those named now, of articles young enough."""
        published = {article.key: article.published_at for article in feed.articles}
        named = {key: TalkMemory(url=url, published_at=published[key]) for key, url in feed.talks.items()}
        kept = {key: talk for key, talk in memory.talks.items() if key not in named or talk.url == named[key].url}
        start = self.now - timedelta(days=self.source.window_days)
        return {key: talk for key, talk in {**named, **kept}.items() if talk.published_at >= start and key not in feed.gone}

    def _read_talks(self, memory: FeedMemory) -> Iterator[Event]:
        turn = self._turn(memory)
        failures = 0
        for done, key in enumerate(turn, 1):
            talk = memory.talks[key]
            try:
                events, talk = self._read_talk(key, talk)
                failures = 0
            except TryLater as error:
                yield Problem(where=shown(talk.url), what=str(error))
                yield Remember(memory=replace(memory, talks_not_before=self.now + timedelta(seconds=error.seconds)).to_json())
                return
            except SourceError as error:
                events, failures = [Problem(where=shown(talk.url), what=str(error))], failures + 1
            memory = replace(memory, talks={**memory.talks, key: replace(talk, asked_at=self.now)})
            yield from (*events, Progress(done=done, total=len(turn), unit="comment feeds"), Remember(memory=memory.to_json()))
            if failures == FAILURES_A_RUN:
                return

    def _turn(self, memory: FeedMemory) -> list[str]:
        if memory.talks_not_before and memory.talks_not_before > self.now:
            return []
        start = self.now - timedelta(days=self.source.window_days)
        young = {key: talk for key, talk in memory.talks.items() if talk.published_at >= start}
        return sorted(young, key=lambda key: (young[key].asked_at or young[key].published_at, key))[:TALKS_A_RUN]

    def _read_talk(self, key: str, talk: TalkMemory) -> tuple[list[Event], TalkMemory]:
        answer = self._get(talk.url, talk.validators)
        if answer.status in {304, 404, 410}:  # a site that has switched its comment feeds off may go on naming them
            return [], talk
        reading = Reading(url=answer.url, source=self.source, now=self.now, dates=talk.seen)
        found = parse_talk(_feed(answer).body, content_type=answer.headers.get("content-type", ""), article_key=key, reading=reading)
        seen = {comment.key: comment.posted_at for comment in found.comments}
        if found.cut:
            remembered = replace(talk, seen={**talk.seen, **seen}, validators=Validators())
            return [Arrived(comments=found.comments), Vanished(comments=found.gone)], remembered
        remembered = replace(talk, seen=seen, validators=Validators.of(answer.headers))
        return [Arrived(comments=found.comments), Vanished(comments=(*found.gone, *_missing(talk.seen, seen)))], remembered


def _missing(before: Mapping[str, datetime], now: Mapping[str, datetime]) -> tuple[str, ...]:
    """Comments shown the last time that were taken away since: newer ones push only the oldest out, and only out of a full page."""
    oldest = min(now.values(), default=None)
    return tuple(key for key, posted in before.items() if key not in now and (oldest is None or posted > oldest or len(now) < len(before)))


def _feed(answer: Answer) -> Answer:
    if answer.status in {401, 403}:
        raise SourceError(f"{shown(answer.url)} answered {answer.status}: it wants a user and a password, or will not be read by programs.")
    if answer.status != 200:
        raise SourceError(f"{shown(answer.url)} answered {answer.status}, not with a feed.")
    return answer


def _file(name: str, base: str) -> Answer:
    try:
        return Answer(status=200, headers={}, body=Path(name).read_bytes(), url=base)
    except OSError as error:
        raise SourceError(f"The file {name} cannot be read: {error.strerror}.") from error
