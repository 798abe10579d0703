"""What is done about accounts: noted, guarded, and final where it should be."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from sqlalchemy import Engine

from digest.accounts import accounts, passwords, sessions, staff
from digest.accounts.log import latest
from digest.accounts.roles import DeskRole
from digest.errors import AccountError

PASSWORD = "four words in a row"
OTHER = "another four words in a row"


def added(engine: Engine, name: str, role: DeskRole, now: datetime) -> int:
    return staff.add(engine, name, role, PASSWORD, who="root", now=now)


def names(engine: Engine, now: datetime) -> list[tuple[str, str, bool]]:
    with engine.connect() as connection:
        return [(one.name, one.role.value, one.closed_at is None) for one in accounts.everybody(connection, now=now)]


def test_the_first_account_is_an_admins(engine: Engine, now: datetime) -> None:
    with pytest.raises(AccountError, match="must be an admin"):
        added(engine, "Ben", DeskRole.WRITER, now)
    added(engine, "Ana", DeskRole.ADMIN, now)
    added(engine, "Ben", DeskRole.WRITER, now)
    assert names(engine, now) == [("Ana", "admin", True), ("Ben", "writer", True)]


def test_a_name_is_one_persons(engine: Engine, now: datetime) -> None:
    added(engine, "Ana", DeskRole.ADMIN, now)
    with pytest.raises(AccountError, match="already"):
        added(engine, "ANA ", DeskRole.ADMIN, now)


@pytest.mark.parametrize("password", ["short", " " * 20, "aaaabbbbaaaabbbb", "Benedetta1234", "x" * 1_001])
def test_a_poor_password_is_refused(engine: Engine, now: datetime, password: str) -> None:
    with pytest.raises(AccountError):
        staff.add(engine, "Benedetta", DeskRole.ADMIN, password, who="root", now=now)


def test_the_last_admin_stays(engine: Engine, now: datetime) -> None:
    ana = added(engine, "Ana", DeskRole.ADMIN, now)
    with pytest.raises(AccountError, match="only admin"):
        staff.give_role(engine, ana, DeskRole.WRITER, who="Ana", now=now)
    with pytest.raises(AccountError, match="only admin"):
        staff.close(engine, ana, who="Ana", now=now)
    ben = added(engine, "Ben", DeskRole.ADMIN, now)
    staff.give_role(engine, ana, DeskRole.WRITER, who="Ben", now=now)
    staff.close(engine, ana, who="Ben", now=now)
    with pytest.raises(AccountError, match="only admin"):
        staff.close(engine, ben, who="Ben", now=now)


def test_two_admins_do_not_demote_each_other_at_once(engine: Engine, now: datetime) -> None:
    both = [added(engine, name, DeskRole.ADMIN, now) for name in ("Ana", "Ben")]

    def demote(account: int) -> bool:
        try:
            staff.give_role(engine, account, DeskRole.WRITER, who="each other", now=now)
        except AccountError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(demote, both)) == [False, True]
    assert sorted(role for _, role, _ in names(engine, now)) == ["admin", "writer"]


def test_a_closed_account_is_signed_out_and_may_be_opened_again(engine: Engine, now: datetime) -> None:
    added(engine, "Ana", DeskRole.ADMIN, now)
    ben = added(engine, "Ben", DeskRole.PUBLISHER, now)
    with engine.begin() as connection:
        token = sessions.begin(connection, who="Ben", role=DeskRole.PUBLISHER, account=ben, now=now)
    staff.close(engine, ben, who="Ana", now=now)
    with pytest.raises(AccountError):
        staff.give_role(engine, ben, DeskRole.ADMIN, who="Ana", now=now)
    with pytest.raises(AccountError):
        staff.give_password(engine, ben, OTHER, who="Ana", now=now)
    assert added(engine, "ben", DeskRole.WRITER, now) == ben
    assert ("ben", "writer", True) in names(engine, now)
    with engine.begin() as connection:
        assert sessions.find(connection, token, local=False, now=now) is None


def test_ones_own_password_needs_the_one_before(engine: Engine, now: datetime) -> None:
    ana = added(engine, "Ana", DeskRole.ADMIN, now)
    with engine.begin() as connection:
        before = sessions.begin(connection, who="Ana", role=DeskRole.ADMIN, account=ana, now=now)
    with pytest.raises(AccountError, match="not right"):
        staff.own_password(engine, ana, "wrong", OTHER, key="key", now=now)
    token = staff.own_password(engine, ana, PASSWORD, OTHER, key="key", now=now)
    with engine.begin() as connection:
        assert sessions.find(connection, before, local=False, now=now) is None
        assert sessions.find(connection, token, local=False, now=now)
        known = accounts.credentials(connection, "ana")
    assert known is not None
    assert passwords.is_right(OTHER, known.password)


def test_ones_own_password_is_not_guessed_at_a_desk_left_open(engine: Engine, now: datetime) -> None:
    ana = added(engine, "Ana", DeskRole.ADMIN, now)
    for _ in range(staff.OWN.count):
        with pytest.raises(AccountError, match="not right"):
            staff.own_password(engine, ana, "wrong", OTHER, key="key", now=now)
    with pytest.raises(AccountError, match="too often"):
        staff.own_password(engine, ana, PASSWORD, OTHER, key="key", now=now)


def test_each_is_noted_without_a_password(engine: Engine, now: datetime) -> None:
    added(engine, "Ana", DeskRole.ADMIN, now)
    ben = added(engine, "Ben", DeskRole.WRITER, now)
    staff.give_role(engine, ben, DeskRole.PUBLISHER, who="Ana", now=now)
    staff.give_password(engine, ben, OTHER, who="Ana", now=now)
    assert staff.sign_out(engine, ben, who="Ana", now=now) == 0
    staff.close(engine, ben, who="Ana", now=now)
    with engine.connect() as connection:
        lines = latest(connection)
    noted = [(line.who, line.detail["did"], line.detail["account"]) for line in reversed(lines)]
    assert noted[1:] == [("root", "added", "Ben"), *(("Ana", did, "Ben") for did in ("role", "password", "signed out", "closed"))]
    assert "words" not in str(lines)
