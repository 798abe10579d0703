"""Several workers, slow workers, and what changes while a batch is under way: nobody gets two mails, nobody gets what was taken back."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, select

from digest import steer
from digest.content.store import withdraw_articles
from digest.content.tables import ArticleRow
from digest.deliver import Delivered, deliver, new_shift
from digest.delivery.memory import MemoryTransport, accept
from digest.delivery.tally import tally
from digest.delivery.values import Envelope, Outcome, OutcomeKind, Step
from digest.editions import store
from digest.editions.values import EditionState
from digest.errors import SettingsError
from digest.hand_over.mailroom import Mailroom
from digest.newsletter import Newsletter
from digest.publish import publish
from digest.refresh import refresh
from digest.settings import Settings
from digest.worker import work_until
from subscribers.address import parse_address
from subscribers.consent import Person, Proof, add, unsubscribe
from subscribers.erase import erase
from subscribers.people import find_reader
from subscribers.suppression import suppress
from subscribers.tables import SubscriptionState, SuppressionReason
from tests.test_deliver import KEYS, SLOT, Clock, fill, publish_at, room_for, room_with, settings_for

Answer = Callable[[Envelope], Outcome]


def with_delivery(settings: Settings, **given: Any) -> Settings:
    """One connection unless said otherwise, so that the order is known."""
    return settings.model_copy(update={"delivery": settings.delivery.model_copy(update={"connections": 1, **given})})


def ready(engine: Engine, database_url: str, *, readers: int, articles: int = 6, **delivery: Any) -> Settings:
    settings = with_delivery(settings_for(database_url), **delivery)
    fill(engine, articles=articles, readers=readers)
    publish_at(engine, settings)
    return settings


def once(act: Callable[[], object], number: int = 1) -> Answer:
    """Accepts everything; while the `number`-th message is under way, `act` happens."""
    seen: list[str] = []

    def answer(envelope: Envelope) -> Outcome:
        seen.append(envelope.recipient)
        if len(seen) == number:
            act()
        return accept(envelope)

    return answer


def recipients(*transports: MemoryTransport) -> Counter[str]:
    return Counter(envelope.recipient for transport in transports for envelope in transport.sent)


def everybody(readers: int) -> dict[str, int]:
    return {f"reader{number}@example.com": 1 for number in range(readers)}


def deliver_one(room: Mailroom) -> Delivered:
    (stand,) = deliver(room)
    return stand


def test_a_slow_relay_takes_longer_than_a_lease_and_all_get_their_mail(engine: Engine, database_url: str) -> None:
    settings = ready(engine, database_url, readers=9, lease_seconds=120)
    clock = Clock()

    def slowly(envelope: Envelope) -> Outcome:
        clock.now += timedelta(seconds=50)
        return accept(envelope)

    transport = MemoryTransport(slowly)
    stand = deliver_one(room_for(engine, settings, transport, clock))
    assert (stand.edition.state, stand.tally.accepted, stand.tally.unknown) == (EditionState.SENT, 9, 0)
    assert recipients(transport) == everybody(9)


def test_a_worker_taken_for_dead_that_wakes_up_says_what_it_knows(engine: Engine, database_url: str) -> None:
    settings = ready(engine, database_url, readers=4)
    clock, other = Clock(), MemoryTransport()
    stands: list[Delivered] = []

    def oversleep() -> None:
        clock.now += timedelta(hours=1)
        stands.append(deliver_one(room_for(engine, settings, other, clock)))

    slow = MemoryTransport(once(oversleep))
    late = deliver_one(room_for(engine, settings, slow, clock))
    assert stands[0].edition.state is EditionState.SENT
    assert (stands[0].tally.accepted, stands[0].tally.unknown) == (3, 1)
    assert (late.tally.accepted, late.tally.unknown) == (4, 0)
    assert recipients(slow, other) == everybody(4)
    assert len(slow.sent) == 1


def test_a_late_word_that_a_mail_was_put_off_reopens_the_edition(engine: Engine, database_url: str) -> None:
    settings = ready(engine, database_url, readers=4)
    clock, other = Clock(), MemoryTransport()
    seen: list[EditionState] = []

    def oversleep(envelope: Envelope) -> Outcome:
        if not seen:
            clock.now += timedelta(hours=1)
            seen.append(deliver_one(room_for(engine, settings, other, clock)).edition.state)
            return Outcome(kind=OutcomeKind.DEFERRED, code=450, text="4.2.1 later", step=Step.END)
        return accept(envelope)

    late = deliver_one(room_for(engine, settings, MemoryTransport(oversleep), clock))
    assert seen == [EditionState.SENT]
    assert (late.edition.state, late.tally.accepted, late.tally.queued, late.tally.unknown) == (EditionState.SENDING, 3, 1, 0)


def test_with_resend_the_doubled_mail_is_the_same(engine: Engine, database_url: str) -> None:
    settings = with_delivery(settings_for(database_url, on_unknown="resend"))
    fill(engine, readers=3)
    publish_at(engine, settings)
    clock, other = Clock(), MemoryTransport()

    def oversleep() -> None:
        clock.now += timedelta(hours=1)
        deliver(room_for(engine, settings, other, clock))

    slow = MemoryTransport(once(oversleep))
    stand = deliver_one(room_for(engine, settings, slow, clock))
    assert stand.tally.accepted == 3
    assert recipients(other) == everybody(3)
    assert slow.sent == [envelope for envelope in other.sent if envelope.recipient == slow.sent[0].recipient]


def leave(connection: Connection, reader: str) -> None:
    found = find_reader(connection, "weekly", reader)
    assert found is not None
    unsubscribe(connection, found.subscription_token, how="one-click", now=SLOT)


def complain(connection: Connection, reader: str) -> None:
    suppress(connection, parse_address(reader), reason=SuppressionReason.COMPLAINT, keys=KEYS, now=SLOT)


def be_forgotten(connection: Connection, reader: str) -> None:
    erase(connection, parse_address(reader), keys=KEYS, now=SLOT)


@pytest.mark.parametrize("way", [leave, complain, be_forgotten])
def test_who_leaves_between_two_mails_of_a_batch_gets_none(engine: Engine, database_url: str, way: Callable[[Connection, str], None]) -> None:
    settings = ready(engine, database_url, readers=4)

    def act() -> None:
        with engine.begin() as connection:
            way(connection, "reader2@example.com")

    transport = MemoryTransport(once(act, number=2))
    stand = deliver_one(room_for(engine, settings, transport))
    assert recipients(transport) == {reader: 1 for reader in everybody(4) if not reader.startswith("reader2")}
    assert (stand.edition.state, stand.tally.accepted, stand.tally.skipped, stand.tally.total) == (EditionState.SENT, 3, 1, 4)


def edition_of(engine: Engine) -> store.StoredEdition:
    with engine.begin() as connection:
        (edition,) = store.latest(connection)
    return edition


def lead_key(engine: Engine) -> str:
    with engine.begin() as connection:
        picks: Any = store.load_choice(connection, edition_of_in(connection))["picks"]
        lead = next(pick["id"] for pick in picks if pick["place"] == "lead")
        return connection.scalars(select(ArticleRow.key).where(ArticleRow.id == lead)).one()


def edition_of_in(connection: Connection) -> int:
    (edition,) = store.latest(connection)
    return edition.id


def test_what_another_worker_took_out_leaves_this_one_s_mails_too(engine: Engine, database_url: str) -> None:
    settings = ready(engine, database_url, readers=3, articles=12, batch=1)
    lead = lead_key(engine)

    def elsewhere() -> None:
        with engine.begin() as connection:
            withdraw_articles(connection, "site", [lead])
        assert refresh(engine, settings, settings.newsletter("weekly"), edition_of(engine), now=SLOT)

    transport = MemoryTransport(once(elsewhere))
    assert deliver_one(room_for(engine, settings, transport)).tally.accepted == 3
    shown = [f"house {lead[1:]} and".encode() in envelope.data.replace(b"=\r\n", b"") for envelope in transport.sent]
    assert shown == [True, False, False]


@pytest.mark.parametrize("stop", [steer.pause, steer.cancel])
def test_an_edition_that_is_stopped_elsewhere_stops_here(engine: Engine, database_url: str, stop: Callable[..., steer.Steered]) -> None:
    settings = ready(engine, database_url, readers=3)
    transport = MemoryTransport(once(lambda: stop(engine, edition_of(engine).id, SLOT)))
    stand = deliver_one(room_for(engine, settings, transport))
    assert (stand.edition.state, stand.tally.accepted) == (EditionState.PAUSED if stop is steer.pause else EditionState.CANCELLED, 1)
    assert stand.tally.queued + stand.tally.cancelled == 2
    assert deliver(room_for(engine, settings, transport)) == ()
    assert len(transport.sent) == 1


def test_many_refresh_at_once_and_it_is_done_once(engine: Engine, database_url: str) -> None:
    settings = ready(engine, database_url, readers=1, articles=12)
    edition, lead = edition_of(engine), lead_key(engine)
    with engine.begin() as connection:
        withdraw_articles(connection, "site", [lead])
    together = threading.Barrier(3)

    def work() -> bool:
        together.wait()
        return refresh(engine, settings, settings.newsletter("weekly"), edition, now=SLOT)

    with ThreadPoolExecutor(3) as pool:
        changed = [worker.result() for worker in [pool.submit(work) for _ in range(3)]]
    assert sorted(changed) == [False, False, True]
    assert edition_of(engine).revision == edition.revision + 1


def test_many_deliver_at_once_while_the_lead_is_taken_back(engine: Engine, database_url: str) -> None:
    settings = ready(engine, database_url, readers=40, articles=12, batch=3, connections=2)
    lead = lead_key(engine)

    def take_back() -> None:
        with engine.begin() as connection:
            withdraw_articles(connection, "site", [lead])

    transports = [MemoryTransport(once(take_back, number=5)) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        # Who comes when the others are done finds nothing that is being sent.
        runs = list(pool.map(lambda transport: deliver(room_for(engine, settings, transport)), transports))
    stands = [stand for run in runs for stand in run]
    assert recipients(*transports) == everybody(40)
    assert {(stand.edition.state, stand.tally.accepted) for stand in stands} == {(EditionState.SENT, 40)}


class Patience(threading.Event):
    """Set once it was asked so many times."""

    def __init__(self, looks: int) -> None:
        super().__init__()
        self._left = looks

    def is_set(self) -> bool:
        self._left -= 1
        return self._left < 0 or super().is_set()


def away(engine: Engine, statement: str) -> list[str]:
    """The database goes away at the first such statement: PostgreSQL ends the connection, SQLite does not find its table. Says at which."""
    gone: list[str] = []
    instead = "SELECT pg_terminate_backend(pg_backend_pid())" if engine.dialect.name == "postgresql" else "SELECT * FROM gone_away"

    def fail(connection: object, cursor: object, said: str, values: object, *rest: object) -> tuple[str, object]:
        if statement not in said or gone:
            return said, values
        gone.append(said)
        return instead, [()] if rest[-1] else ()  # the last says whether it is to be executed with many rows

    event.listen(engine, "before_cursor_execute", fail, retval=True)
    return gone


@pytest.mark.parametrize(("statement", "unknown"), [("FROM editions", 0), ("lease=", 0), ("SET begun_at", 0), ("AND (deliveries.state = ", 0)])
def test_a_database_that_is_away_is_waited_for(engine: Engine, database_url: str, statement: str, unknown: int) -> None:
    """In turn: looking, claiming, beginning, settling. What the relay said is not lost either: it is written down when the database is back."""
    settings = ready(engine, database_url, readers=3, connections=2, lease_seconds=1)
    settings = settings.model_copy(update={"run": settings.run.model_copy(update={"deliver_seconds": 0.01})})
    transport, clock = MemoryTransport(), Clock()

    def tick() -> datetime:
        clock.now += timedelta(milliseconds=20)  # so that leases run out
        return clock.now

    gone = away(engine, statement)
    room = room_with(engine, settings, lambda: transport, tick, stop=Patience(100))
    with new_shift(room) as shift:
        work_until(room, shift)
    assert len(gone) == 1
    with engine.begin() as connection:
        stand = tally(connection, 1)
    assert edition_of(engine).state is EditionState.SENT
    assert recipients(transport) == everybody(3)
    assert (stand.accepted, stand.unknown, stand.total) == (3 - unknown, unknown, 3)


def test_one_edition_s_trouble_is_not_the_others_(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url)
    weekly = settings.newsletter("weekly")
    evening = Newsletter.model_validate({**weekly.model_dump(by_alias=True), "slug": "evening", "title": "Evening"})
    settings = with_delivery(settings.model_copy(update={"newsletters": {"weekly": weekly, "evening": evening}}))
    fill(engine, articles=12, readers=2)
    with engine.begin() as connection:
        person = Person(address=parse_address("night@example.com"))
        proof = Proof(how="test")
        add(connection, person, newsletter="evening", state=SubscriptionState.CONFIRMED, proof=proof, keys=KEYS, now=SLOT)
    publish_at(engine, settings)
    publish(engine, settings, evening, SLOT, now=SLOT)
    transport = MemoryTransport()
    opened: list[int] = []

    def open_transport() -> MemoryTransport:
        opened.append(1)
        if len(opened) == 1:
            raise SettingsError("The password file relay.txt cannot be read: No such file or directory.")
        return transport

    room = room_with(engine, settings, open_transport)
    stands = {stand.edition.newsletter: stand for stand in deliver(room)}
    assert "password file" in stands["weekly"].failure
    assert (stands["weekly"].tally.queued, stands["evening"].edition.state) == (2, EditionState.SENT)
