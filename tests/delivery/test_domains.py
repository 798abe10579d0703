"""Recipient domains: limited by the settings, slowed by their own words, held when they refuse us; at a few statements a batch."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine

from digest.delivery import domains
from digest.delivery.domains import SlowedDomain
from digest.delivery.held import HeldDomain, held_domains, hold, let_go
from digest.delivery.pace import Limit, Pace
from digest.delivery.queue import claim, enqueue, put_off
from digest.delivery.retry import Backoff
from digest.delivery.settle import settle
from digest.delivery.tally import next_due
from digest.delivery.values import Claimed, Outcome, OutcomeKind, Settled, Step
from digest.delivery.workers import Worker, enrol
from digest.personal import SAMPLE
from digest.settings import Domain
from subscribers.audience import audience
from tests.delivery.conftest import make_edition, make_readers

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
NO_PACE = Pace.of({})
LARGE = Pace.of({"large": Domain(match=("large.example", "Grand.example"), per_minute=60, connections=3, messages_per_connection=20)})
BUSY = Outcome(kind=OutcomeKind.DEFERRED, code=421, text="4.7.0 too much from news@example.org", step=Step.RCPT)
ACCEPTED = Outcome(kind=OutcomeKind.ACCEPTED, code=250, text="queued", step=Step.END)
BANNED = Outcome(kind=OutcomeKind.HELD, code=550, text="5.7.606 banned, says postmaster@large.example", step=Step.END)


def claimed(*addresses: str) -> list[Claimed]:
    somebody = SAMPLE._replace(subscription_token="s", subscriber_token="r")
    return [somebody._replace(delivery_id=number, subscription_id=number, address=address) for number, address in enumerate(addresses)]


def many(number: int, domain: str) -> list[Claimed]:
    return claimed(*(f"reader{one}@{domain}" for one in range(number)))


def ids(rows: Sequence[Claimed]) -> list[int]:
    return sorted(one.delivery_id for one in rows)


@pytest.fixture
def edition_id(engine: Engine, now: datetime) -> int:
    with engine.begin() as connection:
        return make_edition(connection, now)


def test_domains_of_one_provider_share_a_key_and_a_limit() -> None:
    assert LARGE.key("grand.example") == LARGE.key("large.example") == "large"
    assert LARGE.limit("large") == Limit(per_minute=60, connections=3, messages_per_connection=20)
    assert LARGE.key("small.example") == "small.example"
    assert LARGE.limit("small.example") == Limit()


def test_without_limits_a_batch_costs_two_questions_and_all_of_it_goes(
    engine: Engine, edition_id: int, now: datetime, statements: Callable[[], int]
) -> None:
    batch = many(500, "large.example") + many(500, "small.example")
    with engine.begin() as connection:
        statements()
        assert domains.screen(connection, NO_PACE, edition_id, batch, now) == domains.Screened(go=tuple(batch))
        assert statements() == 2
        assert domains.screen(connection, NO_PACE, edition_id, [], now) == domains.Screened()
        assert statements() == 0


def test_27_a_limited_domain_goes_at_its_pace_and_the_others_pass_it(
    engine: Engine, edition_id: int, now: datetime, statements: Callable[[], int]
) -> None:
    batch = claimed("a@large.example", "b@small.example", "c@GRAND.example", "d@large.example", "e@large.example", "f@small.example")
    with engine.begin() as connection:
        statements()
        screened = domains.screen(connection, LARGE, edition_id, batch, now)
        assert statements() == 4
    assert ids(screened.go) == [0, 1, 2, 5]
    assert screened.later == ((3, now + SECOND), (4, now + 2 * SECOND))
    with engine.begin() as connection:
        late = domains.screen(connection, LARGE, edition_id, many(2, "large.example"), now)
        due = domains.screen(connection, LARGE, edition_id, many(1, "large.example"), now + SECOND)
    assert late.go == () and late.later == ((0, now + 3 * SECOND), (1, now + 4 * SECOND))
    assert ids(due.go) == [0]


def test_workers_that_screen_at_once_give_out_each_turn_once(engine: Engine, edition_id: int, now: datetime) -> None:
    pace = Pace.of({name: Domain(match=(f"{name}.example",), per_minute=60) for name in ("one", "two", "three")})
    together = Barrier(4)

    def work(number: int) -> list[domains.Screened]:
        names = ["one", "two", "three"][:: 1 if number % 2 else -1]
        batch = claimed(*(f"reader@{name}.example" for name in names))
        together.wait()
        seen = []
        for _ in range(5):
            with engine.begin() as connection:
                seen.append(domains.screen(connection, pace, edition_id, batch, now))
        return seen

    with ThreadPoolExecutor(4) as pool:
        screened = [one for seen in pool.map(work, range(4)) for one in seen]
    assert sum(len(one.go) for one in screened) == 3 * 2
    moments = sorted(moment for one in screened for _, moment in one.later)
    assert moments == sorted([now + number * SECOND for number in range(1, 19)] * 3)


def test_a_domain_that_asks_for_fewer_is_slowed_once_for_the_same_trouble(engine: Engine, edition_id: int, now: datetime) -> None:
    together = Barrier(4)

    def report(number: int) -> bool:
        together.wait()
        with engine.begin() as connection:
            return domains.slow(connection, "small.example", BUSY, now + number * SECOND)

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(report, range(4))) == [False, False, False, True]
    with engine.begin() as connection:
        (stand,) = domains.slowed(connection, now + 5 * SECOND)
        assert (stand.name, stand.strikes, stand.reason) == ("small.example", 1, "421 4.7.0 too much from …@…")
        screened = domains.screen(connection, NO_PACE, edition_id, many(40, "small.example"), now + 5 * SECOND)
    assert len(screened.go) == 10  # two seconds' worth of 300 a minute
    assert screened.slowed == ("small.example",)
    assert screened.later[0][1] == now + 5.1 * SECOND


def test_strikes_add_up_to_ten_and_are_eased_one_by_one(engine: Engine, edition_id: int, now: datetime) -> None:
    with engine.begin() as connection:
        struck = [domains.slow(connection, "small.example", BUSY, now + number * 15 * SECOND) for number in range(30)]
        assert struck == [True, False] * 15
        now += 29 * 15 * SECOND
        assert [stand.strikes for stand in domains.slowed(connection, now)] == [10]
        assert ids(domains.screen(connection, NO_PACE, edition_id, many(9, "small.example"), now).go) == [0, 1]
        for minute in range(1, 11):
            for _ in range(3):
                domains.ease(connection, ["other.example", "small.example"], now + minute * MINUTE)
            assert [stand.strikes for stand in domains.slowed(connection, now + minute * MINUTE)] == [10 - minute] * (minute < 10)
        screened = domains.screen(connection, NO_PACE, edition_id, many(900, "small.example"), now + 10 * MINUTE)
        assert len(screened.go) == 900 and screened.slowed == ()


def test_a_strike_keeps_a_domain_from_being_eased(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        domains.slow(connection, "small.example", BUSY, now)
        domains.slow(connection, "small.example", BUSY, now + 50 * SECOND)
        domains.ease(connection, ["small.example"], now + MINUTE)
        domains.ease(connection, [], now + 2 * MINUTE)
        assert domains.slowed(connection, now) == (
            SlowedDomain(name="small.example", strikes=2, since=now + 50 * SECOND, reason="421 4.7.0 too much from …@…"),
        )


def test_a_domain_struck_by_a_clock_that_was_wrong_is_struck_and_eased_as_any_other(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        domains.slow(connection, "small.example", BUSY, now + timedelta(days=300))
        assert domains.slow(connection, "small.example", BUSY, now)
        domains.slow(connection, "large.example", BUSY, now + timedelta(days=300))
        domains.ease(connection, ["large.example"], now)
        assert [(stand.name, stand.strikes) for stand in domains.slowed(connection, now)] == [("small.example", 2)]


def test_what_a_domain_said_a_day_ago_is_forgotten(engine: Engine, edition_id: int, now: datetime) -> None:
    tomorrow = now + timedelta(days=1)
    with engine.begin() as connection:
        for number in range(4):
            domains.slow(connection, "small.example", BUSY, now - number * MINUTE)
            domains.slow(connection, "large", BUSY, now - number * MINUTE)
        assert domains.slowed(connection, tomorrow) == ()
        screened = domains.screen(connection, LARGE, edition_id, many(300, "small.example") + claimed("a@large.example"), tomorrow)
        assert len(screened.go) == 301 and screened.slowed == ()
        domains.slow(connection, "small.example", BUSY, tomorrow)
        assert [stand.strikes for stand in domains.slowed(connection, tomorrow)] == [1]


def test_a_limited_domain_that_is_slowed_gets_half_of_its_limit(engine: Engine, edition_id: int, now: datetime) -> None:
    with engine.begin() as connection:
        domains.slow(connection, LARGE.key("grand.example"), BUSY, now)
        total = 0
        for second in range(61):
            screened = domains.screen(connection, LARGE, edition_id, many(5, "large.example"), now + second * SECOND)
            total += len(screened.go)
    assert 30 <= total <= 32


def test_08_a_domain_that_refuses_the_sender_is_held_for_that_edition(
    engine: Engine, edition_id: int, now: datetime, statements: Callable[[], int]
) -> None:
    batch = claimed("a@large.example", "b@small.example", "c@Large.example")
    with engine.begin() as connection:
        other = make_edition(connection, now + timedelta(days=7))
        assert hold(connection, edition_id, "large.example", BANNED, now)
        assert not hold(connection, edition_id, "large.example", BUSY, now + SECOND)
        statements()
        screened = domains.screen(connection, LARGE, edition_id, batch, now)
        assert statements() == 2
        assert ids(screened.go) == [1] and screened.held == (0, 2) and screened.later == ()
        assert len(domains.screen(connection, NO_PACE, other, batch, now).go) == 3


def test_held_domains_are_shown_with_the_first_words_and_let_go(engine: Engine, edition_id: int, now: datetime) -> None:
    with engine.begin() as connection:
        other = make_edition(connection, now + timedelta(days=7))
        for edition, domain in ((edition_id, "b.example"), (edition_id, "a.example"), (other, "a.example")):
            hold(connection, edition, domain, BANNED, now)
        text = "5.7.606 banned, says …@…"
        first, second, third = held_domains(connection)
        assert first == HeldDomain(edition_id=edition_id, domain="a.example", code=550, text=text, at=now)
        assert held_domains(connection, other) == (third,)
        assert let_go(connection, edition_id, "b.example") == 1
        assert held_domains(connection, edition_id) == (first,)
        assert second.domain == "b.example"
        assert let_go(connection, edition_id) == 1
        assert let_go(connection, edition_id) == 0
        assert held_domains(connection) == (third,)


def test_a_queue_full_of_one_domain_goes_out_at_its_pace_and_is_claimed_twice_at_most(engine: Engine, edition_id: int, now: datetime) -> None:
    pace = Pace.of({"one": Domain(match=("example.com",), per_minute=600)})
    worker = Worker(id="one", kind="send", host="here", pid=1)
    sent: list[datetime] = []
    claims = 0
    with engine.begin() as connection:
        make_readers(connection, 60, now)
        enqueue(connection, edition_id, audience("weekly", now), now)
        enrol(connection, worker, now=now, until=now + MINUTE)
    due: datetime | None = now
    while due is not None:
        now = max(now + SECOND / 2, due)
        with engine.begin() as connection:
            while rows := claim(connection, edition_id=edition_id, lease="one", now=now, limit=25):
                claims += len(rows)
                screened = domains.screen(connection, pace, edition_id, rows, now)
                put_off(connection, "one", screened.later)
                done = [Settled(delivery_id=one.delivery_id, outcome=ACCEPTED) for one in screened.go]
                sent += [now] * settle(connection, "one", done, Backoff(), now)
            due = next_due(connection, edition_id)
    assert len(sent) == 60 and claims <= 120
    assert timedelta(seconds=4) <= sent[-1] - sent[0] <= timedelta(seconds=5)  # 20 at once, then 10 a second
