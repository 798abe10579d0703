"""Who leads does the scheduled jobs, and does at once what was left undone when the lead comes to it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from digest.deliver import new_shift
from digest.delivery.memory import MemoryTransport
from digest.scheduler import start
from digest.settings import Settings, parse
from tests.test_deliver import room_for
from tests.test_deliver import settings_for as mail_settings

NOW = datetime.now(UTC)


def settings_for(lease_seconds: int) -> Settings:
    letter = {"title": "Weekly", "from_address": "post@lamp.example", "schedule": "0 7 * * 1"}
    return parse({"newsletters": {"weekly": letter}, "delivery": {"lease_seconds": lease_seconds}}, folder=Path())


class Clockwork:
    """Counts what is done, and leads when it is told to."""

    def __init__(self) -> None:
        self.leads = threading.Event()
        self.asked = threading.Semaphore(0)
        self.published = threading.Semaphore(0)
        self.synced = threading.Semaphore(0)

    def lead(self) -> bool:
        self.asked.release()
        return self.leads.is_set()

    @contextmanager
    def running(self) -> Iterator[None]:
        scheduler = start(settings_for(1), publish=self.published.release, sync=self.synced.release, now=NOW, lead=self.lead)
        yield
        scheduler.shutdown(wait=True)


def test_a_leader_syncs_and_publishes_at_once() -> None:
    clockwork = Clockwork()
    clockwork.leads.set()
    with clockwork.running():
        assert clockwork.synced.acquire(timeout=30)
        assert clockwork.published.acquire(timeout=30)


def test_who_does_not_lead_does_nothing_until_the_lead_comes_to_it() -> None:
    clockwork = Clockwork()
    with clockwork.running():
        for _ in range(6):  # when it starts, before its first sync, before its first publishing, and now and then
            assert clockwork.asked.acquire(timeout=30)
        assert not clockwork.synced.acquire(blocking=False)
        assert not clockwork.published.acquire(blocking=False)
        clockwork.leads.set()
        assert clockwork.published.acquire(timeout=30)
        assert clockwork.synced.acquire(blocking=False)  # before: what has come in meanwhile belongs into the edition


def test_a_lead_that_cannot_be_asked_for_is_asked_for_again() -> None:
    clockwork = Clockwork()
    asked: list[bool] = []

    def away() -> bool:
        asked.append(clockwork.lead())
        if len(asked) in (2, 3, 4):
            raise ConnectionError("the database is away")
        return asked[-1]

    scheduler = start(settings_for(1), publish=clockwork.published.release, sync=clockwork.synced.release, now=NOW, lead=away)
    clockwork.leads.set()
    assert clockwork.published.acquire(timeout=30)
    scheduler.shutdown(wait=True)


def test_of_two_processes_one_leads_until_it_leaves(engine: Engine, database_url: str) -> None:
    room = room_for(engine, mail_settings(database_url), MemoryTransport())
    with new_shift(room) as standing_by:
        with new_shift(room) as leading:
            assert [leading.lead("schedule"), standing_by.lead("schedule"), leading.lead("schedule")] == [True, False, True]
        assert standing_by.lead("schedule")
