"""From a form that was sent to a pending subscription and one letter: whoever it is, however often, and whatever stops on the way."""

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, insert, select, update

from digest.errors import DatabaseError
from digest.limits import LimitRow
from digest.sign_up import BATCH
from subscribers import choices, consent
from subscribers.address import parse_address
from subscribers.change import Choice
from subscribers.consent import Proof
from subscribers.erase import erase
from subscribers.people import history
from subscribers.suppression import is_suppressed, suppress
from subscribers.tables import Consent, SignUp, Subscriber, Subscription, SubscriptionState, SuppressionReason
from tests.signing_up import KEYS, PAGE, fill_in, house, letters, people, taken_up

CONFIRMED, PENDING, UNSUBSCRIBED = SubscriptionState.CONFIRMED, SubscriptionState.PENDING, SubscriptionState.UNSUBSCRIBED
OURS = house(weekly={"cadences": ["daily"], "sections": ["Arts", "Harbour"]}, monthly={}, instant={"double_opt_in": False}, shut={"open": False})
ANN = parse_address("ann@example.com")
YES = Proof(how="confirmation letter")
HOUR = timedelta(hours=1)
ARTS = frozenset({"Arts"})


def said_yes(engine: Engine, now: datetime) -> str:
    """Ann is confirmed for the weekly; the public id of her subscription."""
    fill_in(engine, now, name="Ann")
    taken_up(engine, OURS, now)
    with engine.begin() as connection:
        [ann] = people(connection)
        assert choices.confirm(connection, ann.subscriber_token, ["weekly"], proof=YES, now=now)
    return ann.subscription_token


def test_40_a_wish_makes_a_pending_subscription_and_one_letter(engine: Engine, now: datetime) -> None:
    fill_in(engine, now, name="Ann", language="de", time_zone="Europe/Berlin", cadence="daily", sections=ARTS)
    assert taken_up(engine, OURS, now + HOUR) == 1
    with engine.begin() as connection:
        [ann] = people(connection)
        assert (ann.state, ann.name, ann.language, ann.time_zone, ann.created_at) == (PENDING, "Ann", "de", "Europe/Berlin", now)
        assert letters(connection) == [("confirm", "weekly", now + HOUR)]
        [chosen] = choices.pending(connection, ann.subscriber_token)
        assert (chosen.choice.cadence, chosen.choice.sections) == ("daily", ARTS)
        [record] = history(connection, ANN)
        assert (record.state, record.at, record.how, record.origin, record.wording) == (PENDING, now, "form", PAGE, "0123456789abcdef")
    assert taken_up(engine, OURS, now + HOUR) == 0


def test_several_newsletters_are_one_letter(engine: Engine, now: datetime) -> None:
    fill_in(engine, now, newsletters=["weekly", "monthly"])
    taken_up(engine, OURS, now)
    with engine.begin() as connection:
        assert [(one.newsletter, one.state) for one in people(connection)] == [("monthly", PENDING), ("weekly", PENDING)]
        assert [letter for letter, _, _ in letters(connection)] == ["confirm"]


def test_what_a_newsletter_does_not_offer_is_not_chosen(engine: Engine, now: datetime) -> None:
    fill_in(engine, now, cadence="hourly", sections=frozenset({"Arts", "Sports"}))
    taken_up(engine, OURS, now)
    with engine.begin() as connection:
        [chosen] = choices.pending(connection, people(connection)[0].subscriber_token)
    assert (chosen.choice.cadence, chosen.choice.sections) == ("", ARTS)


def test_newsletters_that_are_not_offered_are_left_out_and_the_log_names_nobody(
    engine: Engine, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    fill_in(engine, now, newsletters=["gone", "shut"])
    fill_in(engine, now, "bob@example.com", newsletters=["gone", "weekly"])
    assert taken_up(engine, OURS, now) == 2
    with engine.begin() as connection:
        assert [(one.address, one.newsletter) for one in people(connection)] == [("bob@example.com", "weekly")]
        assert len(letters(connection)) == 1
    assert len(caplog.records) == 2 and "2 newsletters" in caplog.text and "@" not in caplog.text


def test_a_poisoned_wish_stops_nothing_and_is_not_tried_again(engine: Engine, now: datetime, caplog: pytest.LogCaptureFixture) -> None:
    fill_in(engine, now, "ann@example.com")
    fill_in(engine, now, "bob@example.com")
    fill_in(engine, now, "cy@example.com")
    with engine.begin() as connection:
        connection.execute(update(SignUp).where(SignUp.address == "ann@example.com").values(address="ann at example"))
    with failing(engine, "bob@example.com", ArithmeticError("no sum for bob@example.com")):
        assert taken_up(engine, OURS, now) == 3
    with engine.begin() as connection:
        assert [one.address for one in people(connection)] == ["cy@example.com"]
        assert connection.scalar(select(func.count()).select_from(SignUp)) == 0
    assert [record.levelno for record in caplog.records] == [logging.WARNING, logging.ERROR]
    assert "ArithmeticError" in caplog.text and "example" not in caplog.text


def test_while_the_database_is_away_no_wish_is_dropped(engine: Engine, now: datetime) -> None:
    fill_in(engine, now, "bob@example.com")
    with failing(engine, "bob@example.com", DatabaseError("It is away.")), pytest.raises(DatabaseError):
        taken_up(engine, OURS, now)
    assert taken_up(engine, OURS, now) == 1


class Killed(BaseException):
    """What no code of ours catches."""


def test_killed_at_any_statement_nothing_is_lost_and_nothing_doubled(engine: Engine, now: datetime) -> None:
    for place in range(1, 100):
        fill_in(engine, now, f"reader{place}@example.com", newsletters=["weekly", "instant"])
        try:
            with dying_after(engine, place):
                taken_up(engine, OURS, now)
        except Killed:
            with engine.begin() as connection:
                waiting = connection.scalar(select(func.count()).select_from(SignUp))
                assert waiting is not None and len(people(connection)) == len(letters(connection)) == 2 * (place - waiting)
            assert taken_up(engine, OURS, now) == waiting
        else:
            break
    assert place > 10
    with engine.begin() as connection:
        assert len(people(connection)) == len(letters(connection)) == connection.scalar(select(func.count()).select_from(Consent)) == 2 * place


@contextmanager
def failing(engine: Engine, word: str, error: Exception) -> Iterator[None]:
    """Whatever is written with this word among its values fails."""

    def fail(*arguments: object) -> None:
        if str(arguments[2]).startswith("INSERT INTO subscribers") and word in str(arguments[3]):
            raise error

    event.listen(engine, "before_cursor_execute", fail)
    yield
    event.remove(engine, "before_cursor_execute", fail)


@contextmanager
def dying_after(engine: Engine, statements: int) -> Iterator[None]:
    seen = []

    def count(*arguments: object) -> None:
        if str(arguments[2]).startswith(("DELETE", "INSERT", "SELECT", "UPDATE")):
            seen.append(arguments[2])
        if len(seen) > statements:
            raise Killed

    event.listen(engine, "before_cursor_execute", count)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", count)


def test_fifty_sign_ups_of_one_address_at_once_are_one_person_and_one_letter(engine: Engine, now: datetime) -> None:
    begin = threading.Barrier(50)

    def sign_up(number: int) -> None:
        begin.wait()
        fill_in(engine, now, "Ann@example.com" if number % 2 else "ann@EXAMPLE.com")
        taken_up(engine, OURS, now + timedelta(seconds=number % 7))

    with ThreadPoolExecutor(50) as pool:
        list(pool.map(sign_up, range(50)))
    with engine.begin() as connection:
        assert connection.scalar(select(func.count()).select_from(SignUp)) == 0
        assert connection.scalar(select(func.count()).select_from(Subscriber)) == 1
        assert connection.scalar(select(func.count()).select_from(Subscription)) == 1
        assert [letter for letter, _, _ in letters(connection)] == ["confirm"]


def test_a_flood_is_taken_up_in_bounded_steps(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        rows = [{"at": now, "address": f"reader{number}@example.com", "newsletters": frozenset({"gone"})} for number in range(BATCH + 3)]
        connection.execute(insert(SignUp), rows)
    assert [taken_up(engine, OURS, now) for _ in range(3)] == [BATCH, 3, 0]


def test_limits_that_say_nothing_any_more_are_forgotten_on_the_way(engine: Engine, now: datetime) -> None:
    fill_in(engine, now)
    taken_up(engine, OURS, now)
    with engine.begin() as connection:
        assert len(connection.scalars(select(LimitRow.name)).all()) == 1
    taken_up(engine, OURS, now + timedelta(days=1))
    with engine.begin() as connection:
        assert connection.scalars(select(LimitRow.name)).all() == []


def test_who_gets_it_already_is_told_so_and_changed_in_nothing(engine: Engine, now: datetime) -> None:
    mine = said_yes(engine, now)
    with engine.begin() as connection:
        choices.choose(connection, mine, Choice(cadence="daily", sections=frozenset({"Harbour"})), now=now)
        [before] = people(connection)
        kept = choices.load(connection, before.subscriber_token)
    stranger: dict[str, Any] = {"name": "Nobody", "language": "fr", "time_zone": "Asia/Tokyo", "sections": ARTS}
    fill_in(engine, now + HOUR, "ANN@example.com", newsletters=["weekly"], **stranger)
    taken_up(engine, OURS, now + HOUR)
    with engine.begin() as connection:
        assert choices.load(connection, before.subscriber_token) == kept and people(connection) == [before]
        assert letters(connection)[1:] == [("already", "weekly", now + HOUR)]
        assert len(history(connection, ANN)) == 2
    fill_in(engine, now + 2 * HOUR, newsletters=["weekly", "monthly"], **stranger)
    taken_up(engine, OURS, now + 2 * HOUR)
    with engine.begin() as connection:
        after = choices.load(connection, before.subscriber_token)
        assert kept and after and (after.name, after.language, after.subscriptions[0]) == ("Ann", "", kept.subscriptions[0])
        assert letters(connection)[2:] == [("confirm", "monthly", now + 2 * HOUR)]


def test_a_new_wish_changes_what_is_not_confirmed_yet(engine: Engine, now: datetime) -> None:
    fill_in(engine, now, name="Somebody", sections=ARTS)
    fill_in(engine, now, name="Ann", cadence="daily", sections=frozenset({"Harbour"}))
    taken_up(engine, OURS, now)
    with engine.begin() as connection:
        [ann] = people(connection)
        [chosen] = choices.pending(connection, ann.subscriber_token)
        assert (ann.name, chosen.choice.cadence, chosen.choice.sections) == ("Ann", "daily", frozenset({"Harbour"}))
        assert len(letters(connection)) == 1


def test_who_left_comes_back_by_a_letter_with_new_choices(engine: Engine, now: datetime) -> None:
    mine = said_yes(engine, now)
    with engine.begin() as connection:
        choices.pause(connection, mine, until=now + 99 * HOUR, now=now)
        consent.unsubscribe(connection, mine, how="one-click", now=now)
    fill_in(engine, now + HOUR, sections=ARTS)
    taken_up(engine, OURS, now + HOUR)
    with engine.begin() as connection:
        [chosen] = choices.pending(connection, people(connection)[0].subscriber_token)
        assert (chosen.subscription, chosen.choice.sections, chosen.paused_until) == (mine, ARTS, None)
        assert letters(connection)[1:] == [("confirm", "weekly", now + HOUR)]


def test_without_a_second_yes_who_is_new_is_in_and_welcomed(engine: Engine, now: datetime) -> None:
    fill_in(engine, now, newsletters=["instant"])
    fill_in(engine, now, newsletters=["instant"])
    taken_up(engine, OURS, now)
    with engine.begin() as connection:
        [ann] = people(connection)
        assert (ann.state, ann.confirmed_at) == (CONFIRMED, now)
        assert letters(connection) == [("welcome", "instant", now)]
        assert [(record.state, record.how) for record in history(connection, ANN)] == [(CONFIRMED, "form")]
        assert connection.scalars(select(Subscriber.acted_at)).all() == [None]  # it may have been anybody
        consent.unsubscribe(connection, ann.subscription_token, how="one-click", now=now)
    fill_in(engine, now + HOUR, newsletters=["instant"])
    taken_up(engine, OURS, now + HOUR)
    with engine.begin() as connection:
        assert people(connection)[0].state is PENDING  # a stranger's form does not bring back who left
        assert letters(connection)[1:] == [("confirm", "instant", now + HOUR)]


@pytest.mark.parametrize("reason", [SuppressionReason.BOUNCE, SuppressionReason.COMPLAINT, SuppressionReason.BY_HAND])
def test_who_bounced_complained_or_was_shut_out_gets_no_letter(engine: Engine, now: datetime, reason: SuppressionReason) -> None:
    with engine.begin() as connection:
        suppress(connection, ANN, reason=reason, keys=KEYS, now=now)
    fill_in(engine, now, newsletters=["weekly", "instant"])
    assert taken_up(engine, OURS, now) == 1
    with engine.begin() as connection:
        assert people(connection) == [] and letters(connection) == [] and connection.scalars(select(Subscriber.id)).all() == []
        assert is_suppressed(connection, ANN, keys=KEYS)


def test_who_was_erased_comes_back_by_a_second_yes_only(engine: Engine, now: datetime) -> None:
    said_yes(engine, now)
    with engine.begin() as connection:
        erase(connection, ANN, keys=KEYS, now=now)
    fill_in(engine, now + HOUR, newsletters=["weekly", "instant"])
    taken_up(engine, OURS, now + HOUR)
    with engine.begin() as connection:
        one, other = people(connection)
        assert {one.state, other.state} == {PENDING} and not one.mailable
        assert [letter for letter, _, _ in letters(connection)] == ["confirm", "confirm"]
        assert is_suppressed(connection, ANN, keys=KEYS)
        assert choices.confirm(connection, one.subscriber_token, ["weekly"], proof=YES, now=now + HOUR) == ("weekly",)
        assert not is_suppressed(connection, ANN, keys=KEYS)
        assert {one.newsletter: one.mailable for one in people(connection)} == {"weekly": True, "instant": False}


def test_42_erasing_takes_the_waiting_wish_along(engine: Engine, now: datetime) -> None:
    fill_in(engine, now, "ANN@example.com")
    fill_in(engine, now, "bob@example.com")
    with engine.begin() as connection:
        assert erase(connection, ANN, keys=KEYS, now=now)
        assert not erase(connection, ANN, keys=KEYS, now=now)
    taken_up(engine, OURS, now)
    with engine.begin() as connection:
        assert [one.address for one in people(connection)] == ["bob@example.com"]


def test_erasing_is_no_way_around_a_complaint(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        suppress(connection, ANN, reason=SuppressionReason.COMPLAINT, keys=KEYS, now=now, note="ann@example.com wrote")
        erase(connection, ANN, keys=KEYS, now=now)
    fill_in(engine, now)
    taken_up(engine, OURS, now)
    with engine.begin() as connection:
        assert people(connection) == [] == letters(connection)
