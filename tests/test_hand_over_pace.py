"""What the pace of relays and domains does to a whole hand-over: who gets how many, who waits, and what pauses an edition."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import Engine

from digest import steer
from digest.deliver import Delivered, deliver
from digest.delivery import domains, relays
from digest.delivery.memory import MemoryTransport, accept
from digest.delivery.route import Route
from digest.delivery.steps import Later, Steps
from digest.delivery.values import Envelope, Outcome, OutcomeKind, Step
from digest.editions.values import EditionState
from digest.errors import TransportDown
from digest.hand_over.mailroom import Mailroom
from digest.settings import Settings, parse
from tests.test_deliver import KEYS, SLOT, Clock, fill, publish_at, settings_for, subscribe

NOT_SIGNED = Outcome(kind=OutcomeKind.REFUSED, code=550, text="5.7.515 Access denied, domain does not meet the required level", step=Step.RCPT)
NOBODY = Outcome(kind=OutcomeKind.REFUSED, code=550, text="5.1.1 nobody here", step=Step.RCPT)
TOO_MANY = Outcome(kind=OutcomeKind.DEFERRED, code=421, text="4.7.0 too many mails, try later", step=Step.END)


def ready(engine: Engine, url: str, readers: int, at: str = "example.com", **delivery: Any) -> Settings:
    fill(engine, readers=0)
    with engine.begin() as connection:
        for number in range(readers):
            subscribe(connection, f"reader{number}@{at}")
    given = parse({"delivery": {"connections": 2, **delivery}}, folder=settings_for(url).folder).delivery
    return settings_for(url).model_copy(update={"delivery": given})


def run(engine: Engine, settings: Settings, *routes: Route, clock: Callable[[], Any] = lambda: SLOT) -> Delivered:
    (stand,) = deliver(Mailroom(engine=engine, settings=settings, routes=routes, keys=KEYS, clock=clock))
    return stand


def route(name: str, transport: MemoryTransport, **given: Any) -> Route:
    return Route(name=name, open=lambda: transport, **{"connections": 2, **given})


def down(envelope: Envelope) -> Outcome:
    raise TransportDown("The relay far cannot be reached: no answer.")


def by_domain(answers: dict[str, Outcome]) -> Callable[[Envelope], Outcome]:
    return lambda envelope: answers.get(envelope.recipient.rpartition("@")[2]) or accept(envelope)


def recipients(*transports: MemoryTransport) -> Counter[str]:
    return Counter(envelope.recipient for transport in transports for envelope in transport.sent)


def test_mails_are_shared_out_by_weight(engine: Engine, database_url: str) -> None:
    settings = ready(engine, database_url, 40)
    publish_at(engine, settings)
    near, far = MemoryTransport(), MemoryTransport()
    stand = run(engine, settings, route("near", near, weight=3), route("far", far))
    assert (stand.edition.state, stand.tally.accepted) == (EditionState.SENT, 40)
    assert (len(near.sent), len(far.sent)) == (30, 10)
    assert set(recipients(near, far).values()) == {1}


def test_a_relay_that_is_down_leaves_its_mails_to_the_others(engine: Engine, database_url: str) -> None:
    settings = ready(engine, database_url, 20)
    publish_at(engine, settings)
    near = MemoryTransport()
    stand = run(engine, settings, route("near", near), route("far", MemoryTransport(down)))
    assert (stand.edition.state, stand.tally.accepted, stand.failure) == (EditionState.SENT, 20, "")
    assert set(recipients(near).values()) == {1}
    with engine.begin() as connection:
        (shut,) = relays.shut_relays(connection, SLOT)
    assert (shut.name, shut.strikes, shut.until) == ("far", 1, SLOT + timedelta(seconds=15))


def test_when_all_relays_are_down_it_is_said_and_nothing_is_lost(engine: Engine, database_url: str) -> None:
    settings = ready(engine, database_url, 4)
    publish_at(engine, settings)
    stand = run(engine, settings, route("near", MemoryTransport(down)), route("far", MemoryTransport(down)))
    assert "cannot be reached" in stand.failure
    assert (stand.tally.queued, stand.tally.deferred) == (4, 0)
    after = MemoryTransport()
    assert run(engine, settings, route("near", after), clock=lambda: SLOT + timedelta(minutes=1)).tally.accepted == 4


def test_a_new_relay_is_warmed_up_day_by_day(engine: Engine, database_url: str) -> None:
    settings = ready(engine, database_url, 9)
    publish_at(engine, settings)
    transport, clock = MemoryTransport(), Clock()
    new = route("new", transport, warm_up=(2, 4))
    stand = run(engine, settings, new, clock=clock)
    assert (stand.tally.accepted, stand.tally.queued) == (2, 7)
    assert stand.waits_for == "day 1 of its warm-up: 2 mails"
    assert stand.next_at == (SLOT + timedelta(days=1)).replace(hour=0)
    counts = []
    for _ in range(2):
        clock.now += timedelta(days=1)
        counts.append(run(engine, settings, new, clock=clock).tally.accepted)
    assert counts == [6, 9]
    assert set(recipients(transport).values()) == {1}


def test_a_limit_a_minute_is_kept_over_runs(engine: Engine, database_url: str) -> None:
    settings = ready(engine, database_url, 5)
    publish_at(engine, settings)
    transport, clock = MemoryTransport(), Clock()
    slow = route("slow", transport, per_minute=0.5)
    counts = []
    for _ in range(4):
        counts.append(run(engine, settings, slow, clock=clock).tally.accepted)
        clock.now += timedelta(minutes=1)
    assert counts == [1, 1, 2, 2]


def test_a_domain_that_refuses_us_as_a_sender_is_held_and_the_others_get_their_mail(engine: Engine, database_url: str) -> None:
    settings = ready(engine, database_url, 6)
    with engine.begin() as connection:
        for number in range(5):
            subscribe(connection, f"reader{number}@outlook.example")
    publish_at(engine, settings)
    transport = MemoryTransport(by_domain({"outlook.example": NOT_SIGNED}))
    stand = run(engine, settings, route("near", transport))
    assert (stand.edition.state, stand.tally.accepted, stand.tally.held, stand.tally.refused) == (EditionState.SENDING, 6, 5, 0)
    with engine.begin() as connection:
        (held,) = domains.held_domains(connection, stand.edition.id)
    assert (held.domain, held.code) == ("outlook.example", 550)
    assert "5.7.515" in held.text
    mended = MemoryTransport()
    steer.resume(engine, stand.edition.id, SLOT, domain="outlook.example")
    stand = run(engine, settings, route("near", mended))
    assert (stand.edition.state, stand.tally.accepted, stand.tally.held) == (EditionState.SENT, 11, 0)
    assert len(mended.sent) == 5


def test_too_many_refusals_in_a_row_pause_the_edition(engine: Engine, database_url: str) -> None:
    settings = ready(engine, database_url, 30, pause_after_refusals=5)
    publish_at(engine, settings)
    stand = run(engine, settings, route("near", MemoryTransport(lambda envelope: NOBODY)))
    assert stand.edition.state is EditionState.PAUSED
    assert "5 refusals in a row" in stand.edition.reason
    assert "5.1.1" in stand.edition.reason
    assert 5 <= stand.tally.refused <= 5 + 4  # and what was marked meanwhile for the two connections
    assert stand.tally.refused + stand.tally.queued == 30


def test_a_relay_that_rejects_the_sender_pauses_the_edition_and_no_reader_is_refused(engine: Engine, database_url: str) -> None:
    settings = ready(engine, database_url, 10)
    publish_at(engine, settings)
    rejected = Outcome(kind=OutcomeKind.REFUSED, code=553, text="5.7.1 Sender address rejected: not owned by user", step=Step.MAIL)
    stand = run(engine, settings, route("near", MemoryTransport(lambda envelope: rejected)))
    assert (stand.edition.state, stand.tally.refused, stand.tally.queued) == (EditionState.PAUSED, 0, 10)
    assert "Sender address rejected" in stand.edition.reason


def test_421_slows_that_domain_only(engine: Engine, database_url: str) -> None:
    settings = ready(engine, database_url, 8)
    with engine.begin() as connection:
        subscribe(connection, "one@busy.example")
    publish_at(engine, settings)
    transport = MemoryTransport(by_domain({"busy.example": TOO_MANY}))
    stand = run(engine, settings, route("near", transport))
    assert (stand.tally.accepted, stand.tally.deferred) == (8, 1)
    with engine.begin() as connection:
        (slowed,) = domains.slowed(connection, SLOT)
    assert (slowed.name, slowed.strikes) == ("busy.example", 1)


class Slow(MemoryTransport):
    """Takes a moment for each mail, and counts how many are under way at once, by domain."""

    under_way: Counter[str] = Counter()
    most: Counter[str] = Counter()

    def hand_over(self, envelope: Envelope, following: Envelope | None = None) -> Steps[Outcome]:
        domain = envelope.recipient.rpartition("@")[2]
        with self._counted(domain):
            yield Later(monotonic() + 0.002)
            return (yield from super().hand_over(envelope, following))

    @contextmanager
    def _counted(self, domain: str) -> Iterator[None]:
        self.under_way[domain] += 1
        self.most[domain] = max(self.most[domain], self.under_way[domain])
        yield
        self.under_way[domain] -= 1


@pytest.mark.parametrize("limit", [1, 2])
def test_a_domain_gets_no_more_connections_than_it_may(engine: Engine, database_url: str, limit: int) -> None:
    settings = ready(engine, database_url, 12, domains={"scarce": {"match": ["scarce.example"], "connections": limit}})
    with engine.begin() as connection:
        for number in range(12):
            subscribe(connection, f"reader{number}@scarce.example")
    publish_at(engine, settings)
    transport = Slow()
    transport.under_way, transport.most = Counter(), Counter()
    stand = run(engine, settings, route("near", transport, connections=6))
    assert (stand.edition.state, stand.tally.accepted) == (EditionState.SENT, 24)
    assert transport.most["scarce.example"] == limit
    assert transport.most["example.com"] > limit


def test_a_domain_s_messages_for_each_connection_are_counted(engine: Engine, database_url: str) -> None:
    settings = ready(engine, database_url, 10, domains={"fussy": {"match": ["example.com"], "messages_per_connection": 3}})
    publish_at(engine, settings)
    opened: list[MemoryTransport] = []

    def fresh() -> MemoryTransport:
        opened.append(MemoryTransport())
        return opened[-1]

    stand = run(engine, settings, replace(route("near", MemoryTransport()), open=fresh, connections=1))
    assert stand.tally.accepted == 10
    assert [len(transport.sent) for transport in opened] == [3, 3, 3, 1]
