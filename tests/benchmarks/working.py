"""Workers in processes of their own, as they are when they run: nothing that draws a page is loaded. Told by the command line, tells as JSON."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from digest.database import open_database
from digest.deliver import Delivered, deliver
from digest.delivery.memory import MemoryTransport, accept
from digest.delivery.route import Route
from digest.delivery.smtp import SmtpTransport
from digest.delivery.steps import Later, Steps
from digest.delivery.transport import Transport
from digest.delivery.values import Envelope, Outcome
from digest.hand_over.mailroom import Mailroom
from digest.settings import Smtp, parse
from tests.benchmarks.measure import Speed, megabytes

START = datetime(2026, 11, 23, 7, tzinfo=UTC)
KEY = "a-key-of-the-benchmarks"
CONNECTIONS = 10
SETTINGS = {
    "pages": {"url": "https://bench.example"},
    "newsletters": {"weekly": {"title": "Weekly", "from_address": "news@bench.example"}},
    "delivery": {"batch": 1_000},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """Of one process. `seconds` by the clock, `cpu` of its own in all, `memory` the most it held in MB."""

    messages: int
    seconds: float
    cpu: float
    memory: float

    @property
    def speed(self) -> Speed:
        return Speed(per_second=self.messages / self.seconds, cpu=self.cpu / self.messages)


class Distant(MemoryTransport):
    """Takes everything, and a while for it."""

    def __init__(self, seconds: float) -> None:
        super().__init__(self._forget)
        self._seconds = seconds

    def hand_over(self, envelope: Envelope, following: Envelope | None = None) -> Steps[Outcome]:
        yield Later(time.monotonic() + self._seconds)
        return (yield from super().hand_over(envelope, following))

    def _forget(self, envelope: Envelope) -> Outcome:
        self.sent.clear()
        return accept(envelope)


def at_work(engine: Engine, messages: int, *, workers: int = 1, way: str = "memory") -> list[Worked]:
    """So many worker processes hand over so many messages of what is being sent, together. `way`: memory, a relay's milliseconds, or :PORT."""
    url = engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.benchmarks.working", url, str(messages // workers), way]
    running = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(workers)]
    for one in running:  # each says when it is ready, so that none is measured while another still starts
        if one.stdout is None or one.stdout.readline() != "ready\n":
            raise SystemExit("a worker did not start")
    told = []
    for one in running:
        if one.stdin:
            one.stdin.write("go\n")
            one.stdin.flush()
    for one in running:
        said, _ = one.communicate()
        told.append(Worked(**json.loads(said)))
    return told


def work(url: str, messages: int, way: str) -> Worked:
    left = messages

    def count(outcome: Outcome) -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            room.stop.set()

    engine = open_database(url)
    route = Route(name="bench", open=_way(way, messages), connections=CONNECTIONS)
    settings = parse(SETTINGS, folder=Path())
    room = Mailroom(engine=engine, settings=settings, routes=(route,), keys=[KEY], clock=_clock, handed_over=count)
    print("ready", flush=True)  # noqa: T201 - read by the process that started this one
    sys.stdin.readline()
    begun, spent = time.perf_counter(), time.process_time()
    stands: tuple[Delivered, ...] = deliver(room)
    took, used = time.perf_counter() - begun, time.process_time() - spent
    if any(stand.tally.refused or stand.tally.unknown or stand.failure for stand in stands):
        raise SystemExit(f"not everybody was reached: {stands}")
    return Worked(messages=messages - left, seconds=took, cpu=used, memory=megabytes())


def _way(way: str, messages: int) -> Callable[[], Transport]:
    if way == "memory":
        return lambda: Distant(0)
    if way.startswith(":"):
        smtp = Smtp(host="127.0.0.1", port=int(way[1:]), security="none", messages_per_connection=messages)
        return lambda: SmtpTransport(smtp)
    return lambda: Distant(float(way) / 1_000)


def _clock() -> datetime:
    return START + timedelta(seconds=time.monotonic())


if __name__ == "__main__":
    print(json.dumps(asdict(work(sys.argv[1], int(sys.argv[2]), sys.argv[3]))), flush=True)  # noqa: T201
