"""What stands where: newsletters, editions, sources and readers, for `digest status`."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, func, select

from digest.content.tables import ArticleRow, CommentRow, SourceRow
from digest.delivery.tally import tally
from digest.delivery.values import Tally
from digest.editions import store
from digest.settings import Settings
from subscribers.people import count_by_state


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsletterStand:
    slug: str
    next_slot: datetime
    time_zone: str
    readers: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStand:
    name: str
    kind: str
    synced_at: datetime | None
    failure: str
    articles: int
    comments: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    newsletters: tuple[NewsletterStand, ...]
    editions: tuple[tuple[store.StoredEdition, Tally], ...]
    sources: tuple[SourceStand, ...]

    def as_json(self) -> dict[str, object]:
        editions = [{**asdict(edition), "deliveries": {**asdict(counts), "total": counts.total}} for edition, counts in self.editions]
        return {
            "newsletters": [asdict(one) for one in self.newsletters],
            "editions": editions,
            "sources": [asdict(one) for one in self.sources],
        }


def overview(engine: Engine, settings: Settings, now: datetime) -> Overview:
    """The newsletters declared, the last ten editions, and every source declared or remembered."""
    with engine.begin() as connection:
        editions = store.latest(connection, limit=10)
        return Overview(
            newsletters=tuple(
                NewsletterStand(
                    slug=letter.slug,
                    next_slot=letter.slot_after(now),
                    time_zone=letter.time_zone,
                    readers=count_by_state(connection, letter.slug),
                )
                for letter in settings.newsletters.values()
            ),
            editions=tuple((edition, tally(connection, edition.id)) for edition in editions),
            sources=_sources(connection, settings),
        )


def _sources(connection: Connection, settings: Settings) -> tuple[SourceStand, ...]:
    rows = {row.name: row for row in connection.execute(select(SourceRow.name, SourceRow.kind, SourceRow.synced_at, SourceRow.failure))}
    articles = dict(connection.execute(select(ArticleRow.source, func.count()).group_by(ArticleRow.source)).tuples().all())
    comments = dict(connection.execute(select(CommentRow.source, func.count()).group_by(CommentRow.source)).tuples().all())
    names = sorted({*rows, *settings.sources})
    return tuple(
        SourceStand(
            name=name,
            kind=rows[name].kind if name in rows else settings.sources[name].kind,
            synced_at=rows[name].synced_at if name in rows else None,
            failure=rows[name].failure if name in rows else "never synced: run `digest sync`",
            articles=articles.get(name, 0),
            comments=comments.get(name, 0),
        )
        for name in names
    )
