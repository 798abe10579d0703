"""What people do on their own pages: each act guarded, each consent recorded, and only ever their own rows."""

import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, insert, select, text

from subscribers import choices
from subscribers.audience import audience
from subscribers.change import ALL, Choice
from subscribers.choices import UNDO, Choices, Chosen
from subscribers.consent import Proof, add, confirm, say_why, subscribe, unsubscribe, unsubscribe_from_all
from subscribers.erase import erase
from subscribers.people import history, reader
from subscribers.suppression import address_hash, is_suppressed, suppress
from subscribers.tables import Consent, Subscriber, Subscription, SubscriptionState, SuppressionReason
from tests.subscribers.conftest import FORM, KEYS, OPERATOR, person

CONFIRMED, PENDING, UNSUBSCRIBED = SubscriptionState.CONFIRMED, SubscriptionState.PENDING, SubscriptionState.UNSUBSCRIBED
ANN = person("ann@example.com", "Ann")
LETTER, PAGE = Proof(how="confirmation letter", origin="/confirm"), Proof(how="preferences", origin="/preferences")
HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)


def made(connection: Connection, now: datetime, state: SubscriptionState = CONFIRMED, newsletter: str = "weekly", address: str = "") -> str:
    """The public id of a subscription."""
    who = person(address) if address else ANN
    return add(connection, who, newsletter=newsletter, state=state, proof=OPERATOR, keys=KEYS, now=now).subscription


def whose(connection: Connection, subscription: str) -> str:
    known = reader(connection, subscription)
    assert known is not None
    return known.subscriber_token


def ann(connection: Connection) -> tuple[Choices, dict[str, Chosen]]:
    public_id = connection.scalars(select(Subscriber.public_id).where(Subscriber.address_key == ANN.address.key)).one()
    loaded = choices.load(connection, public_id)
    assert loaded is not None
    return loaded, {one.newsletter: one for one in loaded.subscriptions}


def records(connection: Connection) -> list[tuple[str, str, str]]:
    return [(one.newsletter, one.state.value, one.how) for one in history(connection, ANN.address)]


def acted_at(connection: Connection) -> datetime | None:
    return connection.scalars(select(Subscriber.acted_at).where(Subscriber.address_key == ANN.address.key)).one()


def test_what_a_person_has_chosen_is_loaded_in_two_queries(engine: Engine, now: datetime, statements: Callable[[], int]) -> None:
    with engine.begin() as connection:
        mine = made(connection, now)
        made(connection, now, PENDING, "monthly")
        made(connection, now, CONFIRMED, "weekly", "bob@example.com")
        token = whose(connection, mine)
        statements()
        loaded = choices.load(connection, token)
        assert statements() == 2
        assert loaded and (loaded.subscriber, loaded.address, loaded.name) == (token, "ann@example.com", "Ann")
        assert [(one.newsletter, one.state) for one in loaded.subscriptions] == [("weekly", CONFIRMED), ("monthly", PENDING)]
        assert [one.newsletter for one in choices.pending(connection, token)] == ["monthly"]
        assert choices.load(connection, "nobody-has-this-id") is None and choices.pending(connection, "nobody-has-this-id") == ()
        assert reader(connection, "nobody-has-this-id") is None


def test_choices_and_person_are_kept_and_nobody_elses(connection: Connection, now: datetime) -> None:
    mine, other = made(connection, now), made(connection, now, address="bob@example.com")
    assert choices.choose(connection, mine, Choice(cadence="daily", sections=frozenset({"Arts", "Harbour"})), now=now + HOUR)
    assert acted_at(connection) == now + HOUR
    assert choices.save_person(connection, whose(connection, mine), name=" Ann\r\nLee ", language="de_AT", time_zone="Mars/Base", now=now + 2 * HOUR)
    loaded, by_newsletter = ann(connection)
    assert (loaded.name, loaded.language, loaded.time_zone, acted_at(connection)) == ("Ann Lee", "de-AT", "", now + 2 * HOUR)
    assert (by_newsletter["weekly"].choice.cadence, by_newsletter["weekly"].choice.sections) == ("daily", frozenset({"Arts", "Harbour"}))
    bob = choices.load(connection, whose(connection, other))
    assert bob and (bob.name, bob.subscriptions[0].choice.cadence, bob.subscriptions[0].choice.sections) == ("", "", frozenset())
    assert len(records(connection)) == 1  # a choice is no consent


def test_acts_on_what_is_not_there_change_nothing(connection: Connection, now: datetime) -> None:
    for nobody in ("", "nobody-has-this-id", "x" * 500):
        assert not choices.choose(connection, nobody, ALL, now=now)
        assert not choices.pause(connection, nobody, until=None, now=now)
        assert not choices.save_person(connection, nobody, name="", language="", time_zone="", now=now)
        assert not choices.join(connection, nobody, "weekly", proof=PAGE, now=now)
        assert not choices.stay(connection, nobody, proof=PAGE, now=now)
        assert not say_why(connection, nobody, "why", now=now)
        assert choices.confirm(connection, nobody, ["weekly"], proof=LETTER, now=now) == ()


def test_confirming_confirms_what_was_asked_and_is_pending(connection: Connection, now: datetime) -> None:
    mine = made(connection, now, PENDING)
    for newsletter, state in (("monthly", PENDING), ("daily", PENDING), ("yearly", UNSUBSCRIBED), ("hourly", CONFIRMED)):
        made(connection, now, state, newsletter)
    token = whose(connection, mine)
    asked = ["weekly", "monthly", "yearly", "hourly", "unheard-of"]
    assert choices.confirm(connection, token, asked, proof=LETTER, now=now + HOUR) == ("monthly", "weekly")
    assert choices.confirm(connection, token, asked, proof=LETTER, now=now + 2 * HOUR) == ()
    states = {one.newsletter: one.state for one in ann(connection)[0].subscriptions}
    assert states == {"weekly": CONFIRMED, "monthly": CONFIRMED, "daily": PENDING, "yearly": UNSUBSCRIBED, "hourly": CONFIRMED}
    assert records(connection)[5:] == [("weekly", "confirmed", LETTER.how), ("monthly", "confirmed", LETTER.how)]
    assert acted_at(connection) == now + 2 * HOUR


def test_confirming_after_leaving_brings_nobody_back(connection: Connection, now: datetime) -> None:
    mine = made(connection, now, PENDING)
    unsubscribe(connection, mine, how="one-click", now=now)
    assert choices.confirm(connection, whose(connection, mine), ["weekly"], proof=LETTER, now=now) == ()
    assert len(records(connection)) == 2


def test_confirming_does_not_lift_a_complaint(connection: Connection, now: datetime) -> None:
    mine = made(connection, now, PENDING)
    suppress(connection, ANN.address, reason=SuppressionReason.COMPLAINT, keys=KEYS, now=now)
    assert choices.confirm(connection, whose(connection, mine), ["weekly"], proof=LETTER, now=now) == ("weekly",)
    assert is_suppressed(connection, ANN.address, keys=KEYS)
    assert connection.scalars(audience("weekly", now)).all() == []


@pytest.mark.parametrize("before", [None, PENDING, UNSUBSCRIBED])
def test_joining_from_ones_own_page_is_confirmed_at_once(connection: Connection, now: datetime, before: SubscriptionState | None) -> None:
    token = whose(connection, made(connection, now))
    if before:
        made(connection, now, before, "monthly")
    assert choices.join(connection, token, "monthly", proof=PAGE, now=now + HOUR)
    assert not choices.join(connection, token, "monthly", proof=PAGE, now=now + 2 * HOUR)
    monthly = reader(connection, ann(connection)[1]["monthly"].subscription)
    assert monthly and (monthly.state, monthly.confirmed_at, monthly.unsubscribed_at, monthly.mailable) == (CONFIRMED, now + HOUR, None, True)
    assert records(connection)[-1] == ("monthly", "confirmed", "preferences")
    assert len(records(connection)) == (3 if before else 2)


def test_a_pause_ends_by_itself_or_by_hand(connection: Connection, now: datetime) -> None:
    mine = made(connection, now)
    made(connection, now, address="bob@example.com")
    assert len(connection.scalars(audience("weekly", now)).all()) == 2
    assert choices.pause(connection, mine, until=now + 2 * WEEK, now=now)
    assert ann(connection)[1]["weekly"].paused_until == now + 2 * WEEK
    readers = [len(connection.scalars(audience("weekly", now + weeks * WEEK)).all()) for weeks in (0, 1, 2, 3)]
    assert readers == [1, 1, 2, 2]
    assert choices.pause(connection, mine, until=None, now=now)
    assert len(connection.scalars(audience("weekly", now)).all()) == 2
    assert len(records(connection)) == 1  # a pause takes no consent back


def test_leaving_while_paused_and_coming_back_is_not_paused(connection: Connection, now: datetime) -> None:
    mine = made(connection, now)
    choices.pause(connection, mine, until=now + WEEK, now=now)
    assert unsubscribe(connection, mine, how="page", now=now)
    assert not choices.pause(connection, mine, until=now + WEEK, now=now)
    assert not choices.choose(connection, mine, Choice(cadence="daily"), now=now)
    assert choices.join(connection, whose(connection, mine), "weekly", proof=PAGE, now=now)
    assert len(connection.scalars(audience("weekly", now)).all()) == 1


def test_leaving_can_be_undone_for_a_day_by_the_person(connection: Connection, now: datetime) -> None:
    mine = made(connection, now)
    assert not choices.stay(connection, mine, proof=PAGE, now=now)
    unsubscribe(connection, mine, how="one-click", now=now)
    assert choices.stay(connection, mine, proof=PAGE, now=now + UNDO)
    assert not choices.stay(connection, mine, proof=PAGE, now=now + UNDO)
    known = reader(connection, mine)
    assert known and (known.state, known.unsubscribed_at, known.unsubscribed_how) == (CONFIRMED, None, "")
    unsubscribe(connection, mine, how="one-click", now=now + UNDO)
    assert not choices.stay(connection, mine, proof=PAGE, now=now + 2 * UNDO + timedelta(seconds=1))
    assert [state for _, state, _ in records(connection)] == ["confirmed", "unsubscribed", "confirmed", "unsubscribed"]


def test_undoing_confirms_nobody_who_had_not(connection: Connection, now: datetime) -> None:
    mine = made(connection, now, PENDING)
    unsubscribe(connection, mine, how="page", now=now)
    assert not choices.stay(connection, mine, proof=PAGE, now=now)


def test_why_somebody_left_is_kept_once_beside_the_record(connection: Connection, now: datetime) -> None:
    mine = made(connection, now)
    assert not say_why(connection, mine, "Too much", now=now)
    unsubscribe(connection, mine, how="one-click", now=now)
    assert not say_why(connection, mine, " \r\n ", now=now)
    assert say_why(connection, mine, "Too\r\nmuch mail \x00 " + "x" * 9_000, now=now + HOUR)
    assert not say_why(connection, mine, "Really", now=now + HOUR)
    reason = history(connection, ANN.address)[-1]
    assert (reason.state, reason.how, reason.wording[:15], len(reason.wording)) == (UNSUBSCRIBED, "reason given", "Too much mail x", 2_000)
    assert reader(connection, mine).unsubscribed_at == now  # type: ignore[union-attr]
    choices.stay(connection, mine, proof=PAGE, now=now + HOUR)
    unsubscribe(connection, mine, how="page", now=now + 2 * HOUR)
    assert say_why(connection, mine, "Now I mean it", now=now + 2 * HOUR)


def test_39_every_record_names_the_hash_of_the_address_that_said_it(connection: Connection, now: datetime) -> None:
    mine = made(connection, now, PENDING)
    confirm(connection, mine, proof=LETTER, now=now)
    unsubscribe_from_all(connection, whose(connection, mine), how="preferences", now=now)
    choices.join(connection, whose(connection, mine), "monthly", proof=PAGE, now=now)
    hashes = connection.scalars(select(Consent.address_hash)).all()
    assert hashes == [address_hash(ANN.address, KEYS)] * 4


def test_an_operators_act_is_not_taken_for_the_persons(connection: Connection, now: datetime) -> None:
    mine = made(connection, now)
    unsubscribe(connection, mine, how="command line", now=now, by_operator=True)
    assert acted_at(connection) is None
    unsubscribe(connection, mine, how="one-click", now=now)
    assert acted_at(connection) == now


def test_two_who_act_on_one_person_at_once_never_wait_for_each_other(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        mine, other = made(connection, now), made(connection, now, PENDING, "monthly")
        token = whose(connection, mine)
    acts: list[Callable[[Connection], object]] = [
        lambda connection: unsubscribe_from_all(connection, token, how="preferences", now=now),
        lambda connection: choices.confirm(connection, token, ["monthly", "weekly"], proof=LETTER, now=now),
        lambda connection: subscribe(connection, ANN, newsletter="weekly", proof=FORM, keys=KEYS, now=now),
        lambda connection: [unsubscribe(connection, one, how="one-click", now=now) for one in (mine, other)],
        lambda connection: [choices.stay(connection, one, proof=PAGE, now=now) for one in (other, mine)],
        lambda connection: choices.join(connection, token, "monthly", proof=PAGE, now=now),
        lambda connection: subscribe(connection, ANN, newsletter="monthly", proof=FORM, keys=KEYS, now=now),
        lambda connection: made(connection, now, newsletter="yearly"),
    ]
    begin = threading.Barrier(len(acts))

    def run(act: Callable[[Connection], object]) -> None:
        begin.wait()
        for _ in range(10):
            with engine.begin() as connection:
                act(connection)

    with ThreadPoolExecutor(len(acts)) as pool:
        list(pool.map(run, acts))
    with engine.begin() as connection:
        newest = {record.newsletter: record for record in history(connection, ANN.address)}
        assert {slug: record.state for slug, record in newest.items()} == {one.newsletter: one.state for one in ann(connection)[0].subscriptions}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer at a time
def test_who_acts_holds_the_person_and_holds_up_no_new_rows(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        mine = made(connection, now)
        subscriber_id = connection.scalars(select(Subscriber.id)).one()
    free = select(Subscriber.id).with_for_update(skip_locked=True)
    for act in (
        lambda connection: choices.choose(connection, mine, Choice(cadence="daily"), now=now),
        lambda connection: choices.pause(connection, mine, until=now, now=now),
        lambda connection: unsubscribe(connection, mine, how="command line", now=now, by_operator=True),
        lambda connection: say_why(connection, mine, "Too much", now=now),
        lambda connection: subscribe(connection, ANN, newsletter="weekly", proof=FORM, keys=KEYS, now=now),
    ):
        with engine.begin() as acting, engine.begin() as other:
            other.execute(text("SET LOCAL lock_timeout = '2s'"))
            assert act(acting)
            assert other.scalars(free).all() == []
            row = {"public_id": secrets.token_urlsafe(16), "subscriber_id": subscriber_id, "newsletter": secrets.token_hex(8), "state": PENDING}
            other.execute(insert(Subscription).values(**row, created_at=now))


def test_erased_while_others_act_the_person_is_gone_or_new(engine: Engine, now: datetime) -> None:
    begin = threading.Barrier(4)

    def run(number: int) -> None:
        begin.wait()
        for _ in range(10):
            with engine.begin() as connection:
                if number:
                    subscribe(connection, ANN, newsletter="weekly", proof=FORM, keys=KEYS, now=now)
                else:
                    erase(connection, ANN.address, keys=KEYS, now=now)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, range(4)))
    with engine.begin() as connection:
        erase(connection, ANN.address, keys=KEYS, now=now)
        assert connection.scalars(select(Subscriber.id)).all() == [] and history(connection, ANN.address) == ()


TEXT = st.text(st.sampled_from("ab \t\r\n\x00\u2028\ud800é\u202e𝔘") | st.characters(), max_size=300)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXT, TEXT, st.lists(TEXT, max_size=4))
def test_whatever_is_written_into_the_page_can_be_kept(engine: Engine, now: datetime, text: str, other: str, names: list[str]) -> None:
    with engine.connect() as connection, connection.begin() as transaction:
        mine = made(connection, now)
        assert choices.save_person(connection, whose(connection, mine), name=text, language=other, time_zone=other, now=now)
        assert choices.choose(
            connection, mine, Choice(cadence=text, sections=frozenset(names), muted_authors=frozenset(names), hour=len(text)), now=now
        )
        assert choices.confirm(connection, whose(connection, mine), [text, *names], proof=LETTER, now=now) == ()
        unsubscribe(connection, mine, how="page", now=now)
        say_why(connection, mine, text, now=now)
        kept, loaded = history(connection, ANN.address), choices.load(connection, whose(connection, mine))
        transaction.rollback()
    assert loaded and all("\n" not in said for said in (loaded.name, loaded.language, loaded.time_zone, *(record.wording for record in kept)))
