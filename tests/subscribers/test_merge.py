"""Two addresses become one person: nothing that was said is lost, and no link in an old mail is dead."""

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select, update

from subscribers.address import Address, parse_address
from subscribers.audience import mailable
from subscribers.consent import Added, Person, add, confirm, subscribe, unsubscribe
from subscribers.edit import Changes, edit
from subscribers.erase import erase
from subscribers.errors import Nobody, SubscribersError, Suppressed
from subscribers.export import HEADER, export
from subscribers.former import today
from subscribers.merge import Merger, carry_out, plan
from subscribers.people import find, history
from subscribers.profile import profile
from subscribers.suppression import address_hash, suppress
from subscribers.tables import Consent, FormerId, Subscriber, Subscription, SubscriptionState, SuppressionReason
from tests.subscribers.conftest import FORM, KEYS, OPERATOR, person

CONFIRMED, UNSUBSCRIBED = SubscriptionState.CONFIRMED, SubscriptionState.UNSUBSCRIBED
OLD, NEW = parse_address("ann@old.example"), parse_address("ann@new.example")


def added(connection: Connection, who: Person, newsletter: str, now: datetime) -> Added:
    return add(connection, who, newsletter=newsletter, state=CONFIRMED, proof=OPERATOR, keys=KEYS, now=now)


def merged(connection: Connection) -> Merger:
    merger = plan(connection, OLD, NEW)
    carry_out(connection, merger)
    return merger


def states(connection: Connection) -> dict[str, tuple[str, str]]:
    """By newsletter."""
    return {one.newsletter: (one.address, one.state.value) for one in find(connection)}


def test_everything_of_the_old_address_is_the_new_ones(connection: Connection, now: datetime) -> None:
    first = added(connection, Person(address=OLD, name="Ann", language="de"), "weekly", now)
    added(connection, Person(address=NEW, name="Ann Quay"), "daily", now + timedelta(days=1))
    edit(connection, OLD, Changes(attributes={"plan": "gold", "town": "Quay"}), keys=KEYS)
    edit(connection, NEW, Changes(attributes={"plan": "silver"}), keys=KEYS)
    connection.execute(update(Subscriber).where(Subscriber.address_key == OLD.key).values(acted_at=now))
    merger = merged(connection)
    assert ([word.newsletter for word in merger.moved], merger.pairs) == (["weekly"], ())
    assert states(connection) == {"weekly": ("ann@new.example", "confirmed"), "daily": ("ann@new.example", "confirmed")}
    assert unsubscribe(connection, first.subscription, how="one-click", now=now)  # the link in its mails
    found = profile(connection, NEW, keys=KEYS)
    assert found is not None
    assert (found.name, found.language, found.attributes) == ("Ann Quay", "de", {"plan": "silver", "town": "Quay"})
    assert (found.created_at, found.acted_at) == (now, now)
    assert profile(connection, OLD, keys=KEYS) is None


def test_of_two_subscriptions_the_stronger_stays_with_its_choices_and_both_histories(connection: Connection, now: datetime) -> None:
    ours = subscribe(connection, Person(address=NEW), newsletter="weekly", proof=FORM, keys=KEYS, now=now)
    theirs = added(connection, Person(address=OLD), "weekly", now + timedelta(hours=1))
    connection.execute(update(Subscription).where(Subscription.public_id == theirs.subscription).values(cadence="monthly"))
    (pair,) = merged(connection).pairs
    assert pair.stays.state == CONFIRMED
    (one,) = find(connection)
    assert (one.subscription_token, one.address, one.mailable) == (theirs.subscription, "ann@new.example", True)
    assert [(record.state.value, record.how) for record in history(connection, NEW)] == [("pending", "form"), ("confirmed", "command line")]
    assert connection.scalar(select(Subscription.cadence)) == "monthly"
    assert today(connection, ours.subscription) == theirs.subscription


def test_who_left_by_either_address_stays_gone(connection: Connection, now: datetime) -> None:
    theirs = added(connection, Person(address=OLD), "weekly", now)
    added(connection, Person(address=NEW), "weekly", now)
    unsubscribe(connection, theirs.subscription, how="one-click", now=now + timedelta(days=1))
    merged(connection)
    assert states(connection) == {"weekly": ("ann@new.example", "unsubscribed")}


def test_who_confirmed_after_leaving_is_in(connection: Connection, now: datetime) -> None:
    theirs = added(connection, Person(address=OLD), "weekly", now)
    unsubscribe(connection, theirs.subscription, how="one-click", now=now + timedelta(days=1))
    ours = subscribe(connection, Person(address=NEW), newsletter="weekly", proof=FORM, keys=KEYS, now=now + timedelta(days=2))
    confirm(connection, ours.subscription, proof=FORM, now=now + timedelta(days=2))
    merged(connection)
    assert states(connection) == {"weekly": ("ann@new.example", "confirmed")}


def test_no_link_is_dead_after_a_second_merger_and_none_is_left_after_erasure(connection: Connection, now: datetime) -> None:
    oldest = added(connection, person("ann@oldest.example"), "weekly", now)
    theirs = added(connection, Person(address=OLD), "weekly", now)
    ours = added(connection, Person(address=NEW), "weekly", now)
    who = {one.subscription_token: one.subscriber_token for one in find(connection)}
    carry_out(connection, plan(connection, parse_address("ann@oldest.example"), OLD))
    merged(connection)
    for one in (oldest, theirs, ours):
        assert today(connection, one.subscription) == ours.subscription
        assert today(connection, who[one.subscription]) == who[ours.subscription]
    assert today(connection, "never-one-of-ours") == "never-one-of-ours"
    erase(connection, NEW, keys=KEYS, now=now)
    assert connection.scalar(select(func.count()).select_from(FormerId)) == 0
    assert today(connection, oldest.subscription) == oldest.subscription


def test_consents_name_the_address_they_were_given_by(connection: Connection, now: datetime) -> None:
    added(connection, Person(address=OLD), "weekly", now)
    added(connection, Person(address=NEW), "weekly", now)
    connection.execute(update(Consent).values(address_hash=""))  # as they were before it was kept with them
    merged(connection)
    hashes = connection.scalars(select(Consent.address_hash).order_by(Consent.id)).all()
    assert hashes == [address_hash(OLD, KEYS), address_hash(NEW, KEYS)]


def test_two_people_are_needed(connection: Connection, now: datetime) -> None:
    added(connection, Person(address=OLD), "weekly", now)
    for goes, stays, error in ((OLD, NEW, Nobody), (NEW, OLD, Nobody), (OLD, parse_address("Ann@OLD.example"), SubscribersError)):
        with pytest.raises(error):
            plan(connection, goes, stays)


@pytest.mark.parametrize("reason", list(SuppressionReason))
def test_who_is_not_to_be_written_to_is_not_reached_by_another_address(connection: Connection, now: datetime, reason: SuppressionReason) -> None:
    added(connection, Person(address=OLD), "weekly", now)
    added(connection, Person(address=NEW), "daily", now)
    suppress(connection, OLD, reason=reason, keys=KEYS, now=now)
    with pytest.raises(Suppressed):
        plan(connection, NEW, OLD)
    if reason is SuppressionReason.BOUNCE:  # of the mailbox, not of the person
        merged(connection)
        assert [one.mailable for one in find(connection)] == [True, True]
    else:
        with pytest.raises(Suppressed):
            plan(connection, OLD, NEW)


def test_an_export_shows_the_consent_that_holds(connection: Connection, now: datetime) -> None:
    added(connection, Person(address=NEW), "weekly", now)
    subscribe(connection, Person(address=OLD), newsletter="weekly", proof=FORM, keys=KEYS, now=now + timedelta(days=1))
    merged(connection)
    (row,) = [dict(zip(HEADER, cells, strict=True)) for cells in export(connection)]
    assert (row["state"], row["consent how"], row["address hash"]) == ("confirmed", OPERATOR.how, address_hash(NEW, KEYS))


STEPS = st.lists(
    st.tuples(st.sampled_from([OLD, NEW]), st.sampled_from(["weekly", "daily"]), st.sampled_from(["ask", "add", "confirm", "leave"])), max_size=12
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_they_did_before_nothing_is_lost_and_no_leaving_is_undone(
    connection: Connection, now: datetime, steps: list[tuple[Address, str, str]]
) -> None:
    with connection.begin_nested() as savepoint:
        for address in (OLD, NEW):
            added(connection, Person(address=address), "other", now)
        last: dict[str, list[tuple[int, str]]] = {}
        for number, (who, newsletter, what) in enumerate(steps, start=1):
            if did(connection, Person(address=who), newsletter, what, now + timedelta(days=number)):
                last.setdefault(newsletter, []).append((number, what))
        said = connection.scalar(select(func.count()).select_from(Consent))
        merged(connection)
        assert connection.scalar(select(func.count()).select_from(Consent)) == said
        found = find(connection)
        assert len({one.newsletter for one in found}) == len(found)
        assert {one.address for one in found} == {"ann@new.example"}
        for newsletter, acts in last.items():
            (state,) = [one.state for one in found if one.newsletter == newsletter]
            if acts[-1][1] == "leave":
                assert state == UNSUBSCRIBED
        savepoint.rollback()


def did(connection: Connection, who: Person, newsletter: str, what: str, now: datetime) -> bool:
    """Whether the act changed anything."""
    if what == "add":
        known = {(one.address, one.newsletter) for one in find(connection)}
        added(connection, who, newsletter, now)
        return (who.address.address, newsletter) not in known
    if what == "ask":
        return subscribe(connection, who, newsletter=newsletter, proof=FORM, keys=KEYS, now=now).answer != "already"
    tokens = [one.subscription_token for one in find(connection, newsletter=newsletter) if one.address == who.address.address]
    if what == "confirm":
        return any(confirm(connection, token, proof=FORM, now=now) for token in tokens)
    return any(unsubscribe(connection, token, how="one-click", now=now) for token in tokens)


def test_a_mailable_person_stays_mailable(connection: Connection, now: datetime) -> None:
    for address in (OLD, NEW):
        added(connection, Person(address=address), "weekly", now)
    merged(connection)
    query = select(func.count()).select_from(Subscription).join(Subscriber).where(mailable())
    assert connection.scalar(query) == 1
