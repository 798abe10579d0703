"""What stands where: newsletters, editions, letters, sources and readers, for `digest status`."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, func, select

from digest.content.tables import ArticleRow, CommentRow, SourceRow
from digest.delivery import letters
from digest.delivery.letters import LetterStand
from digest.editions import store
from digest.editions.standing import standing
from digest.editions.values import EditionState
from digest.review.fate import Fate, fate
from digest.settings import Settings
from digest.stand import Crew, EditionStand, crew, edition_stands
from subscribers.people import count_by_state

A_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsletterStand:
    slug: str
    next_slot: datetime
    next_slots: Mapping[str, datetime]  # in each of its cadences, its own first
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
    editions: tuple[EditionStand, ...]
    standing: tuple[Fate, ...]
    letters: LetterStand
    crew: Crew
    sources: tuple[SourceStand, ...]

    def as_json(self) -> dict[str, object]:
        return {
            "newsletters": [asdict(one) for one in self.newsletters],
            "editions": [one.as_json() for one in self.editions],
            "standing": [one.as_json() for one in self.standing],
            "letters": asdict(self.letters),
            **self.crew.as_json(),
            "sources": [asdict(one) for one in self.sources],
        }


def overview(engine: Engine, settings: Settings, now: datetime) -> Overview:
    """The newsletters declared, the last ten editions, those that stand and those under way, who hands over, and every source declared or
    remembered."""
    with engine.begin() as connection:
        at_work = crew(connection, now)
        return Overview(
            newsletters=tuple(
                NewsletterStand(
                    slug=letter.slug,
                    next_slot=letter.slot_after(now),
                    next_slots={one.cadence: one.slot_after(now) for one in letter.in_every_cadence()},
                    time_zone=letter.time_zone,
                    readers=count_by_state(connection, letter.slug),
                )
                for letter in settings.newsletters.values()
            ),
            editions=edition_stands(connection, _shown(connection), at_work.per_second, now),
            standing=tuple(fate(settings, edition, now) for edition in standing(connection)),
            letters=letters.stand(connection, now, failed_since=now - A_WEEK),
            crew=at_work,
            sources=source_stands(connection, settings),
        )


def _shown(connection: Connection) -> list[store.StoredEdition]:
    """The last ten editions, and what else is not over yet."""
    unfinished = (EditionState.SENDING, EditionState.PAUSED)
    found = {edition.id: edition for states in ((), unfinished) for edition in store.latest(connection, states=states, limit=10)}
    return sorted(found.values(), key=lambda edition: (edition.slot, edition.id), reverse=True)


def source_stands(connection: Connection, settings: Settings) -> tuple[SourceStand, ...]:
    """Every source declared or remembered, by name."""
    rows = {row.name: row for row in connection.execute(select(SourceRow.name, SourceRow.kind, SourceRow.synced_at, SourceRow.failure))}
    articles = dict(connection.execute(select(ArticleRow.source, func.count()).group_by(ArticleRow.source)).all())
    comments = dict(connection.execute(select(CommentRow.source, func.count()).group_by(CommentRow.source)).all())
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
