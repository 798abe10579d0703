"""The queue: at most one hand-over per row, nothing lost, nothing hidden."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, delete, event, select

from digest.delivery import queue, workers
from digest.delivery.queue import Released
from digest.delivery.retry import Backoff
from digest.delivery.settle import settle as settle_all
from digest.delivery.tables import DeliveryRow
from digest.delivery.tally import next_due, tally, unsettled
from digest.delivery.values import Claimed, DeliveryState, Outcome, OutcomeKind, Settled, Tally
from subscribers.address import parse_address
from subscribers.audience import audience
from subscribers.consent import unsubscribe
from subscribers.erase import erase
from subscribers.suppression import suppress
from subscribers.tables import Subscriber, SuppressionReason
from tests.delivery.conftest import KEYS, enrol, make_edition, make_readers, rows

MINUTE = timedelta(minutes=1)
BACKOFF = Backoff(minutes=(2, 10), give_up_hours=1)
ACCEPTED = Outcome(kind=OutcomeKind.ACCEPTED, code=250, text="queued as 7F")
DEFERRED = Outcome(kind=OutcomeKind.DEFERRED, code=450, text="greylisted, come back later")
REFUSED = Outcome(kind=OutcomeKind.REFUSED, code=550, text="no such user")
UNKNOWN = Outcome(kind=OutcomeKind.UNKNOWN, text="no answer")
HELD = Outcome(kind=OutcomeKind.HELD, code=550, text="your network is blocked")
RETURNED = Outcome(kind=OutcomeKind.DEFERRED, text="no route")  # not handed over at all


@pytest.fixture(autouse=True)
def two_workers(engine: Engine, now: datetime) -> None:
    """Who live through the whole test."""
    with engine.begin() as connection:
        enrol(connection, "one", now, minutes=120)
        enrol(connection, "two", now, minutes=120)


def claim(connection: Connection, edition_id: int, now: datetime, *, lease: str = "one", limit: int = 100) -> tuple[Claimed, ...]:
    return queue.claim(connection, edition_id=edition_id, lease=lease, now=now, limit=limit)


def begin(connection: Connection, ids: list[int], now: datetime, *, lease: str = "one") -> frozenset[int]:
    return queue.begin(connection, lease, dict.fromkeys(ids, "relay"), now)


def begun(connection: Connection, edition_id: int, now: datetime, limit: int = 100, *, lease: str = "one") -> list[int]:
    ids = [claimed.delivery_id for claimed in claim(connection, edition_id, now, lease=lease, limit=limit)]
    assert begin(connection, ids, now, lease=lease) == set(ids)
    return ids


def settle(connection: Connection, ids: list[int], outcome: Outcome, now: datetime, *, lease: str = "one", backoff: Backoff = BACKOFF) -> int:
    settled = [Settled(delivery_id=id_, outcome=outcome, relay="relay", returned=outcome is RETURNED) for id_ in ids]
    return settle_all(connection, lease, settled, backoff, now)


def test_enqueue_again_adds_only_who_is_new(engine: Engine, edition_id: int, now: datetime) -> None:
    with engine.begin() as connection:
        assert queue.enqueue(connection, edition_id, audience("weekly", now), now) == 0
        make_readers(connection, 2, now, prefix="late")
        assert queue.enqueue(connection, edition_id, audience("weekly", now), now) == 2
        assert tally(connection, edition_id) == Tally(queued=7)


def test_a_claim_is_always_the_same_statements_whatever_is_claimed(engine: Engine, edition_id: int, now: datetime) -> None:
    """A connection remembers the latest it was given: a thousand ids in the text of each would be remembered, too."""
    said: list[str] = []

    def listen(connection: Connection, cursor: Any, statement: str, *others: Any) -> None:
        said.append(statement)

    with engine.begin() as connection:
        event.listen(connection, "before_cursor_execute", listen)
        one, two = (claim(connection, edition_id, now, limit=limit) for limit in (1, 3))
    assert (len(one), len(two)) == (1, 3)
    assert said[: len(said) // 2] == said[len(said) // 2 :]


def test_enqueue_leaves_out_who_may_not_be_written_to(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        edition = make_edition(connection, now)
        first, *_ = make_readers(connection, 3, now)
        unsubscribe(connection, first, how="one-click", now=now)
        suppress(connection, parse_address("reader1@example.com"), reason=SuppressionReason.BOUNCE, keys=KEYS, now=now)
        assert queue.enqueue(connection, edition, audience("weekly", now), now) == 1
        assert [claimed.address for claimed in claim(connection, edition, now)] == ["reader2@example.com"]


def test_claim_gives_each_row_once(engine: Engine, edition_id: int, now: datetime) -> None:
    with engine.begin() as connection:
        first = claim(connection, edition_id, now, limit=3)
        second = claim(connection, edition_id, now, lease="two", limit=3)
        assert [len(first), len(second), len(claim(connection, edition_id, now, lease="three"))] == [3, 2, 0]
        assert first[0].address == "reader0@example.com" and first[0].name == "Reader 0" and len(first[0].subscription_token) == 22
        assert len({claimed.delivery_id for claimed in first + second}) == 5
        assert tally(connection, edition_id) == Tally(sending=5)


def test_21_opt_out_between_queueing_and_claim_is_honoured(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        edition = make_edition(connection, now)
        tokens = make_readers(connection, 4, now)
        queue.enqueue(connection, edition, audience("weekly", now), now)
        unsubscribe(connection, tokens[0], how="one-click", now=now)
        suppress(connection, parse_address("reader1@example.com"), reason=SuppressionReason.COMPLAINT, keys=KEYS, now=now)
        erase(connection, parse_address("reader2@example.com"), keys=KEYS, now=now)
        assert [claimed.address for claimed in claim(connection, edition, now)] == ["reader3@example.com"]
        assert tally(connection, edition) == Tally(sending=1, skipped=3)
        skipped = [row for row in rows(connection) if row.state is DeliveryState.SKIPPED]
        assert {(row.lease, row.settled_at) for row in skipped} == {("", now)}


def test_21_opt_out_between_claim_and_hand_over_is_honoured(engine: Engine, edition_id: int, now: datetime) -> None:
    with engine.begin() as connection:
        first, second, *_ = claim(connection, edition_id, now)
        unsubscribe(connection, first.subscription_token, how="one-click", now=now)
        assert begin(connection, [first.delivery_id, second.delivery_id], now) == {second.delivery_id}
        queue.release(connection, "one", edition_id)
        claim(connection, edition_id, now)
        assert tally(connection, edition_id) == Tally(sending=4, skipped=1)


def test_whole_batches_of_people_who_left_do_not_look_like_the_end(engine: Engine, edition_id: int, now: datetime) -> None:
    with engine.begin() as connection:
        for number in range(4):
            erase(connection, parse_address(f"reader{number}@example.com"), keys=KEYS, now=now)
        assert [claimed.address for claimed in claim(connection, edition_id, now, limit=2)] == ["reader4@example.com"]


def test_erased_reader_leaves_the_history(engine: Engine, edition_id: int, now: datetime) -> None:
    with engine.begin() as connection:
        settle(connection, begun(connection, edition_id, now), ACCEPTED, now)
        erase(connection, parse_address("reader0@example.com"), keys=KEYS, now=now)
        assert tally(connection, edition_id) == Tally(accepted=5)
        assert [row.subscription_id is None for row in rows(connection)] == [True, False, False, False, False]
        assert queue.enqueue(connection, edition_id, audience("weekly", now), now) == 0


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (ACCEPTED, Tally(accepted=5)),
        (REFUSED, Tally(refused=5)),
        (HELD, Tally(held=5)),
        (UNKNOWN, Tally(unknown=5)),
        (DEFERRED, Tally(queued=5, deferred=5)),
    ],
)
def test_32_each_outcome_leads_where_it_belongs(engine: Engine, edition_id: int, now: datetime, outcome: Outcome, expected: Tally) -> None:
    with engine.begin() as connection:
        assert settle(connection, begun(connection, edition_id, now), outcome, now) == 5
        assert tally(connection, edition_id) == expected
        assert expected.total == 5
        told = {(row.code, row.text, row.attempts, row.lease, row.relay) for row in rows(connection)}
        assert told == {(outcome.code, outcome.text, 1, "one", "relay")}


def test_32_put_off_is_tried_again_with_growing_delays_and_given_up(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        edition = make_edition(connection, now)
        make_readers(connection, 1, now)
        queue.enqueue(connection, edition, audience("weekly", now), now)
        waits = []
        moment = now
        while due := next_due(connection, edition):
            waits.append(round((due - moment) / MINUTE))
            moment = due
            assert claim(connection, edition, moment - timedelta(seconds=1)) == ()
            settle(connection, begun(connection, edition, moment), DEFERRED, moment)
        assert waits == [0, 2, 10, 10, 10, 10, 10]  # 52 minutes; another 10 would pass the hour
        assert tally(connection, edition) == Tally(refused=1)
        (row,) = unsettled(connection, [edition])
        assert (row.code, row.text, row.attempts, row.when) == (450, DEFERRED.text, 7, moment)


def test_unknown_is_tried_again_only_where_the_newsletter_says_so(engine: Engine, edition_id: int, now: datetime) -> None:
    with engine.begin() as connection:
        again = Backoff(minutes=(5,), give_up_hours=0.1, resend=True)
        settle(connection, begun(connection, edition_id, now), UNKNOWN, now, backoff=again)
        assert tally(connection, edition_id) == Tally(queued=5, deferred=5)
        later = now + 5 * MINUTE
        settle(connection, begun(connection, edition_id, later), UNKNOWN, later, backoff=again)
        assert tally(connection, edition_id) == Tally(unknown=5)


def test_settling_is_guarded_by_the_lease(engine: Engine, edition_id: int, now: datetime) -> None:
    with engine.begin() as connection:
        ids = begun(connection, edition_id, now)
        assert settle(connection, ids, ACCEPTED, now, lease="another") == 0
        assert tally(connection, edition_id) == Tally(sending=5)
        assert settle(connection, ids, ACCEPTED, now) == 5
        assert settle(connection, ids, REFUSED, now) == 0
        assert settle_all(connection, "one", [], BACKOFF, now) == 0
        assert tally(connection, edition_id) == Tally(accepted=5)


def test_nothing_begins_twice_or_after_its_lease(engine: Engine, edition_id: int, now: datetime) -> None:
    with engine.begin() as connection:
        enrol(connection, "brief", now, minutes=2)
        ids = [claimed.delivery_id for claimed in claim(connection, edition_id, now, lease="brief")]
        assert begin(connection, ids, now) == frozenset()
        assert begin(connection, ids[:2], now, lease="brief") == set(ids[:2])
        assert begin(connection, ids[:2], now + MINUTE, lease="brief") == frozenset()
        assert begin(connection, ids, now + 2 * MINUTE, lease="brief") == frozenset()
        assert begin(connection, ids[2:], now + MINUTE, lease="brief") == set(ids[2:])
        assert begin(connection, [], now, lease="brief") == frozenset()


def test_a_worker_that_never_enrolled_begins_nothing(engine: Engine, edition_id: int, now: datetime) -> None:
    with engine.begin() as connection:
        ids = [claimed.delivery_id for claimed in claim(connection, edition_id, now, lease="nobody")]
        assert begin(connection, ids, now, lease="nobody") == frozenset()


def test_through_which_relay_is_noted_before_it_is_done(engine: Engine, edition_id: int, now: datetime) -> None:
    with engine.begin() as connection:
        first, second, *_ = [claimed.delivery_id for claimed in claim(connection, edition_id, now)]
        queue.begin(connection, "one", {first: "north", second: "south"}, now)
        assert [(row.relay, row.begun_at) for row in rows(connection)][:3] == [("north", now), ("south", now), ("", None)]


def test_clean_stop_gives_back_what_was_not_begun(engine: Engine, edition_id: int, now: datetime) -> None:
    with engine.begin() as connection:
        ids = [claimed.delivery_id for claimed in claim(connection, edition_id, now)]
        begin(connection, ids[:2], now)
        assert queue.release(connection, "two", edition_id) == 0
        assert queue.release(connection, "one", edition_id + 1) == 0
        assert queue.release(connection, "one", edition_id) == 3
        assert tally(connection, edition_id) == Tally(queued=3, sending=2)
        assert len(claim(connection, edition_id, now, lease="two")) == 3


def test_put_off_waits_for_its_moment_without_counting_as_a_try(engine: Engine, edition_id: int, now: datetime) -> None:
    with engine.begin() as connection:
        ids = [claimed.delivery_id for claimed in claim(connection, edition_id, now, limit=3)]
        begin(connection, ids[:1], now)
        queue.put_off(connection, "two", [(ids[1], now + MINUTE)])
        assert tally(connection, edition_id) == Tally(queued=2, sending=3)
        queue.put_off(connection, "one", [(ids[0], now + MINUTE), (ids[1], now + 2 * MINUTE), (ids[2], now + 3 * MINUTE)])
        queue.put_off(connection, "one", [])
        assert tally(connection, edition_id) == Tally(queued=4, sending=1)
        assert {one.delivery_id for one in claim(connection, edition_id, now + MINUTE)}.isdisjoint(ids)
        assert [(one.delivery_id, one.attempts) for one in claim(connection, edition_id, now + 2 * MINUTE)] == [(ids[1], 0)]


def test_what_failed_before_there_was_a_connection_was_never_begun(engine: Engine, edition_id: int, now: datetime) -> None:
    with engine.begin() as connection:
        assert settle(connection, begun(connection, edition_id, now), RETURNED, now) == 5
        assert tally(connection, edition_id) == Tally(queued=5)
        assert next_due(connection, edition_id) == now
        assert {(row.attempts, row.begun_at) for row in rows(connection)} == {(0, None)}


@pytest.mark.parametrize(
    ("resend", "released", "left"),
    [(False, Released(requeued=3, unknown=2), Tally(queued=3, unknown=2)), (True, Released(requeued=5), Tally(queued=5))],
)
def test_what_a_dead_worker_left_is_taken_up(
    engine: Engine, edition_id: int, now: datetime, *, resend: bool, released: Released, left: Tally
) -> None:
    later = now + 2 * MINUTE
    with engine.begin() as connection:
        enrol(connection, "brief", now, minutes=2)
        ids = [claimed.delivery_id for claimed in claim(connection, edition_id, now, lease="brief")]
        begin(connection, ids[:2], now, lease="brief")
        assert queue.release_expired(connection, now + MINUTE, edition_id=edition_id, resend=resend) == Released()
        assert queue.release_expired(connection, later, edition_id=edition_id + 1, resend=resend) == Released()
        assert queue.release_expired(connection, later, edition_id=edition_id, resend=resend) == released
        assert queue.release_expired(connection, later, edition_id=edition_id, resend=resend) == Released()
        assert tally(connection, edition_id) == left


def test_what_a_living_worker_left_it_takes_up_itself(engine: Engine, edition_id: int, now: datetime) -> None:
    """The database was away while it wanted to settle."""
    with engine.begin() as connection:
        enrol(connection, "brief", now, minutes=2)
        ids = [claimed.delivery_id for claimed in claim(connection, edition_id, now, lease="brief")]
        begin(connection, ids[:2], now, lease="brief")
        assert queue.release_expired(connection, now, edition_id=edition_id, resend=False, own="other") == Released()
        assert queue.release_expired(connection, now, edition_id=edition_id, resend=False, own="brief") == Released(requeued=3, unknown=2)


def cut_off(connection: Connection, edition_id: int, now: datetime) -> list[int]:
    """Two mails that a worker handed over, and was then taken for dead before it could say so."""
    enrol(connection, "brief", now, minutes=2)
    ids = begun(connection, edition_id, now, limit=2, lease="brief")
    assert queue.release_expired(connection, now + 2 * MINUTE, edition_id=edition_id, resend=False) == Released(unknown=2)
    return ids


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (ACCEPTED, Tally(queued=3, accepted=2)),
        (REFUSED, Tally(queued=3, refused=2)),
        (DEFERRED, Tally(queued=5, deferred=2)),
        (RETURNED, Tally(queued=5, deferred=2)),
        (UNKNOWN, Tally(queued=3, unknown=2)),
    ],
    ids=["accepted", "refused", "deferred", "returned", "unknown"],
)
def test_a_late_word_puts_right_what_was_taken_for_unknown(engine: Engine, edition_id: int, now: datetime, outcome: Outcome, expected: Tally) -> None:
    with engine.begin() as connection:
        ids = cut_off(connection, edition_id, now)
        assert settle(connection, ids, outcome, now + 3 * MINUTE, lease="two") == 0
        assert settle(connection, ids, outcome, now + 3 * MINUTE, lease="brief") == 2
        assert tally(connection, edition_id) == expected


def test_a_late_word_says_nothing_of_what_a_person_sends_again(engine: Engine, edition_id: int, now: datetime) -> None:
    later = now + 3 * MINUTE
    with engine.begin() as connection:
        ids = cut_off(connection, edition_id, now)
        assert queue.requeue(connection, edition_id, states=[DeliveryState.UNKNOWN], now=later) == 2
        assert settle(connection, ids, REFUSED, later, lease="brief") == 0
        again = begun(connection, edition_id, later, lease="two")
        assert settle(connection, ids, REFUSED, later, lease="brief") == 0
        assert settle(connection, again, ACCEPTED, later, lease="two") == 5
        assert settle(connection, ids, REFUSED, later, lease="brief") == 0
        assert tally(connection, edition_id) == Tally(accepted=5)


def test_what_was_taken_up_from_a_worker_it_can_no_longer_begin(engine: Engine, edition_id: int, now: datetime) -> None:
    with engine.begin() as connection:
        enrol(connection, "brief", now, minutes=2)
        ids = [claimed.delivery_id for claimed in claim(connection, edition_id, now, lease="brief")]
        queue.release_expired(connection, now + 2 * MINUTE, edition_id=edition_id, resend=False)
        workers.beat(connection, "brief", until=now + 9 * MINUTE, handed_over=0, per_second=0)
        assert begin(connection, ids, now + 3 * MINUTE, lease="brief") == frozenset()


def test_a_person_may_send_again_exactly_what_failed(engine: Engine, edition_id: int, now: datetime) -> None:
    with engine.begin() as connection:
        ids = begun(connection, edition_id, now)
        settle(connection, ids[:2], REFUSED, now)
        settle(connection, ids[2:3], UNKNOWN, now)
        settle(connection, ids[3:], ACCEPTED, now)
        assert queue.requeue(connection, edition_id, states=[DeliveryState.ACCEPTED], now=now) == 0
        assert queue.requeue(connection, edition_id, states=[DeliveryState.REFUSED], now=now) == 2
        assert tally(connection, edition_id) == Tally(queued=2, unknown=1, accepted=2)
        assert [claimed.delivery_id for claimed in claim(connection, edition_id, now)] == ids[:2]


def test_43_relays_words_are_kept_without_addresses(engine: Engine, edition_id: int, now: datetime) -> None:
    words = "550 5.1.1 <reader0@example.com>: Recipient address\r\n rejected: reader0@example.com unknown"
    with engine.begin() as connection:
        ids = begun(connection, edition_id, now, limit=1)
        settle(connection, ids, Outcome(kind=OutcomeKind.REFUSED, code=550, text=words), now)
        (failed,) = unsettled(connection, [edition_id])
        assert failed.text == "550 5.1.1 <…@…>: Recipient address rejected: …@… unknown" and failed.address == ""
        (failed,) = unsettled(connection, [edition_id], addresses=True)
        assert (failed.address, failed.when, failed.edition_id) == ("reader0@example.com", now, edition_id)
        erase(connection, parse_address("reader0@example.com"), keys=KEYS, now=now)
        assert [one.address for one in unsettled(connection, [edition_id], addresses=True)] == [""]


def test_number_of_statements_does_not_grow_with_the_rows(engine: Engine, now: datetime, statements: Callable[[], int]) -> None:
    counted = []
    for number in (1, 60):
        with engine.begin() as connection:
            connection.execute(delete(DeliveryRow))
            connection.execute(delete(Subscriber))
            edition = make_edition(connection, now + number * MINUTE)
            make_readers(connection, number, now)
            counts = []
            statements()
            queue.enqueue(connection, edition, audience("weekly", now), now)
            counts.append(statements())
            ids = [claimed.delivery_id for claimed in claim(connection, edition, now)]
            counts.append(statements())
            assert len(begin(connection, ids, now)) == number
            counts.append(statements())
            settle(connection, ids, ACCEPTED, now)
            counts.append(statements())
            tally(connection, edition)
            counts.append(statements())
            counted.append(counts)
    assert counted == [[1, 2, 1, 1, 1]] * 2


def test_two_workers_on_one_queue_never_get_the_same_row(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        edition = make_edition(connection, now)
        make_readers(connection, 200, now)
        queue.enqueue(connection, edition, audience("weekly", now), now)
    together = threading.Barrier(2)

    def work(lease: str) -> list[int]:
        together.wait()
        handed_over: list[int] = []
        while True:
            with engine.begin() as connection:
                batch = claim(connection, edition, now, lease=lease, limit=10)
            if not batch:
                return handed_over
            with engine.begin() as connection:
                ids = sorted(begin(connection, [one.delivery_id for one in batch], now, lease=lease))
            handed_over += ids
            with engine.begin() as connection:
                assert settle(connection, ids, ACCEPTED, now, lease=lease) == len(ids)

    with ThreadPoolExecutor(2) as pool:
        done = [worker.result() for worker in [pool.submit(work, lease) for lease in ("one", "two")]]
    counted = Counter(done[0] + done[1])
    assert len(counted) == 200 and set(counted.values()) == {1}
    with engine.begin() as connection:
        assert tally(connection, edition) == Tally(accepted=200)


def test_expired_leases_are_taken_up_once_by_many(engine: Engine, edition_id: int, now: datetime) -> None:
    with engine.begin() as connection:
        enrol(connection, "brief", now, minutes=2)
        begun(connection, edition_id, now, lease="brief")
    together = threading.Barrier(3)

    def release() -> int:
        together.wait()
        with engine.begin() as connection:
            return queue.release_expired(connection, now + 5 * MINUTE, edition_id=edition_id, resend=False).unknown

    with ThreadPoolExecutor(3) as pool:
        assert sum(worker.result() for worker in [pool.submit(release) for _ in range(3)]) == 5


def test_next_due_is_the_earliest_of_what_is_queued(engine: Engine, edition_id: int, now: datetime) -> None:
    with engine.begin() as connection:
        assert next_due(connection, edition_id) == now
        ids = begun(connection, edition_id, now)
        assert next_due(connection, edition_id) is None
        settle(connection, ids[:1], DEFERRED, now + MINUTE)
        settle(connection, ids[1:2], DEFERRED, now)
        assert next_due(connection, edition_id) == now + 2 * MINUTE
        assert connection.scalars(select(DeliveryRow.begun_at).where(DeliveryRow.id.in_(ids[:2]))).all() == [None, None]
