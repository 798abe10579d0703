"""What is known of a person is put right; a new address keeps everything, and takes nobody else's."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, select, update

from subscribers.address import Address, parse_address
from subscribers.attributes import parse_attribute
from subscribers.consent import add
from subscribers.edit import Changes, edit
from subscribers.errors import BadAttribute, Nobody, Suppressed, Taken
from subscribers.people import find, history
from subscribers.profile import profile
from subscribers.suppression import address_hash, is_suppressed, listed, suppress
from subscribers.tables import Consent, Subscriber, Subscription, SubscriptionState, SuppressionReason
from tests.subscribers.conftest import KEYS, OPERATOR, person

ANN, NEW, BOB = parse_address("ann@example.com"), parse_address("ann@new.example"), parse_address("bob@example.com")


@pytest.fixture
def ann(connection: Connection, now: datetime) -> str:
    """Her subscription's public id."""
    who = person("ann@example.com", "Ann")
    return add(connection, who, newsletter="weekly", state=SubscriptionState.CONFIRMED, proof=OPERATOR, keys=KEYS, now=now).subscription


def test_only_what_is_given_changes_and_what_is_empty_goes(connection: Connection, ann: str) -> None:
    assert edit(connection, ANN, Changes(language="de", attributes={"plan": "gold", "town": "Quay"}), keys=KEYS) == ("language", "attributes")
    found = profile(connection, ANN, keys=KEYS)
    assert found is not None
    assert (found.name, found.language, found.time_zone, found.attributes) == ("Ann", "de", "", {"plan": "gold", "town": "Quay"})
    assert edit(connection, ANN, Changes(name="", attributes={"plan": "", "unknown": ""}), keys=KEYS) == ("name", "attributes")
    found = profile(connection, ANN, keys=KEYS)
    assert found is not None
    assert (found.name, found.language, found.attributes) == ("", "de", {"town": "Quay"})
    assert edit(connection, ANN, Changes(language="de", attributes={"town": "Quay"}), keys=KEYS) == ()


def test_a_new_address_keeps_subscriptions_and_history(connection: Connection, ann: str) -> None:
    connection.execute(update(Consent).values(address_hash=""))  # as they were before it was kept with them
    before = history(connection, ANN)
    assert edit(connection, ANN, Changes(address=NEW), keys=KEYS) == ("address", "address_key", "address_hash")
    (one,) = find(connection)
    assert (one.address, one.subscription_token, one.mailable) == ("ann@new.example", ann, True)
    assert history(connection, NEW) == before
    assert connection.scalar(select(Subscriber.address_hash)) == address_hash(NEW, KEYS)
    assert connection.scalar(select(Consent.address_hash)) == address_hash(ANN, KEYS)
    assert not is_suppressed(connection, ANN, keys=KEYS)


def test_another_spelling_of_the_same_mailbox_is_no_new_address(connection: Connection, ann: str, now: datetime) -> None:
    suppress(connection, ANN, reason=SuppressionReason.COMPLAINT, keys=KEYS, now=now)
    assert edit(connection, ANN, Changes(address=parse_address("Ann@example.com")), keys=KEYS) == ("address",)


def test_nobody_gets_an_address_that_somebody_has(connection: Connection, ann: str, now: datetime) -> None:
    add(connection, person("bob@example.com"), newsletter="daily", state=SubscriptionState.PENDING, proof=OPERATOR, keys=KEYS, now=now)
    with pytest.raises(Taken) as caught:
        edit(connection, ANN, Changes(address=BOB, name="Bob"), keys=KEYS)
    assert "@" not in str(caught.value)
    assert [(one.address, one.name) for one in find(connection)] == [("ann@example.com", "Ann"), ("bob@example.com", "")]
    with pytest.raises(Nobody):
        edit(connection, NEW, Changes(name="x"), keys=KEYS)


def test_of_two_who_want_one_address_at_the_same_time_one_gets_it(engine: Engine, now: datetime) -> None:
    people = [person(f"{name}@example.com") for name in ("ann", "bob", "cleo", "dan")]
    with engine.begin() as connection:
        for one in people:
            add(connection, one, newsletter="weekly", state=SubscriptionState.CONFIRMED, proof=OPERATOR, keys=KEYS, now=now)
    together = Barrier(len(people))

    def want(address: Address) -> bool:
        together.wait(20)
        try:
            with engine.begin() as connection:
                edit(connection, address, Changes(address=NEW), keys=KEYS)
        except Taken:
            return False
        return True

    with ThreadPoolExecutor(len(people)) as pool:
        assert sorted(pool.map(want, [one.address for one in people])) == [False, False, False, True]


def test_an_address_nobody_may_write_to_is_not_taken(connection: Connection, ann: str, now: datetime) -> None:
    suppress(connection, NEW, reason=SuppressionReason.BY_HAND, keys=KEYS, now=now)
    with pytest.raises(Suppressed):
        edit(connection, ANN, Changes(address=NEW), keys=KEYS)
    assert [one.address for one in find(connection)] == ["ann@example.com"]


@pytest.mark.parametrize("reason", list(SuppressionReason))
def test_a_bounce_stays_with_the_mailbox_and_all_else_with_the_person(
    connection: Connection, ann: str, now: datetime, reason: SuppressionReason
) -> None:
    suppress(connection, ANN, reason=reason, keys=KEYS, now=now, note="why")
    found = listed(connection, ANN, keys=KEYS)
    assert found is not None and (found.reason, found.at, found.note) == (reason, now, "why")
    if reason is SuppressionReason.BOUNCE:
        edit(connection, ANN, Changes(address=NEW), keys=KEYS)
        assert [one.mailable for one in find(connection)] == [True]
    else:
        with pytest.raises(Suppressed):
            edit(connection, ANN, Changes(address=NEW), keys=KEYS)
    assert edit(connection, NEW if reason is SuppressionReason.BOUNCE else ANN, Changes(name="Ann Quay"), keys=KEYS) == ("name",)


def test_a_person_as_they_stand(connection: Connection, ann: str, now: datetime) -> None:
    changed = {"cadence": "monthly", "sections": frozenset({"News", "Culture"}), "paused_until": now}
    connection.execute(update(Subscription).where(Subscription.public_id == ann).values(**changed))
    found = profile(connection, ANN, keys=KEYS)
    assert found is not None and found.suppression is None
    (held,) = found.subscriptions
    assert (held.newsletter, held.state, held.confirmed_at) == ("weekly", SubscriptionState.CONFIRMED, now)
    assert (held.cadence, held.sections, held.paused_until) == ("monthly", ("Culture", "News"), now)
    assert profile(connection, NEW, keys=KEYS) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plan=gold", ("plan", "gold")),
        (" plan = gold ", ("plan", "gold")),
        ("a=b=c", ("a", "b=c")),
        ("plan=", ("plan", "")),
        ('"$.x"=%_', ('"$.x"', "%_")),
    ],
)
def test_an_attribute_as_it_is_written(text: str, expected: tuple[str, str]) -> None:
    assert parse_attribute(text) == expected


@pytest.mark.parametrize("text", ["plan", "=gold", " = ", "", "a=b\x00c", "a\nb=c", "a=\ud800", "a" * 101 + "=b", "a=" + "b" * 1_001])
def test_what_is_no_attribute_is_turned_down(text: str) -> None:
    with pytest.raises(BadAttribute):
        parse_attribute(text)


@given(st.text(max_size=40))
def test_whatever_is_an_attribute_fits_a_line(text: str) -> None:
    try:
        key, value = parse_attribute(text)
    except BadAttribute:
        return
    assert key == key.strip() != ""
    assert len(f"{key}={value}".splitlines()) == 1
    key.encode()
    value.encode()
