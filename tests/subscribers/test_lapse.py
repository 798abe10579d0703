"""What a form brought and nobody confirmed goes in time, and nothing else does."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, func, select, update

from subscribers import choices
from subscribers.consent import Answer, Choice, Proof, add, say_why, subscribe, unsubscribe
from subscribers.lapse import HOW, lapse
from subscribers.people import find, history
from subscribers.stronger import Word, stronger
from subscribers.tables import Consent, Subscriber, Subscription, SubscriptionState
from tests.subscribers.conftest import FORM, KEYS, OPERATOR, person

CONFIRMED, PENDING, UNSUBSCRIBED = SubscriptionState.CONFIRMED, SubscriptionState.PENDING, SubscriptionState.UNSUBSCRIBED
ANN, BOB = person("ann@example.com", "Ann"), person("bob@example.com")
DAY = timedelta(days=1)
YES = Proof(how="confirmation letter")


def asked(connection: Connection, now: datetime, newsletter: str = "weekly") -> str:
    """Somebody enters Ann's address; the public id of the subscription."""
    return subscribe(connection, ANN, newsletter=newsletter, proof=FORM, keys=KEYS, now=now).subscription


def lapsed(connection: Connection, before: datetime, limit: int = 10) -> int:
    return lapse(connection, before=before, now=before + 33 * DAY, limit=limit)


def number(connection: Connection, table: type[Subscriber] | type[Subscription] | type[Consent]) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0


def test_40_nothing_is_left_of_a_person_who_never_said_yes(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        asked(connection, now)
        asked(connection, now, "monthly")
        assert lapsed(connection, now) == 0
        assert lapsed(connection, now + timedelta(seconds=1)) == 1
        assert [number(connection, table) for table in (Subscriber, Subscription, Consent)] == [0, 0, 0]


def test_a_later_letter_puts_it_off(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        asked(connection, now)
        connection.execute(update(Subscriber).values(letter_at=now + 20 * DAY))
        assert lapsed(connection, now + 20 * DAY) == 0
        assert lapsed(connection, now + 21 * DAY) == 1


def test_whoever_gets_something_else_keeps_that(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        mine = asked(connection, now)
        [ann] = find(connection)
        assert choices.confirm(connection, ann.subscriber_token, ["weekly"], proof=YES, now=now)
        asked(connection, now, "monthly")
        assert lapsed(connection, now + DAY) == 1
        assert [(one.subscription_token, one.state) for one in find(connection)] == [(mine, CONFIRMED)]
        assert lapsed(connection, now + DAY) == 0


def test_whoever_had_left_has_left_as_of_then(engine: Engine, now: datetime) -> None:
    """Else a stranger with a form, and a month, would make an operator's next list bring them back."""
    with engine.begin() as connection:
        mine = add(connection, ANN, newsletter="weekly", state=CONFIRMED, proof=OPERATOR, keys=KEYS, now=now).subscription
        unsubscribe(connection, mine, how="one-click", now=now + DAY)
        say_why(connection, mine, "too often", now=now + 2 * DAY)
        assert subscribe(connection, ANN, newsletter="weekly", proof=FORM, choice=Choice(), keys=KEYS, now=now + 9 * DAY).answer is Answer.REVIVED
        assert lapsed(connection, now + 10 * DAY) == 1
        [ann] = find(connection)
        assert (ann.subscription_token, ann.state, ann.unsubscribed_at, ann.unsubscribed_how) == (mine, UNSUBSCRIBED, now + DAY, HOW)
        assert [one.how for one in history(connection, ANN.address)][-2:] == ["form", HOW]
        assert add(connection, ANN, newsletter="weekly", state=CONFIRMED, proof=OPERATOR, keys=KEYS, now=now + 60 * DAY).answer is Answer.LEFT
        assert not choices.stay(connection, mine, proof=YES, now=now + 10 * DAY)
        ours = Word(id=1, newsletter="weekly", state=CONFIRMED, confirmed_at=now, unsubscribed_at=None)
        theirs = Word(id=2, newsletter="weekly", state=ann.state, confirmed_at=ann.confirmed_at, unsubscribed_at=ann.unsubscribed_at)
        assert stronger(ours, theirs).stays is theirs


def test_what_an_operator_added_stays(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        for how, who in (("import", ANN), ("command line", BOB)):
            add(connection, who, newsletter="weekly", state=PENDING, proof=Proof(how=how), keys=KEYS, now=now)
        asked(connection, now)  # and a form adds nothing to it
        assert lapsed(connection, now + 400 * DAY) == 0
        assert number(connection, Subscription) == 2


def test_a_batch_is_no_more_than_was_asked_for(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        for place in range(5):
            subscribe(connection, person(f"reader{place}@example.com"), newsletter="weekly", proof=FORM, keys=KEYS, now=now)
        assert [lapsed(connection, now + DAY, limit=2) for _ in range(4)] == [2, 2, 1, 0]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer at a time
def test_whoever_is_just_confirming_is_not_waited_for_and_stays(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        asked(connection, now)
        [ann] = find(connection)
    with engine.begin() as confirming, engine.begin() as other:
        assert choices.confirm(confirming, ann.subscriber_token, ["weekly"], proof=YES, now=now)
        assert lapsed(other, now + DAY) == 0
    with engine.begin() as connection:
        assert lapsed(connection, now + DAY) == 0
        assert [one.state for one in find(connection)] == [CONFIRMED]
