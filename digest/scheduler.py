"""The clockwork of `digest run`: APScheduler says when, the use cases do the work. One thread, so that no job overlaps itself."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from digest.newsletter import Newsletter
from digest.settings import Settings

log = logging.getLogger(__name__)


class SlotTrigger(BaseTrigger):  # type: ignore[misc] # APScheduler 3 carries no types
    """Fires at a newsletter's slots. They are counted by `Newsletter`, as everywhere else, not by APScheduler's own cron:
    its weekdays start at Monday, and it fires twice in the hour that repeats when clocks go back."""

    def __init__(self, newsletter: Newsletter) -> None:
        self._newsletter = newsletter

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """The first slot after the later of the two."""
        return self._newsletter.slot_after(max(previous_fire_time, now) if previous_fire_time else now)


def start(settings: Settings, *, publish: Callable[[], None], sync: Callable[[], None], now: datetime) -> BackgroundScheduler:
    """A running scheduler: `publish` at every newsletter's slot, `sync` every few minutes and at once.

    A slot missed while the machine slept is made up for by one run (misfire_grace_time=None, coalesce): APScheduler's default would skip it.
    """
    scheduler = BackgroundScheduler(
        timezone="UTC",
        executors={"default": ThreadPoolExecutor(1)},
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
    scheduler.add_job(_guarded(sync), IntervalTrigger(minutes=settings.run.sync_minutes, timezone="UTC"), next_run_time=now, id="sync")
    scheduler.add_job(_guarded(publish), "date", run_date=now + timedelta(seconds=1), id="publish what fell due meanwhile")
    for newsletter in settings.newsletters.values():
        scheduler.add_job(_guarded(publish), SlotTrigger(newsletter), id=f"publish {newsletter.slug}")
    scheduler.start()
    return scheduler


def _guarded(job: Callable[[], None]) -> Callable[[], None]:
    """A job whose failure is logged and does not keep later ones from running."""

    def run() -> None:
        try:
            job()
        except Exception:
            log.exception("A scheduled job failed; it runs again at its next time.")

    return run
