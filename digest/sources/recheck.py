"""Right before the send: are these very articles and comments still public at their source?"""

import logging
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, select

from digest.content.tables import ArticleRow, CommentRow
from digest.errors import DigestError
from digest.settings import Settings, Source
from digest.sources.http import Client
from digest.sources.take_in import take_in
from digest.sources.values import Vanished
from digest.sources.wordpress import recheck

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rechecked:
    """How many items were taken away now, and a sentence for each source that could not be asked."""

    withdrawn: int
    warnings: tuple[str, ...] = ()


def rechecking(engine: Engine, settings: Settings, now: datetime) -> Callable[[Collection[int], Collection[int]], int]:
    """`recheck_items` as `publish` asks for it: article ids and comment ids → how many were taken away. Warnings go to the log."""

    def ask(article_ids: Collection[int], comment_ids: Collection[int]) -> int:
        with Client(settings.fetch) as client:
            done = recheck_items(engine, settings, article_ids, comment_ids, client=client, now=now)
        for warning in done.warnings:
            log.warning("%s", warning)
        return done.withdrawn

    return ask


def recheck_items(
    engine: Engine, settings: Settings, article_ids: Collection[int], comment_ids: Collection[int], *, client: Client, now: datetime
) -> Rechecked:
    """Asks every WordPress among the sources for exactly these items, and withdraws what is gone. One that cannot be asked stops nothing:
    what it says then is what it said at the last sync. Feeds and export files cannot be asked for single items."""
    with engine.begin() as connection:
        articles, comments = _keys(connection, ArticleRow, article_ids), _keys(connection, CommentRow, comment_ids)
    withdrawn, warnings = 0, []
    for name in sorted(articles.keys() | comments.keys()):
        source = settings.sources.get(name)
        if source is None or source.kind != "wordpress":
            continue
        try:
            gone = _ask(settings, source, client, articles.get(name, ()), comments.get(name, ()))
        except DigestError as error:
            warnings.append(f"{name} could not be asked again before the send: {error}")
            continue
        with engine.begin() as connection:
            counts = take_in(connection, name, gone, now=now, first=False)
        withdrawn += counts.withdrawn_articles + counts.removed_comments
    return Rechecked(withdrawn=withdrawn, warnings=tuple(warnings))


def _ask(settings: Settings, source: Source, client: Client, articles: Collection[str], comments: Collection[str]) -> Vanished:
    password = settings.secret(source.password, source.password_file)
    return recheck(source, password=password, client=client, article_keys=articles, comment_keys=comments)


def _keys(connection: Connection, table: type[ArticleRow] | type[CommentRow], ids: Iterable[int]) -> dict[str, list[str]]:
    """Source → keys, in order."""
    found: dict[str, list[str]] = {}
    for source, key in connection.execute(select(table.source, table.key).where(table.id.in_(ids)).order_by(table.id)):
        found.setdefault(source, []).append(key)
    return found
