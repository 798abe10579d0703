"""The clockwork of `digest run`: APScheduler says when, the use cases do the work. One thread, so that no job overlaps itself.

Where it runs on several machines, one of them leads, and the jobs of the others do nothing. That only saves work: two leaders would do no harm,
for a slot makes one edition.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from digest.newsletter import Newsletter
from digest.review.reminder import next_moment
from digest.settings import Settings

# How often the lead is asked for again; it comes to another process so soon after the leader has left.
LEAD_SECONDS = 5

log = logging.getLogger(__name__)


class SlotTrigger(BaseTrigger):  # type: ignore[misc] # APScheduler 3 carries no types
    """Fires at a newsletter's slots and, where editors look first, at its cut-offs and when they are to be reminded. Slots are counted by
    `Newsletter`, as everywhere else, not by APScheduler's own cron: its weekdays start at Monday, and it fires twice in the hour that repeats when
    clocks go back."""

    def __init__(self, newsletter: Newsletter) -> None:
        self._newsletter = newsletter

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """The first such moment after the later of the two."""
        return next_moment(self._newsletter, max(previous_fire_time, now) if previous_fire_time else now)


def start(
    settings: Settings, *, publish: Callable[[], None], sync: Callable[[], None], now: datetime, lead: Callable[[], bool] = lambda: True
) -> BackgroundScheduler:
    """A running scheduler: `publish` at every slot and cut-off of every newsletter's cadences, `sync` every few minutes and at once; each only if
    `lead`, asked right before, says that this process is the one to do it. Both are made up for when it comes to lead.

    A slot missed while the machine slept is made up for by one run (misfire_grace_time=None, coalesce): APScheduler's default would skip it.
    """
    scheduler = BackgroundScheduler(
        timezone="UTC",
        # Keeping the lead has a thread of its own: in a sync that takes long it would be lost.
        executors={"default": ThreadPoolExecutor(1), "lead": ThreadPoolExecutor(1)},
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
    sync, publish = _guarded(sync, lead), _guarded(publish, lead)
    scheduler.add_job(sync, IntervalTrigger(minutes=settings.run.sync_minutes, timezone="UTC"), next_run_time=now, id="sync")
    scheduler.add_job(publish, "date", run_date=now + timedelta(seconds=1), id="publish what fell due meanwhile")
    for newsletter in settings.newsletters.values():
        for letter in newsletter.in_every_cadence():
            scheduler.add_job(publish, SlotTrigger(letter), id=f"publish {letter.label}")

    keeping = _Keeping(lead)

    def make_up() -> None:
        if keeping.has_come():
            log.info("This process keeps the schedule from now on.")
            sync()
            publish()

    often = IntervalTrigger(seconds=min(LEAD_SECONDS, settings.delivery.lease_seconds / 3), timezone="UTC")
    scheduler.add_job(_guarded(keeping), often, id="keep the lead", executor="lead")
    # A job of its own: one that adds a job while the scheduler shuts down would wait for it for ever, and it for the job.
    scheduler.add_job(make_up, often, id="make up for what was not done")
    scheduler.start()
    return scheduler


class _Keeping:
    """Asks for the lead again before it runs out, and notices when it has come to this process."""

    def __init__(self, lead: Callable[[], bool]) -> None:
        self._lead = lead
        self._leads = lead()
        self._came = threading.Event()
        if not self._leads:
            log.info("Another process keeps the schedule; this one stands by.")

    def __call__(self) -> None:
        before, self._leads = self._leads, self._lead()
        if self._leads and not before:
            self._came.set()

    def has_come(self) -> bool:
        """Once for each time it comes."""
        if not self._came.is_set():
            return False
        self._came.clear()
        return True


def _guarded(job: Callable[[], None], lead: Callable[[], bool] = lambda: True) -> Callable[[], None]:
    """A job whose failure is logged and does not keep later ones from running."""

    def run() -> None:
        try:
            if lead():
                job()
        except Exception:
            log.exception("A scheduled job failed; it runs again at its next time.")

    return run
