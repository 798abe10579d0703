"""Pausing, resuming, cancelling and retrying an edition, beside workers that claim, begin and settle."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, func, insert, select, text, update

from digest import steer
from digest.delivery import queue
from digest.delivery.retry import Backoff
from digest.delivery.settle import settle as settle_all
from digest.delivery.tables import HeldDomainRow, StreakRow
from digest.delivery.tally import tally
from digest.delivery.values import DeliveryState, Outcome, OutcomeKind, Settled, Tally
from digest.editions import store
from digest.editions.tables import EditionRow
from digest.editions.values import EditionState
from digest.errors import WrongState
from digest.straighten import straighten
from subscribers.address import parse_address
from subscribers.audience import audience
from subscribers.consent import Person, Proof, add
from subscribers.erase import erase
from subscribers.tables import SubscriptionState
from tests.delivery.conftest import KEYS, enrol, make_edition, rows

MINUTE = timedelta(minutes=1)
BACKOFF = Backoff(minutes=(2, 10), give_up_hours=1)
ADDRESSES = ("ann@example.com", "bob@example.com", "cy@Harbour.example", "di@sub.harbour.example", "eve@bücher.example")
ACCEPTED = Outcome(kind=OutcomeKind.ACCEPTED, code=250)
DEFERRED = Outcome(kind=OutcomeKind.DEFERRED, code=450)
REFUSED = Outcome(kind=OutcomeKind.REFUSED, code=550, text="no such user")
UNKNOWN = Outcome(kind=OutcomeKind.UNKNOWN)
HELD = Outcome(kind=OutcomeKind.HELD, code=550, text="your network is blocked")


@pytest.fixture
def edition_id(engine: Engine, now: datetime) -> int:
    """An edition with five readers, all queued, and a worker that is alive for two hours."""
    with engine.begin() as connection:
        enrol(connection, "one", now, minutes=120)
        made = make_edition(connection, now)
        for address in ADDRESSES:
            person, proof = Person(address=parse_address(address)), Proof(how="command line")
            add(connection, person, newsletter="weekly", state=SubscriptionState.CONFIRMED, proof=proof, keys=KEYS, now=now)
        assert queue.enqueue(connection, made, audience("weekly", now), now) == 5
    return made


def claim(engine: Engine, edition_id: int, now: datetime, limit: int = 100) -> list[int]:
    with engine.begin() as connection:
        return [one.delivery_id for one in queue.claim(connection, edition_id=edition_id, lease="one", now=now, limit=limit)]


def begin(engine: Engine, ids: list[int], now: datetime) -> frozenset[int]:
    with engine.begin() as connection:
        return queue.begin(connection, "one", dict.fromkeys(ids, "relay"), now)


def settle(engine: Engine, ids: list[int], outcome: Outcome, now: datetime) -> int:
    with engine.begin() as connection:
        return settle_all(connection, "one", [Settled(delivery_id=id_, outcome=outcome) for id_ in ids], BACKOFF, now)


def settled(engine: Engine, edition_id: int, now: datetime, *outcomes: Outcome) -> list[int]:
    """The next deliveries, handed over with these outcomes; their numbers."""
    ids = claim(engine, edition_id, now, limit=len(outcomes))
    assert begin(engine, ids, now) == set(ids)
    for id_, outcome in zip(ids, outcomes, strict=True):
        assert settle(engine, [id_], outcome, now) == 1
    return ids


def become(engine: Engine, edition_id: int, state: EditionState, now: datetime) -> None:
    with engine.begin() as connection:
        connection.execute(update(EditionRow).where(EditionRow.id == edition_id).values(state=state, sent_at=now))


def state_of(engine: Engine, edition_id: int) -> EditionState:
    with engine.begin() as connection:
        return store.get(connection, edition_id).state


def counts(engine: Engine, edition_id: int) -> Tally:
    with engine.begin() as connection:
        return tally(connection, edition_id)


def test_after_a_pause_only_what_was_begun_goes_out(engine: Engine, edition_id: int, now: datetime) -> None:
    ids = claim(engine, edition_id, now, limit=4)
    begin(engine, ids[:1], now)
    paused = steer.pause(engine, edition_id, now, "a wrong date")
    assert (paused.moved, paused.tally) == (3, Tally(queued=4, sending=1))
    assert (paused.edition.state, paused.edition.reason) == (EditionState.PAUSED, "a wrong date")
    assert begin(engine, ids, now + MINUTE) == frozenset()
    assert settle(engine, ids, ACCEPTED, now) == 1
    assert counts(engine, edition_id) == Tally(queued=4, accepted=1)


def test_a_paused_edition_goes_on_where_it_stopped(engine: Engine, edition_id: int, now: datetime) -> None:
    first = settled(engine, edition_id, now, ACCEPTED, ACCEPTED)
    steer.pause(engine, edition_id, now)
    resumed = steer.resume(engine, edition_id, now + MINUTE)
    assert (resumed.edition.state, resumed.edition.reason, resumed.moved) == (EditionState.SENDING, "", 0)
    rest = settled(engine, edition_id, now + MINUTE, ACCEPTED, ACCEPTED, ACCEPTED)
    assert len({*first, *rest}) == 5
    assert counts(engine, edition_id) == Tally(accepted=5)


def test_a_pause_waits_for_a_claim_in_progress_and_takes_it_back(engine: Engine, edition_id: int, now: datetime) -> None:
    """Whoever locks the edition for a claim is waited for: nothing slips through between the pause and the taking back."""
    locked, go = threading.Event(), threading.Event()

    def worker() -> list[int]:
        with engine.begin() as connection:
            assert store.lock_sending(connection, edition_id)
            locked.set()
            assert go.wait(30)
            return [one.delivery_id for one in queue.claim(connection, edition_id=edition_id, lease="one", now=now, limit=100)]

    with ThreadPoolExecutor(2) as pool:
        claiming = pool.submit(worker)
        assert locked.wait(30)
        pausing = pool.submit(steer.pause, engine, edition_id, now)
        if engine.dialect.name == "postgresql":
            wait_for_one_that_waits(engine)
        go.set()
        ids, paused = claiming.result(), pausing.result()
    assert (len(ids), paused.moved) == (5, 5)
    assert begin(engine, ids, now) == frozenset()
    assert counts(engine, edition_id) == Tally(queued=5)


def wait_for_one_that_waits(engine: Engine) -> None:
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
    with engine.connect() as connection:
        while not connection.scalar(waiting):
            connection.rollback()


def test_of_a_mark_and_a_pause_at_once_one_comes_first(engine: Engine, edition_id: int, now: datetime) -> None:
    """Either it is begun, and the pause counts it as under way, or it is taken back, and its worker must not hand it over."""
    ids = claim(engine, edition_id, now)
    together = threading.Barrier(2)

    def mark() -> int:
        together.wait()
        return sum(len(begin(engine, [id_], now)) for id_ in ids)

    def stop() -> steer.Steered:
        together.wait()
        return steer.pause(engine, edition_id, now)

    with ThreadPoolExecutor(2) as pool:
        marking, stopping = pool.submit(mark), pool.submit(stop)
        assert marking.result() + stopping.result().moved == 5
    assert counts(engine, edition_id).sending == stopping.result().tally.sending == marking.result()


def test_a_cancelled_edition_sends_nothing_more_and_its_rows_add_up(engine: Engine, edition_id: int, now: datetime) -> None:
    settled(engine, edition_id, now, ACCEPTED, HELD)
    ids = claim(engine, edition_id, now, limit=2)
    begin(engine, ids[:1], now)
    cancelled = steer.cancel(engine, edition_id, now, "the wrong list")
    assert (cancelled.moved, cancelled.tally) == (3, Tally(accepted=1, sending=1, cancelled=3))
    assert (cancelled.edition.state, cancelled.edition.reason) == (EditionState.CANCELLED, "the wrong list")
    assert begin(engine, ids, now + MINUTE) == frozenset()
    assert settle(engine, ids, ACCEPTED, now) == 1
    assert claim(engine, edition_id, now + 60 * MINUTE) == []
    stand = counts(engine, edition_id)
    assert stand == Tally(accepted=2, cancelled=3)
    assert (stand.total, stand.open) == (5, 0)


def test_a_paused_edition_can_be_cancelled(engine: Engine, edition_id: int, now: datetime) -> None:
    steer.pause(engine, edition_id, now)
    assert steer.cancel(engine, edition_id, now).tally == Tally(cancelled=5)


def test_exactly_what_was_refused_is_sent_again(engine: Engine, edition_id: int, now: datetime) -> None:
    ids = settled(engine, edition_id, now, ACCEPTED, REFUSED, UNKNOWN, REFUSED, ACCEPTED)
    become(engine, edition_id, EditionState.SENT, now)
    again = steer.retry(engine, edition_id, [DeliveryState.REFUSED], now + MINUTE)
    assert (again.moved, again.tally) == (2, Tally(queued=2, accepted=2, unknown=1))
    assert (again.edition.state, again.edition.sent_at) == (EditionState.SENDING, None)
    assert settled(engine, edition_id, now + MINUTE, ACCEPTED, ACCEPTED) == [ids[1], ids[3]]
    assert claim(engine, edition_id, now + MINUTE) == []


def test_exactly_what_is_unknown_is_sent_again(engine: Engine, edition_id: int, now: datetime) -> None:
    ids = settled(engine, edition_id, now, ACCEPTED, REFUSED, UNKNOWN)
    assert steer.retry(engine, edition_id, [DeliveryState.UNKNOWN], now).tally == Tally(queued=3, accepted=1, refused=1)
    assert ids[2] in claim(engine, edition_id, now)
    assert settle(engine, [ids[2]], ACCEPTED, now) == 1
    assert state_of(engine, edition_id) is EditionState.SENDING


def test_with_nothing_to_retry_a_sent_edition_stays_as_it_is(engine: Engine, edition_id: int, now: datetime) -> None:
    settled(engine, edition_id, now, *[ACCEPTED] * 5)
    become(engine, edition_id, EditionState.SENT, now)
    again = steer.retry(engine, edition_id, [DeliveryState.REFUSED], now + MINUTE)
    assert (again.moved, again.edition.state, again.edition.sent_at) == (0, EditionState.SENT, now)


def test_a_retried_edition_still_ends_the_window_of_the_next(engine: Engine, edition_id: int, now: datetime) -> None:
    settled(engine, edition_id, now, *[REFUSED] * 5)
    become(engine, edition_id, EditionState.SENT, now)
    steer.retry(engine, edition_id, [DeliveryState.REFUSED], now)
    with engine.begin() as connection:
        last = store.last_out(connection, "weekly", "weekly", now + timedelta(days=7))
    assert last is not None and last.id == edition_id


def test_a_paused_edition_that_is_retried_waits_until_it_is_resumed(engine: Engine, edition_id: int, now: datetime) -> None:
    settled(engine, edition_id, now, REFUSED, REFUSED)
    steer.pause(engine, edition_id, now, "2 refusals in a row")
    again = steer.retry(engine, edition_id, [DeliveryState.REFUSED], now)
    assert (again.moved, again.edition.state, again.edition.reason) == (2, EditionState.PAUSED, "2 refusals in a row")
    assert steer.resume(engine, edition_id, now).tally == Tally(queued=5)


def hold(engine: Engine, edition_id: int, now: datetime) -> None:
    """All five are held, with the domains they are held for."""
    settled(engine, edition_id, now, *[HELD] * 5)
    with engine.begin() as connection:
        for domain in ("example.com", "harbour.example", "sub.harbour.example", "bücher.example"):
            connection.execute(insert(HeldDomainRow).values(edition_id=edition_id, domain=domain, code=550, text=HELD.text, at=now))


@pytest.mark.parametrize(
    ("domain", "left"),
    [
        (None, []),
        ("EXAMPLE.com", ["bücher.example", "harbour.example", "sub.harbour.example"]),
        ("harbour.example", ["bücher.example", "example.com", "sub.harbour.example"]),
        ("BÜCHER.example", ["example.com", "harbour.example", "sub.harbour.example"]),
    ],
)
def test_what_is_held_is_let_go(engine: Engine, edition_id: int, now: datetime, domain: str | None, left: list[str]) -> None:
    hold(engine, edition_id, now)
    moved = sum(domain is None or address.lower().endswith(f"@{domain.lower()}") for address in ADDRESSES)
    resumed = steer.resume(engine, edition_id, now + MINUTE, domain)
    assert (resumed.moved, resumed.tally, resumed.edition.state) == (moved, Tally(queued=moved, held=5 - moved), EditionState.SENDING)
    with engine.begin() as connection:
        assert list(connection.scalars(select(HeldDomainRow.domain).order_by(HeldDomainRow.domain))) == left
        let_go = [row for row in rows(connection) if row.state is DeliveryState.QUEUED]
    assert {(row.attempts, row.next_at, row.settled_at, row.begun_at, row.lease) for row in let_go} == {(0, now + MINUTE, None, None, "")}


@pytest.mark.parametrize("domain", ["%", "_xample.com", "example", "com", "ann@example.com", "nowhere.example"])
def test_a_domain_of_which_nothing_is_held_is_said(engine: Engine, edition_id: int, now: datetime, domain: str) -> None:
    hold(engine, edition_id, now)
    with pytest.raises(WrongState, match="nothing of it is held for"):
        steer.resume(engine, edition_id, now, domain)
    assert counts(engine, edition_id) == Tally(held=5)
    with engine.begin() as connection:
        assert connection.scalar(select(func.count()).select_from(HeldDomainRow)) == 4


def test_a_paused_edition_goes_on_and_only_one_domain_is_let_go(engine: Engine, edition_id: int, now: datetime) -> None:
    hold(engine, edition_id, now)
    steer.pause(engine, edition_id, now)
    resumed = steer.resume(engine, edition_id, now, "example.com")
    assert (resumed.edition.state, resumed.tally) == (EditionState.SENDING, Tally(queued=2, held=3))


def test_a_held_reader_who_was_erased_is_let_go_with_the_rest_and_skipped(engine: Engine, edition_id: int, now: datetime) -> None:
    hold(engine, edition_id, now)
    with engine.begin() as connection:
        erase(connection, parse_address(ADDRESSES[0]), keys=KEYS, now=now)
    assert steer.resume(engine, edition_id, now).moved == 5
    assert len(claim(engine, edition_id, now)) == 4
    assert counts(engine, edition_id) == Tally(sending=4, skipped=1)


def test_refusals_of_before_do_not_count_towards_the_next_pause(engine: Engine, edition_id: int, now: datetime) -> None:
    with engine.begin() as connection:
        connection.execute(insert(StreakRow).values(edition_id=edition_id, number=50))
    steer.pause(engine, edition_id, now)
    steer.resume(engine, edition_id, now)
    with engine.begin() as connection:
        assert list(connection.scalars(select(StreakRow.number))) == []


STEPS = {
    "pause": steer.pause,
    "resume": steer.resume,
    "cancel": steer.cancel,
    "retry": lambda engine, edition_id, now: steer.retry(engine, edition_id, [DeliveryState.REFUSED], now),
}


@pytest.mark.parametrize(
    ("step", "state", "said"),
    [
        ("pause", EditionState.PAUSED, "cannot be paused: it is paused. It can be resumed or cancelled"),
        ("pause", EditionState.SENT, "cannot be paused: it is sent. What was refused or is unknown can be retried"),
        ("pause", EditionState.SKIPPED, "cannot be paused: it is skipped. It has not been sent to anybody"),
        ("resume", EditionState.SENT, "cannot be resumed: it is sent"),
        ("resume", EditionState.SENDING, "is being sent, and nothing of it is held: there is nothing to resume"),
        ("resume", EditionState.CANCELLED, "cannot be resumed: it is cancelled. Nothing more goes out of it"),
        ("cancel", EditionState.SENT, "cannot be cancelled: it is sent"),
        ("cancel", EditionState.CANCELLED, "cannot be cancelled: it is cancelled"),
        ("retry", EditionState.CANCELLED, "cannot be retried: it is cancelled"),
        ("retry", EditionState.DRAFT, "cannot be retried: it is draft"),
    ],
)
def test_a_wrong_state_is_said_and_nothing_is_changed(engine: Engine, now: datetime, step: str, state: EditionState, said: str) -> None:
    with engine.begin() as connection:
        edition_id = make_edition(connection, now)
    become(engine, edition_id, state, now)
    with pytest.raises(WrongState, match=f"The edition weekly 2026-11-23 07:00 UTC {said}"):
        STEPS[step](engine, edition_id, now)
    assert state_of(engine, edition_id) is state


def test_what_is_put_off_after_the_edition_was_cancelled_is_cancelled(engine: Engine, edition_id: int, now: datetime) -> None:
    ids = claim(engine, edition_id, now, limit=1)
    begin(engine, ids, now)
    steer.cancel(engine, edition_id, now)
    assert straighten(engine, now) == 1
    assert counts(engine, edition_id) == Tally(sending=1, cancelled=4)
    settle(engine, ids, DEFERRED, now)
    assert counts(engine, edition_id) == Tally(queued=1, deferred=1, cancelled=4)
    assert [straighten(engine, now), straighten(engine, now)] == [1, 0]
    assert counts(engine, edition_id) == Tally(cancelled=5)


def test_what_a_dead_worker_had_under_way_of_a_cancelled_edition_is_unknown(engine: Engine, edition_id: int, now: datetime) -> None:
    begin(engine, claim(engine, edition_id, now, limit=2), now)
    steer.cancel(engine, edition_id, now)
    straighten(engine, now + 121 * MINUTE)
    assert counts(engine, edition_id) == Tally(unknown=2, cancelled=3)
    assert straighten(engine, now + 121 * MINUTE) == 0


def test_a_late_word_that_asks_for_another_try_opens_a_sent_edition_again(engine: Engine, edition_id: int, now: datetime) -> None:
    ids = settled(engine, edition_id, now, *[UNKNOWN] * 5)
    become(engine, edition_id, EditionState.SENT, now)
    assert straighten(engine, now) == 0
    settle(engine, ids[:2], DEFERRED, now)
    assert straighten(engine, now) == 1
    with engine.begin() as connection:
        edition = store.get(connection, edition_id)
    assert (edition.state, edition.sent_at) == (EditionState.SENDING, None)
    assert straighten(engine, now) == 0
