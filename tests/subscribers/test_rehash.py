"""When the oldest key goes: the hashes of every address that somebody still has move to the next one."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy import Connection, Engine, event, func, insert, select

from subscribers.address import parse_address
from subscribers.consent import Added, add, unsubscribe
from subscribers.edit import Changes, edit
from subscribers.erase import erase
from subscribers.people import find
from subscribers.suppression import BATCH, address_hash, is_suppressed, listed, rehash, suppress
from subscribers.tables import Consent, Subscriber, SubscriptionState, SuppressionReason
from tests.subscribers.conftest import KEYS, OPERATOR, person

CONFIRMED, LEFT = SubscriptionState.CONFIRMED, SubscriptionState.UNSUBSCRIBED
NEW = ["quite another key"]
ANN, BOB, OLD_ANN = (parse_address(f"{name}@example.com") for name in ("ann", "bob", "old.ann"))


def added(connection: Connection, address: str, now: datetime, keys: list[str] = KEYS) -> Added:
    return add(connection, person(address), newsletter="weekly", state=CONFIRMED, proof=OPERATOR, keys=keys, now=now)


def consents(connection: Connection) -> list[str]:
    return list(connection.scalars(select(Consent.address_hash).order_by(Consent.id)))


def test_people_and_their_suppressions_move_to_a_new_oldest_key(connection: Connection, now: datetime) -> None:
    for address in ("ann@example.com", "bob@example.com"):
        added(connection, address, now)
    suppress(connection, ANN, reason=SuppressionReason.BOUNCE, keys=KEYS, now=now)
    suppress(connection, parse_address("gone@example.com"), reason=SuppressionReason.BY_HAND, keys=KEYS, now=now)
    assert rehash(connection, old=KEYS, new=NEW) == 1
    assert is_suppressed(connection, ANN, keys=NEW)
    assert [known.address for known in find(connection) if known.mailable] == ["bob@example.com"]


def test_done_again_it_changes_nothing(connection: Connection, now: datetime) -> None:
    added(connection, "ann@example.com", now)
    suppress(connection, ANN, reason=SuppressionReason.BOUNCE, keys=KEYS, now=now)
    for old in (KEYS, KEYS, NEW):
        assert rehash(connection, old=old, new=NEW) == 0
        assert is_suppressed(connection, ANN, keys=NEW)
        assert consents(connection) == [address_hash(ANN, NEW)]


def test_the_records_of_consent_move_with_whoever_has_the_address(connection: Connection, now: datetime) -> None:
    """Also where the address was somebody else's when it was given."""
    ann = added(connection, "old.ann@example.com", now)
    edit(connection, OLD_ANN, Changes(address=ANN), keys=KEYS)
    added(connection, "old.ann@example.com", now)
    unsubscribe(connection, ann.subscription, how="page", now=now)
    assert rehash(connection, old=KEYS, new=NEW) == 0
    assert consents(connection) == [address_hash(address, NEW) for address in (OLD_ANN, OLD_ANN, ANN)]
    erase(connection, ANN, keys=NEW, now=now)
    assert not is_suppressed(connection, OLD_ANN, keys=NEW)  # another's today


def test_a_hash_of_an_address_that_nobody_has_any_more_stays(connection: Connection, now: datetime) -> None:
    added(connection, "old.ann@example.com", now)
    edit(connection, OLD_ANN, Changes(address=ANN), keys=KEYS)
    rehash(connection, old=KEYS, new=NEW)
    assert consents(connection) == [address_hash(OLD_ANN, KEYS)]
    erase(connection, ANN, keys=NEW, now=now)
    assert is_suppressed(connection, ANN, keys=NEW)
    assert not is_suppressed(connection, OLD_ANN, keys=NEW)


def test_who_was_suppressed_again_under_the_new_key_stays_so(connection: Connection, now: datetime) -> None:
    """Somebody restarted with the new keys before the hashes moved."""
    suppress(connection, ANN, reason=SuppressionReason.ERASED, keys=KEYS, now=now)
    suppress(connection, BOB, reason=SuppressionReason.BOUNCE, keys=KEYS, now=now)
    for address in ("ann@example.com", "bob@example.com"):
        added(connection, address, now, keys=NEW)
    suppress(connection, ANN, reason=SuppressionReason.COMPLAINT, keys=NEW, now=now)
    assert rehash(connection, old=KEYS, new=NEW) == 0
    reasons = [found.reason for address in (ANN, BOB) if (found := listed(connection, address, keys=NEW))]
    assert reasons == [SuppressionReason.COMPLAINT, SuppressionReason.BOUNCE]


@pytest.fixture
def largest(engine: Engine) -> Iterator[list[int]]:
    """How many rows each statement took with it."""
    seen: list[int] = []

    def note(*arguments: object) -> None:
        given = arguments[3]
        seen.append(len(given) if isinstance(given, list) else 1)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def test_of_many_no_more_than_a_batch_is_in_hand(connection: Connection, now: datetime, largest: list[int]) -> None:
    number = 2 * BATCH + 1
    addresses = [f"reader{index}@example.com" for index in range(number)]
    rows = [
        {"public_id": f"p{index}", "address": address, "address_key": address, "address_hash": address_hash(parse_address(address), KEYS)}
        for index, address in enumerate(addresses)
    ]
    connection.execute(insert(Subscriber).values(created_at=now), rows)
    suppress(connection, parse_address(addresses[-1]), reason=SuppressionReason.BOUNCE, keys=KEYS, now=now)
    largest.clear()
    assert rehash(connection, old=KEYS, new=NEW) == 0
    assert max(largest) <= BATCH
    assert len(largest) < 20
    assert is_suppressed(connection, parse_address(addresses[-1]), keys=NEW)
    ours = [address_hash(parse_address(address), NEW) for address in (addresses[0], addresses[BATCH], addresses[-1])]
    assert connection.scalar(select(func.count()).where(Subscriber.address_hash.in_(ours))) == 3
