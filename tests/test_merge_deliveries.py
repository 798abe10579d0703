"""When two addresses become one person, the history of their deliveries goes along, and nobody gets an edition twice."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, insert, select

from digest.delivery.tables import DeliveryRow
from digest.delivery.values import DeliveryState
from digest.editions.tables import EditionRow
from digest.editions.values import EditionState
from digest.merge import merge, preview
from subscribers.address import Address, parse_address
from subscribers.change import Proof
from subscribers.consent import Person, add
from subscribers.people import find
from subscribers.suppression import is_suppressed
from subscribers.tables import Subscription, SubscriptionState

KEYS = ["a-key-of-the-tests"]
OLD, NEW = parse_address("ann@old.example"), parse_address("ann@new.example")


def edition(connection: Connection, slot: datetime) -> int:
    row = {"newsletter": "weekly", "cadence": "weekly", "slot": slot, "window_start": slot, "cutoff": slot, "created_at": slot}
    return connection.scalars(insert(EditionRow).values(**row, state=EditionState.SENDING).returning(EditionRow.id)).one()


def subscribed(connection: Connection, address: Address, now: datetime, newsletter: str = "weekly") -> int:
    confirmed = SubscriptionState.CONFIRMED
    made = add(connection, Person(address=address), newsletter=newsletter, state=confirmed, proof=Proof(how="form"), keys=KEYS, now=now)
    return connection.scalars(select(Subscription.id).where(Subscription.public_id == made.subscription)).one()


def delivery(connection: Connection, subscription: int, now: datetime, *, of: int | None, state: DeliveryState = DeliveryState.ACCEPTED) -> int:
    row = {"edition_id": of, "letter": "" if of else "welcome", "subscription_id": subscription, "state": state, "next_at": now}
    return connection.scalars(insert(DeliveryRow).values(**row).returning(DeliveryRow.id)).one()


def owners(engine: Engine) -> dict[int, int | None]:
    with engine.begin() as connection:
        return {row.id: row.subscription_id for row in connection.execute(select(DeliveryRow.id, DeliveryRow.subscription_id))}


def test_history_of_both_is_that_of_the_one_that_stays(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        first, second = edition(connection, now), edition(connection, now + timedelta(days=7))
        theirs, ours = subscribed(connection, OLD, now), subscribed(connection, NEW, now)
        moved = delivery(connection, theirs, now, of=first)
        letter = delivery(connection, theirs, now, of=None)
        both = delivery(connection, theirs, now, of=second, state=DeliveryState.QUEUED)
        kept = delivery(connection, ours, now, of=second, state=DeliveryState.QUEUED)
    done = merge(engine, OLD, NEW, keys=KEYS, now=now, shut=False)
    assert (done.moved, [pair.stays.id for pair in done.pairs]) == ((), [ours])
    # Without a reader a queued delivery is skipped: the person gets the second edition once.
    assert owners(engine) == {moved: ours, letter: ours, both: None, kept: ours}


def test_a_preview_changes_nothing(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        theirs = subscribed(connection, OLD, now)
        subscribed(connection, NEW, now, "daily")
        sent = delivery(connection, theirs, now, of=edition(connection, now))
    assert [word.newsletter for word in preview(engine, OLD, NEW).moved] == ["weekly"]
    with engine.begin() as connection:
        assert [one.address for one in find(connection)] == ["ann@old.example", "ann@new.example"]
    assert owners(engine) == {sent: theirs}


@pytest.mark.parametrize("shut", [True, False])
def test_the_old_address_is_shut_only_where_asked(engine: Engine, now: datetime, shut: bool) -> None:
    with engine.begin() as connection:
        theirs = subscribed(connection, OLD, now)
        subscribed(connection, NEW, now, "daily")
        sent = delivery(connection, theirs, now, of=edition(connection, now))
    merge(engine, OLD, NEW, keys=KEYS, now=now, shut=shut)
    with engine.begin() as connection:
        assert is_suppressed(connection, OLD, keys=KEYS) is shut
        assert [(one.address, one.mailable) for one in find(connection)] == [("ann@new.example", True)] * 2
    assert owners(engine) == {sent: theirs}
