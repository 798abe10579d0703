"""Wishes: taken in alike whoever it is, kept until they are taken up, and taken up once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, func, insert, select, text

from subscribers.address import parse_address
from subscribers.consent import add
from subscribers.signup import Waiting, Wish, take_in, take_up, waiting_of
from subscribers.suppression import suppress
from subscribers.tables import SignUp, SubscriptionState, SuppressionReason
from tests.subscribers.conftest import KEYS, OPERATOR, person

WEEKLY = frozenset({"weekly"})
TEXT = st.text(st.sampled_from("ab \t\r\n\x00\u2028\ud800é\u202e𝔘") | st.characters(), max_size=300)


def wish(address: str = "ann@example.com") -> Wish:
    return Wish(address=parse_address(address), newsletters=WEEKLY)


def waiting(connection: Connection) -> int:
    return connection.scalars(select(func.count()).select_from(SignUp)).one()


def test_what_is_taken_in_is_taken_up(connection: Connection, now: datetime) -> None:
    filled_in = Wish(
        address=parse_address("Ann@bücher.example"),
        newsletters=frozenset({"weekly", "daily"}),
        cadence="monthly",
        sections=frozenset({"Arts", "Ports & Harbours"}),
        name="Ann Lee",
        language="de",
        time_zone="Europe/Berlin",
        origin="https://example.com/join?from=article",
        wording="0123456789abcdef",
    )
    take_in(connection, filled_in, now=now)
    assert take_up(connection) == Waiting(at=now, wish=filled_in)
    assert take_up(connection) is None


def test_whoever_it_is_it_is_one_insert(engine: Engine, now: datetime, statements: Callable[[], int]) -> None:
    with engine.begin() as connection:
        for address in ("known@example.com", "suppressed@example.com"):
            add(connection, person(address), newsletter="weekly", state=SubscriptionState.CONFIRMED, proof=OPERATOR, keys=KEYS, now=now)
        suppress(connection, parse_address("suppressed@example.com"), reason=SuppressionReason.COMPLAINT, keys=KEYS, now=now)
    for address in ("new@example.com", "known@example.com", "suppressed@example.com"):
        with engine.begin() as connection:
            statements()
            take_in(connection, wish(address), now=now)
            assert statements() == 1


def test_the_oldest_is_first(connection: Connection, now: datetime) -> None:
    for number in range(5):
        take_in(connection, wish(f"reader{number}@example.com"), now=now)
    taken = [found.wish.address.key for _ in range(5) if (found := take_up(connection)) and found.wish]
    assert taken == [f"reader{number}@example.com" for number in range(5)]


def test_what_was_not_finished_is_there_again(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        take_in(connection, wish(), now=now)
    with engine.connect() as connection, connection.begin() as transaction:
        assert take_up(connection)
        transaction.rollback()
    with engine.begin() as connection:
        assert waiting(connection) == 1 and take_up(connection) == Waiting(at=now, wish=wish())


@pytest.mark.parametrize("poison", ["", "no address", "ann@", "ann@example.com\nBcc: all@example.com"])
def test_a_row_that_is_no_wish_is_told_apart(connection: Connection, now: datetime, poison: str) -> None:
    connection.execute(insert(SignUp).values(at=now, address=poison, newsletters=WEEKLY))
    assert take_up(connection) == Waiting(at=now, wish=None)
    assert waiting(connection) == 0


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer at a time
def test_nobody_waits_for_a_wish_that_another_takes_up(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        take_in(connection, wish("ann@example.com"), now=now)
        take_in(connection, wish("bob@example.com"), now=now)
    with engine.begin() as one, engine.begin() as other:
        other.execute(text("SET LOCAL lock_timeout = '2s'"))
        assert take_up(one) == Waiting(at=now, wish=wish("ann@example.com"))
        assert take_up(other) == Waiting(at=now, wish=wish("bob@example.com"))
        assert take_up(other) is None


def test_several_who_take_up_at_once_get_each_wish_once(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        for number in range(40):
            take_in(connection, wish(f"reader{number}@example.com"), now=now)
    begin = threading.Barrier(4)

    def take(_: int) -> list[str]:
        begin.wait()
        taken: list[str] = []
        while True:
            with engine.begin() as connection:
                found = take_up(connection)
            if found is None or found.wish is None:
                return taken
            taken.append(found.wish.address.key)

    with ThreadPoolExecutor(4) as pool:
        taken = [address for part in pool.map(take, range(4)) for address in part]
    assert sorted(taken) == sorted(f"reader{number}@example.com" for number in range(40))


def test_the_wishes_of_a_mailbox_are_found_however_it_was_spelt(connection: Connection, now: datetime) -> None:
    for address in ("Ann@bücher.example", "ann@xn--bcher-kva.example", "bob@bücher.example", "ann@cher.example", "ann@example.com"):
        take_in(connection, wish(address), now=now)
    assert len(waiting_of(connection, parse_address("ANN@BÜCHER.example"))) == 2
    assert len(waiting_of(connection, parse_address("ann@example.com"))) == 1
    assert waiting_of(connection, parse_address("nobody@example.com")) == ()


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.fixed_dictionaries(dict.fromkeys(("cadence", "name", "language", "time_zone", "origin", "wording"), TEXT)), names=st.frozensets(TEXT))
def test_whatever_is_filled_in_can_be_kept(engine: Engine, now: datetime, texts: dict[str, str], names: frozenset[str]) -> None:
    filled_in = Wish(address=parse_address("ann@example.com"), newsletters=names, sections=names, **texts)
    with engine.connect() as connection, connection.begin() as transaction:
        take_in(connection, filled_in, now=now)
        found = take_up(connection)
        transaction.rollback()
    assert found and found.wish and len(found.wish.name) <= 200 and len(found.wish.wording) <= 16 and "\n" not in found.wish.origin
