"""A domain's limit of connections holds for all workers together, over a real SMTP server that counts what is under way."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from time import monotonic

import pytest
from aiosmtpd.smtp import SMTP, Session
from aiosmtpd.smtp import Envelope as Received
from sqlalchemy import Engine

from digest.database import open_database
from digest.deliver import Delivered, deliver, new_shift
from digest.delivery import seats
from digest.delivery.route import Route
from digest.delivery.smtp import SmtpTransport
from digest.editions.values import EditionState
from digest.hand_over.mailroom import Mailroom
from digest.settings import Settings
from tests.delivery.conftest import enrol
from tests.delivery.sending import settings as relay_settings
from tests.journeys.paper import Server
from tests.test_deliver import KEYS, SLOT, publish_at, subscribe
from tests.test_hand_over_pace import ready

TAKES_SECONDS = 0.005  # for a message


class Counting:
    """Counts, by domain, how many messages are between RCPT and the answer to their end."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.got: list[str] = []
        self.most: Counter[str] = Counter()
        self.first_at: dict[str, datetime] = {}
        self._clock = clock
        self._under_way: Counter[str] = Counter()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Received, address: str, options: list[str]
    ) -> str:
        domain = address.rpartition("@")[2]
        self._under_way[domain] += 1
        self.most[domain] = max(self.most[domain], self._under_way[domain])
        self.first_at.setdefault(domain, self._clock())
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Received) -> str:  # noqa: N802 - aiosmtpd's name
        await asyncio.sleep(TAKES_SECONDS)
        (address,) = envelope.rcpt_tos
        self.got.append(address)
        self._under_way[address.rpartition("@")[2]] -= 1
        return "250 taken"


class Relay:
    """With the clock of those that use it, twenty times as fast as the real one."""

    def __init__(self) -> None:
        self._started = monotonic()
        self.counting = Counting(self.clock)
        self.server = Server(self.counting)

    def clock(self) -> datetime:
        return SLOT + 20 * timedelta(seconds=monotonic() - self._started)

    def room(self, engine: Engine, settings: Settings) -> Mailroom:
        route = Route(name="near", open=lambda: SmtpTransport(relay_settings(self.server.port)), connections=4)
        return Mailroom(engine=engine, settings=settings, routes=(route,), keys=KEYS, clock=self.clock)


@pytest.fixture
def relay() -> Iterator[Relay]:
    made = Relay()
    made.server.start()
    yield made
    made.server.stop()


def readers_at(engine: Engine, url: str, scarce: int, others: int, limit: int) -> Settings:
    limits = {"scarce": {"match": ["scarce.example"], "connections": limit}}
    settings = ready(engine, url, others, domains=limits, batch=8, lease_seconds=600)
    with engine.begin() as connection:
        for number in range(scarce):
            subscribe(connection, f"reader{number}@scarce.example")
    publish_at(engine, settings)
    return settings


@pytest.mark.parametrize(("workers", "limit"), [(2, 1), (3, 1), (2, 3), (3, 3)])
def test_all_workers_together_keep_to_it(engine: Engine, database_url: str, relay: Relay, workers: int, limit: int) -> None:
    settings = readers_at(engine, database_url, 40, 20, limit)
    begin = Barrier(workers)

    def work(number: int) -> Delivered:
        own = open_database(database_url)
        room = relay.room(own, settings)
        with new_shift(room) as shift:
            begin.wait(timeout=20)
            (stand,) = deliver(room, shift=shift)
        own.dispose()
        return stand

    with ThreadPoolExecutor(workers) as pool:
        stands = list(pool.map(work, range(workers)))
    assert max(stand.tally.accepted for stand in stands) == 60
    assert EditionState.SENT in {stand.edition.state for stand in stands}
    assert len(relay.counting.got) == len(set(relay.counting.got)) == 60
    assert relay.counting.most["scarce.example"] <= limit


def test_what_a_dead_worker_held_is_free_when_its_lease_has_run_out(engine: Engine, database_url: str, relay: Relay) -> None:
    settings = readers_at(engine, database_url, 6, 6, 1)
    now = relay.clock()
    with engine.begin() as connection:
        enrol(connection, "dead", now - timedelta(seconds=40), minutes=1)
        seats.take(connection, "dead", "scarce", 1, among=1, now=now)
    (stand,) = deliver(relay.room(engine, settings))
    assert (stand.edition.state, stand.tally.accepted) == (EditionState.SENT, 12)
    assert relay.counting.most["scarce.example"] == 1
    assert relay.counting.first_at["example.com"] < now + timedelta(seconds=20) <= relay.counting.first_at["scarce.example"]
