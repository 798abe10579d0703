"""The clock is set back by an hour and forward by a day while mails go out: each reader gets one, and nothing is in doubt."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from digest.deliver import deliver
from digest.delivery.values import Outcome
from digest.hand_over.mailroom import Mailroom
from digest.wiring import clock, routes, signing_keys
from tests.conftest import missing
from tests.journeys.fleet import Fleet
from tests.test_cluster import until

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


@dataclass
class Moved:
    """A clock that is moved to `ahead` after so many mails."""

    after: int
    ahead: timedelta
    lock: threading.Lock = field(default_factory=threading.Lock)
    moved: bool = False

    def __call__(self) -> datetime:
        return clock() + (self.ahead if self.moved else timedelta())

    def count(self, outcome: Outcome) -> None:
        with self.lock:
            self.after -= 1
            self.moved = self.moved or not self.after


def run(fleet: Fleet, moved: Moved, workers: int) -> None:
    """Workers in threads of one process, on one clock."""
    settings = fleet.settings

    def work(number: int) -> None:
        room = Mailroom(
            engine=fleet.engine,
            settings=settings,
            routes=routes(settings),
            keys=signing_keys(settings),
            clock=moved,
            handed_over=moved.count,
        )
        deliver(room)

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, range(workers)))


@pytest.mark.parametrize("workers", [1, 2])
def test_back_by_an_hour_and_forward_by_a_day(fleet: Fleet, workers: int) -> None:
    """What was queued after the hour that is gone through twice waits until it is over."""
    edition = fleet.publish()
    run(fleet, Moved(after=10, ahead=-HOUR), workers)
    assert fleet.number("SELECT count(*) FROM deliveries WHERE state = 'queued'") >= 10
    assert fleet.number("SELECT count(*) FROM deliveries WHERE state IN ('sending', 'unknown')") == 0
    run(fleet, Moved(after=5, ahead=DAY), workers)
    fleet.until_sent(edition, doubts=0)


def test_the_clock_of_a_running_worker_is_moved(fleet: Fleet, tmp_path: Path) -> None:
    if FAKETIME is None:
        missing("libfaketime", "it is not installed")
    now = tmp_path / "now"
    now.write_text("+0\n")
    first, _ = fleet.keeper.ports
    fleet.keeper.hold(first, "kept", 10)
    fleet.work(LD_PRELOAD=str(FAKETIME), FAKETIME_TIMESTAMP_FILE=str(now), FAKETIME_NO_CACHE="1", FAKETIME_DONT_FAKE_MONOTONIC="1")
    edition = fleet.publish()
    fleet.keeper.until_held()
    now.write_text("-3600\n")
    fleet.keeper.go(first)
    until(lambda: not fleet.number("SELECT count(*) FROM deliveries WHERE state = 'sending'"))
    assert fleet.number("SELECT count(*) FROM deliveries WHERE state = 'queued'") >= 10
    fleet.keeper.hold(first, "kept", 5)
    now.write_text("+3600\n")
    fleet.keeper.until_held()
    now.write_text("+86400\n")
    fleet.keeper.go(first)
    fleet.until_sent(edition, doubts=0)
