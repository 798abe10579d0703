"""Sessions: they end by themselves, at once with their account, and nobody is signed in by what the database holds."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, select, update

from digest.accounts import accounts, sessions
from digest.accounts.roles import DeskRole
from digest.accounts.tables import SessionRow


@pytest.fixture
def ana(engine: Engine, now: datetime) -> int:
    with engine.begin() as connection:
        return accounts.add(connection, "Ana", DeskRole.PUBLISHER, "$hash", now=now)


def begun(engine: Engine, account: int | None, now: datetime) -> str:
    with engine.begin() as connection:
        return sessions.begin(connection, who="Ana", role=DeskRole.PUBLISHER, account=account, now=now)


def found(engine: Engine, token: str, now: datetime, *, local: bool = False) -> sessions.Session | None:
    with engine.begin() as connection:
        return sessions.find(connection, token, local=local, now=now)


def test_only_the_token_opens_it(engine: Engine, ana: int, now: datetime) -> None:
    token = begun(engine, ana, now)
    with engine.connect() as connection:
        kept = connection.scalars(select(SessionRow.token)).one()
    assert token not in kept
    assert found(engine, kept, now) is None
    assert found(engine, token[:-1], now) is None
    session = found(engine, token, now)
    assert session is not None
    assert (session.who, session.role, session.account) == ("Ana", DeskRole.PUBLISHER, ana)


def test_it_ends_when_nobody_is_there(engine: Engine, ana: int, now: datetime) -> None:
    token = begun(engine, ana, now)
    assert found(engine, token, now + sessions.IDLE - timedelta(seconds=1))
    assert found(engine, token, now + sessions.IDLE) is None


def test_it_ends_after_a_week_however_busy(engine: Engine, ana: int, now: datetime) -> None:
    token, at = begun(engine, ana, now), now
    while (session := found(engine, token, at)) is not None:
        with engine.begin() as connection:
            sessions.touch(connection, session, at)
        at += timedelta(hours=6)
    assert at == now + sessions.LONGEST


def test_a_note_is_taken_of_a_browser_once_a_minute(engine: Engine, ana: int, now: datetime) -> None:
    session = found(engine, begun(engine, ana, now), now)
    assert session is not None
    assert not sessions.is_stale(session, now + timedelta(seconds=59))
    assert sessions.is_stale(session, now + timedelta(seconds=60))


def test_a_role_is_that_of_now(engine: Engine, ana: int, now: datetime) -> None:
    token = begun(engine, ana, now)
    with engine.begin() as connection:
        accounts.add(connection, "Ben", DeskRole.ADMIN, "$hash", now=now)
        accounts.set_role(connection, ana, DeskRole.WRITER)
    session = found(engine, token, now)
    assert session is not None
    assert session.role is DeskRole.WRITER


def test_a_closed_account_has_no_session(engine: Engine, ana: int, now: datetime) -> None:
    token = begun(engine, ana, now)
    with engine.begin() as connection:
        accounts.add(connection, "Ben", DeskRole.ADMIN, "$hash", now=now)
        accounts.close(connection, ana, now=now)
    assert found(engine, token, now) is None


def test_a_local_session_opens_no_shared_desk_nor_the_other_way_round(engine: Engine, ana: int, now: datetime) -> None:
    by_link, by_password = begun(engine, None, now), begun(engine, ana, now)
    assert [found(engine, by_link, now, local=local) is not None for local in (True, False)] == [True, False]
    assert [found(engine, by_password, now, local=local) is not None for local in (True, False)] == [False, True]


def test_one_is_signed_out_here_or_everywhere(engine: Engine, ana: int, now: datetime) -> None:
    here, there, elsewhere = (begun(engine, ana, now) for _ in range(3))
    with engine.begin() as connection:
        sessions.end(connection, sessions.hashed(there))
    assert [found(engine, one, now) is not None for one in (here, there, elsewhere)] == [True, False, True]
    with engine.begin() as connection:
        assert sessions.end_all(connection, ana, but=sessions.hashed(here)) == 1
    assert [found(engine, one, now) is not None for one in (here, there, elsewhere)] == [True, False, False]


def test_what_is_over_is_cleared_away(engine: Engine, ana: int, now: datetime) -> None:
    begun(engine, ana, now)
    begun(engine, ana, now + sessions.IDLE)
    with engine.begin() as connection:
        assert len(connection.scalars(select(SessionRow.token)).all()) == 1
        connection.execute(update(SessionRow).values(seen_at=now + timedelta(days=365)))
    begun(engine, ana, now + sessions.LONGEST + sessions.IDLE)
    with engine.connect() as connection:
        assert len(connection.scalars(select(SessionRow.token)).all()) == 1
