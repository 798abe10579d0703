"""Signing in: as dear for names that nobody has, and not often, neither for one name nor from one client."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import FrameType

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, select

from digest.accounts import accounts, passwords, sessions
from digest.accounts.guard import PER_CLIENT, PER_NAME, TOO_OFTEN, WRONG, Attempt, Outcome, open_locally, sign_in
from digest.accounts.log import latest
from digest.accounts.roles import DeskRole
from digest.accounts.tables import AccountRow, SessionRow
from digest.limits import allow

PASSWORD = "four words in a row"


@pytest.fixture(scope="module")
def kept() -> str:
    return passwords.hashed(PASSWORD)


@pytest.fixture
def ana(engine: Engine, now: datetime, kept: str) -> int:
    with engine.begin() as connection:
        return accounts.add(connection, "Ana", DeskRole.ADMIN, kept, now=now)


def tried(engine: Engine, now: datetime, name: str = "Ana", password: str = PASSWORD, client: str = "203.0.113.7") -> Outcome:
    return sign_in(engine, Attempt(name=name, password=password, client=client), key="key", now=now)


@contextmanager
def verifications() -> Iterator[list[str]]:
    """The hashes that passwords were held against."""
    seen: list[str] = []

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code is PasswordHasher.verify.__code__:
            seen.append(str(frame.f_locals["hash"]))

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield seen
    finally:
        sys.setprofile(before)


def test_the_right_password_opens_a_new_session_and_is_noted(engine: Engine, ana: int, now: datetime) -> None:
    first, second = tried(engine, now, name=" aNa"), tried(engine, now, password=f" {PASSWORD} ")
    assert first.token
    assert second.token
    assert first.token != second.token
    with engine.begin() as connection:
        assert sessions.find(connection, first.token, local=False, now=now)
        assert [(line.who, line.what) for line in latest(connection)] == [("Ana", "sign in")] * 2


def test_the_session_of_before_ends(engine: Engine, ana: int, now: datetime) -> None:
    first = tried(engine, now)
    attempt = Attempt(name="Ana", password=PASSWORD, client="")
    assert sign_in(engine, attempt, instead_of=sessions.hashed(first.token), key="key", now=now).token
    with engine.begin() as connection:
        assert sessions.find(connection, first.token, local=False, now=now) is None


def test_nobody_is_told_whether_there_is_such_an_account(engine: Engine, ana: int, now: datetime) -> None:
    with engine.begin() as connection:
        closed = accounts.add(connection, "Ben", DeskRole.WRITER, passwords.hashed(PASSWORD), now=now)
        accounts.close(connection, closed, now=now)
    with verifications() as seen:
        outcomes = [
            tried(engine, now, name=name, password=password) for name, password in (("Ana", "wrong"), ("Zoe", PASSWORD), ("Ben", PASSWORD), ("", ""))
        ]
    assert outcomes == [Outcome(refused=WRONG)] * 4
    assert len(seen) == 4
    assert len({hash_.rpartition("$")[0].rpartition("$")[0] for hash_ in seen}) == 1  # the same parameters, and so the same time
    with engine.connect() as connection:
        assert connection.scalars(select(SessionRow.token)).all() == []


def test_one_name_is_tried_only_so_often_from_wherever(engine: Engine, ana: int, now: datetime) -> None:
    refused = [tried(engine, now, password="wrong", client=f"203.0.113.{number}").refused for number in range(PER_NAME.count)]
    assert set(refused) == {WRONG}
    with verifications() as seen:
        assert tried(engine, now, name="ANA", client="198.51.100.1") == Outcome(refused=TOO_OFTEN, too_often=True)
    assert seen == []
    assert tried(engine, now + PER_NAME.period / PER_NAME.count).token


def test_who_guesses_at_a_name_shuts_nobody_out_of_their_own_browser(engine: Engine, ana: int, now: datetime) -> None:
    with engine.begin() as connection:
        assert all(allow(connection, PER_NAME, "name ana", key="key", now=now) for _ in range(PER_NAME.count))
        assert all(allow(connection, PER_NAME, f"{ana} stolen", key="key", now=now) for _ in range(PER_NAME.count - 1))

    def from_browser(account: int, browser: str, password: str = PASSWORD) -> Outcome:
        attempt = Attempt(name="Ana", password=password, client="198.51.100.1", familiar=account, browser=browser)
        return sign_in(engine, attempt, key="key", now=now)

    assert tried(engine, now).too_often
    assert from_browser(ana, "mine").token
    assert from_browser(ana + 1, "another's").too_often
    assert [from_browser(ana, "stolen", "wrong").refused for _ in range(2)] == [WRONG, TOO_OFTEN]


def test_one_client_tries_only_so_many_names(engine: Engine, ana: int, now: datetime) -> None:
    with engine.begin() as connection:
        assert all(allow(connection, PER_CLIENT, "203.0.113.7", key="key", now=now) for _ in range(PER_CLIENT.count - 1))
    assert [tried(engine, now, name=f"nobody {number}", password="").too_often for number in range(2)] == [False, True]
    assert tried(engine, now).too_often
    assert tried(engine, now, client="198.51.100.1").token


def test_a_hash_of_other_parameters_is_made_anew(engine: Engine, now: datetime) -> None:
    cheap = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    with engine.begin() as connection:
        accounts.add(connection, "Ana", DeskRole.ADMIN, cheap, now=now)
    assert tried(engine, now, password="wrong").refused
    assert stored(engine) == cheap
    assert tried(engine, now).token
    assert not passwords.is_dated(stored(engine))
    assert tried(engine, now).token


def test_whoever_sits_at_the_machine_needs_no_account(engine: Engine, now: datetime) -> None:
    token = open_locally(engine, "ana", now=now)
    with engine.begin() as connection:
        session = sessions.find(connection, token, local=True, now=now + timedelta(hours=1))
    assert session is not None
    assert (session.who, session.role, session.account) == ("ana", DeskRole.ADMIN, None)


def stored(engine: Engine) -> str:
    with engine.connect() as connection:
        return connection.scalars(select(AccountRow.password)).one()
