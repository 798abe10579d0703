"""Letters to one mailbox keep apart, are few, and no wish for one is forgotten."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select, update

from digest import letter_guard
from digest.delivery.letters import Letter
from digest.delivery.tables import DeliveryRow
from digest.delivery.values import DeliveryState
from digest.letter_guard import Wanted
from digest.publication import PageLimits
from digest.sign_up import ask_for_data
from subscribers import choices
from subscribers.consent import Proof, unsubscribe
from subscribers.tables import Subscriber, Subscription
from tests.signing_up import KEYS, fill_in, house, letters, people, taken_up

OURS = house(weekly={}, monthly={})
MINUTE = timedelta(minutes=1)
YES = Proof(how="confirmation letter")


def asked_again(engine: Engine, now: datetime, **rest: Any) -> list[tuple[str, int]]:
    """Ann fills in the form now: the letters there are, with their minutes since seven."""
    fill_in(engine, now, **rest)
    taken_up(engine, OURS, now)
    with engine.begin() as connection:
        return [(letter, at.hour * 60 + at.minute - 420) for letter, _, at in letters(connection)]


def set_state(engine: Engine, state: DeliveryState) -> None:
    with engine.begin() as connection:
        connection.execute(update(DeliveryRow).values(state=state))


@pytest.mark.parametrize("state", [DeliveryState.QUEUED, DeliveryState.ACCEPTED])
def test_who_asks_too_soon_gets_one_more_letter_in_its_time(engine: Engine, now: datetime, state: DeliveryState) -> None:
    assert asked_again(engine, now) == [("confirm", 0)]
    set_state(engine, state)
    assert asked_again(engine, now + timedelta(seconds=59)) == [("confirm", 0)]
    for minute in (2, 3, 4):
        assert asked_again(engine, now + minute * MINUTE) == [("confirm", 0), ("confirm", 5)]
    assert asked_again(engine, now + 6 * MINUTE) == [("confirm", 0), ("confirm", 5)]
    assert asked_again(engine, now + 7 * MINUTE) == [("confirm", 0), ("confirm", 5), ("confirm", 10)]
    assert asked_again(engine, now + 60 * MINUTE)[3:] == [("confirm", 60)]


def test_a_letter_that_was_refused_does_not_count_as_sent(engine: Engine, now: datetime) -> None:
    asked_again(engine, now)
    set_state(engine, DeliveryState.REFUSED)
    assert asked_again(engine, now) == [("confirm", 0), ("confirm", 5)]


def test_a_wish_of_another_kind_is_not_taken_for_answered(engine: Engine, now: datetime) -> None:
    asked_again(engine, now)
    with engine.begin() as connection:
        [ann] = people(connection)
        choices.confirm(connection, ann.subscriber_token, ["weekly"], proof=YES, now=now)
    assert asked_again(engine, now)[1:] == [("already", 5)]
    set_state(engine, DeliveryState.ACCEPTED)
    assert asked_again(engine, now + 20 * MINUTE)[2:] == [("already", 20)]
    assert asked_again(engine, now + 20 * MINUTE, newsletters=["monthly"])[3:] == [("confirm", 25)]


def test_a_letter_that_waits_for_what_is_confirmed_by_now_does_not_answer_another_wish(engine: Engine, now: datetime) -> None:
    asked_again(engine, now)
    set_state(engine, DeliveryState.ACCEPTED)
    assert asked_again(engine, now + 2 * MINUTE)[1:] == [("confirm", 5)]
    with engine.begin() as connection:
        [ann] = people(connection)
        choices.confirm(connection, ann.subscriber_token, ["weekly"], proof=YES, now=now + 3 * MINUTE)
    assert asked_again(engine, now + 4 * MINUTE, newsletters=["monthly"])[2:] == [("confirm", 10)]
    assert asked_again(engine, now + 4 * MINUTE, newsletters=["monthly"])[3:] == []


@pytest.mark.parametrize(
    ("state", "more"), [(DeliveryState.QUEUED, []), (DeliveryState.SENDING, [("confirm", 5)]), (DeliveryState.ACCEPTED, [("confirm", 5)])]
)
def test_a_letter_that_is_written_does_not_tell_of_a_newsletter_asked_for_later(
    engine: Engine, now: datetime, state: DeliveryState, more: list[tuple[str, int]]
) -> None:
    asked_again(engine, now)
    set_state(engine, state)
    assert asked_again(engine, now, newsletters=["monthly"])[1:] == more
    assert asked_again(engine, now, newsletters=["weekly", "monthly"])[1:] == more


def test_40_no_mailbox_gets_more_than_so_many_a_day(engine: Engine, now: datetime) -> None:
    for minute in range(0, 180, 6):
        found = asked_again(engine, now + minute * MINUTE)
    assert found == [("confirm", minute) for minute in (0, 6, 12, 18, 24)]
    with engine.begin() as connection:
        assert not ask_for_data(connection, OURS, people(connection)[0].subscriber_token, now=now + 190 * MINUTE, key=KEYS[-1])
        assert len(letters(connection)) == 5
    assert len(asked_again(engine, now + timedelta(days=1))) == 6


def test_a_clock_that_was_a_year_ahead_holds_nobody_up(engine: Engine, now: datetime) -> None:
    asked_again(engine, now)
    with engine.begin() as connection:
        connection.execute(update(Subscriber).values(letter_at=now + timedelta(days=365)))
    assert asked_again(engine, now + 10 * MINUTE) == [("confirm", 0), ("confirm", 10)]


@pytest.mark.parametrize("state", [DeliveryState.QUEUED, DeliveryState.ACCEPTED])
def test_a_letter_of_next_year_answers_nobody(engine: Engine, now: datetime, state: DeliveryState) -> None:
    """The clock was ahead when somebody asked for it, and was put right before it left."""
    asked_again(engine, now)
    with engine.begin() as connection:
        connection.execute(update(DeliveryRow).values(next_at=now + timedelta(days=365), state=state))
        connection.execute(update(Subscriber).values(letter_at=now + timedelta(days=365)))
    assert asked_again(engine, now + 10 * MINUTE)[1:] == [("confirm", 10)]


def test_the_way_to_ones_data_is_a_letter_like_others(engine: Engine, now: datetime) -> None:
    asked_again(engine, now - 10 * MINUTE)
    with engine.begin() as connection:
        [ann] = people(connection)
        unsubscribe(connection, ann.subscription_token, how="one-click", now=now)
        assert not ask_for_data(connection, OURS, "nobody-has-this-id", now=now, key=KEYS[-1])
        for _ in range(3):
            assert ask_for_data(connection, OURS, ann.subscriber_token, now=now, key=KEYS[-1])
        assert letters(connection)[1:] == [("data", "weekly", now)]


def test_many_who_ask_at_once_without_holding_the_person_queue_one(engine: Engine, now: datetime) -> None:
    asked_again(engine, now - timedelta(days=2))
    with engine.begin() as connection:
        connection.execute(update(DeliveryRow).values(state=DeliveryState.REFUSED))
        subscription_id = connection.scalars(select(Subscription.id)).one()
    begin = threading.Barrier(8)

    def ask(_: int) -> bool:
        begin.wait()
        with engine.begin() as connection:
            return queued(connection, subscription_id, now)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(8)))
    with engine.begin() as connection:
        assert letters(connection)[1:] == [("confirm", "weekly", now)]


def queued(connection: Connection, subscription_id: int, now: datetime) -> bool:
    wanted = Wanted(subscription_id=subscription_id, letter=Letter.CONFIRM, asked_at=now)
    return letter_guard.queue(connection, PageLimits(), wanted, now=now, key=KEYS[-1])
