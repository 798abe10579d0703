"""A worker's shift: enrolled in the database under a lease, with a sign of life every few seconds until it leaves."""

import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from digest.delivery import workers
from digest.delivery.workers import Worker
from digest.errors import DatabaseError

# Often enough that the rate in `digest status` is of now; a third of the lease where that is shorter.
BEAT_SECONDS = 5

log = logging.getLogger(__name__)


class Shift:
    """Within `with`, what this worker claims is its own. `writing` lets one of its threads write at a time where the database allows no more."""

    def __init__(self, engine: Engine, worker: Worker, clock: Callable[[], datetime], *, lease_seconds: float) -> None:
        self.worker = worker
        # SQLite lets one write at a time and makes the others poll: waiting for a lock of our own is quicker.
        self.writing: AbstractContextManager[object] = threading.Lock() if engine.dialect.name == "sqlite" else nullcontext()
        self._engine = engine
        self._clock = clock
        self._lease = timedelta(seconds=lease_seconds)
        self._handed_over = 0
        self._told = (clock(), 0)  # when the last sign of life was given, and how many there were by then
        self._over = threading.Event()
        self._heart = threading.Thread(target=self._beat_on, name="heartbeat", daemon=True)

    @property
    def id(self) -> str:
        return self.worker.id

    def __enter__(self) -> Self:
        now = self._clock()
        with self.writing, self._engine.begin() as connection:
            workers.enrol(connection, self.worker, now=now, until=now + self._lease)
        self._heart.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        self._heart.join()
        try:
            with self.writing, self._engine.begin() as connection:
                workers.leave(connection, self.id, now=self._clock(), handed_over=self._handed_over)
        except (DatabaseError, SQLAlchemyError) as away:
            log.warning("The database did not hear that this worker ends; its lease runs out by itself: %s", away)

    def count(self, number: int) -> None:
        """So many mails more have been handed over. Called by one thread at a time."""
        self._handed_over += number

    def lead(self, name: str) -> bool:
        """Whether this worker, and no other, keeps the schedule `name` from now on for the length of a lease."""
        now = self._clock()
        with self.writing, self._engine.begin() as connection:
            return workers.lead(connection, name, self.id, now=now, until=now + self._lease)

    def renew(self, connection: Connection, now: datetime) -> None:
        """A sign of life in the caller's transaction, when it is time for one: while mails go out nobody has to wait for the heart."""
        if not self._told[0] <= now < self._told[0] + self._lease / 3:
            self._beat(connection, now)

    def _beat(self, connection: Connection, now: datetime) -> None:
        then, before = self._told
        seconds = (now - then).total_seconds()
        rate = (self._handed_over - before) / seconds if seconds > 0 else 0.0
        workers.beat(connection, self.id, until=now + self._lease, handed_over=self._handed_over, per_second=rate)
        self._told = (now, self._handed_over)

    def _beat_on(self) -> None:
        while not self._over.wait(min(BEAT_SECONDS, self._lease.total_seconds() / 3)):
            try:
                with self.writing, self._engine.begin() as connection:
                    self._beat(connection, self._clock())
            except (DatabaseError, SQLAlchemyError) as away:  # it may be back before the lease runs out
                log.warning("This worker's sign of life could not be given: %s", away)
