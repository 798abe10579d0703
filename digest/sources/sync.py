"""Keeps all sources in step with the store: each for itself, so that a broken one stops no other."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Engine

from digest.content import store
from digest.errors import DigestError, Gone, SettingsError, TryLater
from digest.settings import Settings, Source
from digest.sources import source_rows
from digest.sources.http import Client
from digest.sources.readers import location, placed, read
from digest.sources.take_in import Counts, Intake
from digest.sources.values import Arrived, Known, Problem, Progress, Remember, Vanished

WINDOW_DAYS = 31  # at least: what an edition may reach back to

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How the sync of one source went. `failure` is empty when it went well; `waits_until` is set when it was not asked at all, or asked for
    patience."""

    source: str
    counts: Counts = field(default_factory=Counts)
    problems: tuple[Problem, ...] = ()
    failure: str = ""
    waits_until: datetime | None = None

    def __str__(self) -> str:
        if self.failure:
            return f"{self.source}: {self.failure}"
        if self.waits_until:
            return f"{self.source}: not asked before {self.waits_until:%Y-%m-%d %H:%M} UTC"
        ours = self.counts
        return (
            f"{self.source}: articles {ours.new_articles} new, {ours.changed_articles} changed, {ours.withdrawn_articles} withdrawn; "
            f"comments {ours.new_comments} new, {ours.changed_comments} changed, {ours.removed_comments} removed; {len(self.problems)} problems"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncEvent:
    """What a shell may show while it goes on: a source begins (None), gets on, has a problem, is done."""

    source: str
    event: Progress | Problem | Report | None


Tell = Callable[[SyncEvent], None]


def sync(
    engine: Engine,
    settings: Settings,
    *,
    client: Client,
    now: datetime,
    names: Sequence[str] = (),
    report: Tell = lambda event: None,
) -> tuple[Report, ...]:
    """Brings every source up to date, or those named; one report each, in the order of digest.toml.

    A source that asked for patience or is gone (410) is left alone until its time or another address has come, unless it is named.
    To run it twice, or two at once, does no harm.
    """
    unknown = [name for name in names if name not in settings.sources]
    if unknown:
        raise SettingsError(f"There is no source “{unknown[0]}” in digest.toml (known: {', '.join(sorted(settings.sources)) or 'none is declared'}).")
    wanted = {name: source for name, source in settings.sources.items() if not names or name in names}
    runs = (
        _Run(engine=engine, settings=settings, client=client, now=now, tell=report, name=name, source=placed(settings, source))
        for name, source in wanted.items()
    )
    return tuple(run.go(even_if_waiting=bool(names)) for run in runs)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """One source's turn."""

    engine: Engine
    settings: Settings
    client: Client
    now: datetime
    tell: Tell
    name: str
    source: Source

    def go(self, *, even_if_waiting: bool) -> Report:
        with self.engine.begin() as connection:
            stand = source_rows.begin(connection, self.name, kind=self.source.kind, location=location(self.source), now=self.now)
        if stand.not_before and stand.not_before > self.now and not even_if_waiting:
            gone = stand.failure if stand.not_before == source_rows.NEVER else ""
            return self._told(Report(source=self.name, failure=gone, waits_until=stand.not_before))
        self.tell(SyncEvent(source=self.name, event=None))
        intake = Intake(engine=self.engine, source=self.name, location=location(self.source), now=self.now, first=stand.first)
        problems: list[Problem] = []
        failure, not_before = self._read(stand, intake, problems)
        with self.engine.begin() as connection:
            if failure:
                source_rows.failed(connection, self.name, failure, now=self.now, not_before=not_before)
            else:
                source_rows.succeeded(connection, self.name, now=self.now)
        return self._told(Report(source=self.name, counts=intake.counts, problems=tuple(problems), failure=failure, waits_until=not_before))

    def _read(self, stand: source_rows.Stand, intake: Intake, problems: list[Problem]) -> tuple[str, datetime | None]:
        """Why it failed and until when it wants to be left alone. What arrived before a failure is kept: it is sound, and the next sync goes on."""
        try:
            self._take_in(stand, intake, problems)
        except DigestError as error:
            intake.write()
            return str(error), self._patience(error)
        except Exception as error:  # a fault of ours in reading one source must not keep the others from their readers
            log.exception("%s: reading it failed unexpectedly", self.name)
            return f"Reading it failed in a way nobody thought of ({type(error).__name__}); the log has the details.", None
        return "", None

    def _take_in(self, stand: source_rows.Stand, intake: Intake, problems: list[Problem]) -> None:
        reader = read(self.source, settings=self.settings, client=self.client, memory=stand.memory, known=self._known(stand), now=self.now)
        for event in reader:
            match event:
                case Arrived() | Vanished():
                    intake.add(event)
                case Remember():
                    intake.write(event.memory)
                case Problem():
                    problems.append(event)
                    self.tell(SyncEvent(source=self.name, event=event))
                case Progress():
                    self.tell(SyncEvent(source=self.name, event=event))
        intake.write()

    def _known(self, stand: source_rows.Stand) -> Known:
        since = self.now - timedelta(days=max(self.source.window_days, WINDOW_DAYS))
        with self.engine.begin() as connection:
            articles, comments = store.known(connection, self.name, since=since)
        return Known(articles=articles, comments=comments, first=stand.first)

    def _patience(self, error: DigestError) -> datetime | None:
        if isinstance(error, Gone):
            return source_rows.NEVER
        return self.now + timedelta(seconds=error.seconds) if isinstance(error, TryLater) else None

    def _told(self, report: Report) -> Report:
        self.tell(SyncEvent(source=self.name, event=report))
        return report
