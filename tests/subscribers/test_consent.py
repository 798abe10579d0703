"""Consent: every change is guarded, leaves its record, and nobody is brought back by somebody else."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, select

from subscribers.address import parse_address
from subscribers.audience import audience
from subscribers.consent import Added, Answer, Person, add, confirm, subscribe, unsubscribe, unsubscribe_from_all
from subscribers.erase import erase
from subscribers.errors import SubscribersError, Suppressed
from subscribers.people import count_by_state, find, find_reader, history
from subscribers.suppression import is_suppressed, lift, suppress
from subscribers.tables import Subscriber, SubscriptionState, SuppressionReason
from tests.subscribers.conftest import FORM, KEYS, OPERATOR, person

CONFIRMED, PENDING, UNSUBSCRIBED = SubscriptionState.CONFIRMED, SubscriptionState.PENDING, SubscriptionState.UNSUBSCRIBED


def added(connection: Connection, address: str, now: datetime, state: SubscriptionState = CONFIRMED, newsletter: str = "weekly") -> Added:
    return add(connection, person(address), newsletter=newsletter, state=state, proof=OPERATOR, keys=KEYS, now=now)


def asked(connection: Connection, address: str, now: datetime) -> Added:
    return subscribe(connection, person(address), newsletter="weekly", proof=FORM, keys=KEYS, now=now)


def readers(connection: Connection, now: datetime, newsletter: str = "weekly") -> int:
    return len(connection.scalars(audience(newsletter, now)).all())


def test_way_of_a_reader(connection: Connection, now: datetime) -> None:
    made = asked(connection, "ann@example.com", now)
    assert (made.answer, made.state) == (Answer.NEW, PENDING)
    assert readers(connection, now) == 0
    assert confirm(connection, made.subscription, proof=FORM, now=now + timedelta(hours=1))
    assert readers(connection, now) == 1
    assert unsubscribe(connection, made.subscription, how="one-click", now=now + timedelta(days=1))
    assert readers(connection, now) == 0


def test_39_each_change_leaves_when_where_and_which_words(connection: Connection, now: datetime) -> None:
    made = asked(connection, "ann@example.com", now)
    confirm(connection, made.subscription, proof=FORM, now=now + timedelta(hours=1))
    unsubscribe(connection, made.subscription, how="one-click", now=now + timedelta(days=1))
    records = history(connection, parse_address("ann@example.com"))
    assert [(record.state, record.at, record.how) for record in records] == [
        (PENDING, now, "form"),
        (CONFIRMED, now + timedelta(hours=1), "form"),
        (UNSUBSCRIBED, now + timedelta(days=1), "one-click"),
    ]
    assert (records[0].origin, records[0].wording) == (FORM.origin, FORM.wording)


def test_said_twice_changes_nothing(connection: Connection, now: datetime) -> None:
    made = asked(connection, "ann@example.com", now)
    assert asked(connection, "ANN@example.com", now).answer is Answer.ALREADY
    assert confirm(connection, made.subscription, proof=FORM, now=now)
    assert not confirm(connection, made.subscription, proof=FORM, now=now)
    assert unsubscribe(connection, made.subscription, how="one-click", now=now)
    assert not unsubscribe(connection, made.subscription, how="one-click", now=now + timedelta(days=9))
    assert len(history(connection, parse_address("ann@example.com"))) == 3
    (known,) = find(connection)
    assert (known.unsubscribed_at, known.unsubscribed_how) == (now, "one-click")


def test_confirming_after_leaving_does_not_revive(connection: Connection, now: datetime) -> None:
    made = asked(connection, "ann@example.com", now)
    unsubscribe(connection, made.subscription, how="one-click", now=now)
    assert not confirm(connection, made.subscription, proof=FORM, now=now)


def test_unknown_subscription_is_no_error(connection: Connection, now: datetime) -> None:
    assert not unsubscribe(connection, "nobody-has-this-id", how="one-click", now=now)
    assert not confirm(connection, "nobody-has-this-id", proof=FORM, now=now)


def test_operator_does_not_bring_back_who_left(connection: Connection, now: datetime) -> None:
    made = added(connection, "ann@example.com", now)
    unsubscribe(connection, made.subscription, how="one-click", now=now)
    again = added(connection, "ann@example.com", now)
    assert (again.answer, again.state, again.subscription) == (Answer.LEFT, UNSUBSCRIBED, made.subscription)
    assert readers(connection, now) == 0
    assert history(connection, parse_address("ann@example.com"))[-1].state is UNSUBSCRIBED


def test_person_comes_back_by_their_own_act_and_confirms_again(connection: Connection, now: datetime) -> None:
    made = added(connection, "ann@example.com", now)
    unsubscribe(connection, made.subscription, how="one-click", now=now)
    again = asked(connection, "ann@example.com", now)
    assert (again.answer, again.state) == (Answer.REVIVED, PENDING)
    (known,) = find(connection)
    assert (known.confirmed_at, known.unsubscribed_at, known.unsubscribed_how) == (None, None, "")
    assert confirm(connection, made.subscription, proof=FORM, now=now)
    assert readers(connection, now) == 1


def test_operator_does_not_confirm_for_a_pending_person(connection: Connection, now: datetime) -> None:
    asked(connection, "ann@example.com", now)
    again = added(connection, "ann@example.com", now)
    assert (again.answer, again.state) == (Answer.ALREADY, PENDING)


def test_24_leaving_everything_leaves_all_and_only_ones_own(connection: Connection, now: datetime) -> None:
    for newsletter in ("weekly", "monthly"):
        added(connection, "ann@example.com", now, newsletter=newsletter)
        added(connection, "bob@example.com", now, newsletter=newsletter)
    ann = find(connection, text="ann@")[0].subscriber_token
    assert unsubscribe_from_all(connection, ann, how="preferences", now=now) == 2
    assert unsubscribe_from_all(connection, ann, how="preferences", now=now) == 0
    assert (readers(connection, now), readers(connection, now, "monthly")) == (1, 1)
    assert [record.state for record in history(connection, parse_address("ann@example.com"))] == [CONFIRMED, CONFIRMED, UNSUBSCRIBED, UNSUBSCRIBED]


def test_suppressed_address_is_neither_added_nor_written_to(connection: Connection, now: datetime) -> None:
    added(connection, "ann@example.com", now)
    suppress(connection, parse_address("Ann@Example.com"), reason=SuppressionReason.COMPLAINT, keys=KEYS, now=now)
    assert readers(connection, now) == 0
    assert count_by_state(connection, "weekly") == {"confirmed": 1, "suppressed": 1}
    assert [known.mailable for known in find(connection)] == [False]
    suppress(connection, parse_address("bob@example.com"), reason=SuppressionReason.BY_HAND, keys=KEYS, now=now)
    for act in (added, asked):
        with pytest.raises(Suppressed) as refused:
            act(connection, "bob@example.com", now)
        assert "bob" not in str(refused.value)
    assert lift(connection, parse_address("ann@example.com"), keys=KEYS)
    assert not lift(connection, parse_address("ann@example.com"), keys=KEYS)
    assert readers(connection, now) == 1


def test_new_key_in_front_changes_no_hash(connection: Connection, now: datetime) -> None:
    address = parse_address("ann@example.com")
    suppress(connection, address, reason=SuppressionReason.BOUNCE, keys=["first"], now=now)
    assert is_suppressed(connection, address, keys=["second", "first"])
    assert not is_suppressed(connection, address, keys=["second"])


def test_without_a_key_nobody_is_added(connection: Connection, now: datetime) -> None:
    with pytest.raises(SubscribersError, match="no key yet"):
        add(connection, person("ann@example.com"), newsletter="weekly", state=CONFIRMED, proof=OPERATOR, keys=[], now=now)


def test_42_erased_person_leaves_a_hash_and_nothing_else(connection: Connection, now: datetime) -> None:
    added(connection, "ann@example.com", now)
    address = parse_address("Ann@example.com")
    assert erase(connection, address, keys=KEYS, now=now)
    assert not erase(connection, address, keys=KEYS, now=now)
    assert find(connection) == () and history(connection, address) == ()
    assert connection.scalars(select(Subscriber.id)).all() == []
    assert is_suppressed(connection, address, keys=KEYS)
    with pytest.raises(Suppressed):
        added(connection, "ann@example.com", now)


def test_people_are_found_by_part_of_name_or_address(connection: Connection, now: datetime) -> None:
    for address, name in (("ann@example.com", "Ann Lee"), ("bob_100%@example.org", "Bob"), ("cy@bücher.example", "Cy Ann")):
        who = Person(address=parse_address(address), name=name)
        add(connection, who, newsletter="weekly", state=CONFIRMED, proof=OPERATOR, keys=KEYS, now=now)
    asked(connection, "dora@example.com", now)

    def found(**what: object) -> list[str]:
        return [known.address.partition("@")[0] for known in find(connection, **what)]  # type: ignore[arg-type]

    assert found() == ["ann", "bob_100%", "cy", "dora"]
    assert found(text="ANN") == ["ann", "cy"]
    assert found(text="%") == ["bob_100%"] and found(text="bücher") == ["cy"]
    assert found(state=PENDING) == ["dora"] and found(newsletter="monthly") == []
    assert found(after=1, limit=2) == ["bob_100%", "cy"]
    assert count_by_state(connection, "weekly") == {"confirmed": 3, "pending": 1}
    reader = find_reader(connection, "weekly", "CY@xn--bcher-kva.example")
    assert reader is not None and reader.name == "Cy Ann"
    assert find_reader(connection, "monthly", "ann@example.com") is None


def test_counting_takes_one_statement(connection: Connection, now: datetime, statements: Callable[[], int]) -> None:
    for number in range(7):
        added(connection, f"reader{number}@example.com", now)
    statements()
    count_by_state(connection, "weekly")
    assert statements() == 1


def test_a_form_tells_a_person_from_who_was_erased(connection: Connection, now: datetime) -> None:
    for address in ("ann@example.com", "bob@example.com"):
        erase(connection, parse_address(address), keys=KEYS, now=now)
    again = subscribe(connection, person("ann@example.com"), newsletter="weekly", proof=FORM, keys=KEYS, now=now, at_once=True)
    assert (again.answer, again.state) == (Answer.NEW, PENDING)
    assert readers(connection, now) == 0 and is_suppressed(connection, parse_address("ann@example.com"), keys=KEYS)
    assert subscribe(connection, person("cy@example.com"), newsletter="weekly", proof=FORM, keys=KEYS, now=now, at_once=True).state is CONFIRMED


def test_a_form_introduces_nobody_who_has_confirmed_anything(connection: Connection, now: datetime) -> None:
    def told(name: str, newsletter: str) -> str:
        who = Person(address=parse_address("ann@example.com"), name=name, language="fr")
        subscribe(connection, who, newsletter=newsletter, proof=FORM, keys=KEYS, now=now)
        return find(connection)[0].name

    assert [told("Nobody", "weekly"), told("Ann", "weekly"), told("", "weekly")] == ["Nobody", "Ann", "Ann"]
    confirm(connection, find(connection)[0].subscription_token, proof=FORM, now=now)
    assert [told("Stranger", "weekly"), told("Stranger", "monthly")] == ["Ann", "Ann"]
