"""Accounts of the people who edit: made, changed, closed. Each change is one guarded statement."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select, update

from digest.accounts.names import key_of, parse_name
from digest.accounts.roles import DeskRole
from digest.accounts.tables import AccountRow, SessionRow
from digest.errors import AccountError
from subscribers.upsert import insert


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """`sessions`: browsers signed in; `seen_at`: when one of them was last here."""

    id: int
    name: str
    role: DeskRole
    created_at: datetime
    closed_at: datetime | None
    sessions: int
    seen_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a sign-in is held against."""

    id: int
    name: str
    role: DeskRole
    password: str  # its hash
    is_open: bool


def add(connection: Connection, name: str, role: DeskRole, password: str, *, now: datetime) -> int:
    """A new account, or a closed one of that name opened again with this role and password (a hash, see `passwords`). Its id. `AccountError` where
    somebody has that name already."""
    name = parse_name(name)
    row = {"key": key_of(name), "name": name, "role": role, "password": password, "created_at": now}
    again = {"name": name, "role": role, "password": password, "closed_at": None}
    statement = insert(connection, AccountRow).values(row)
    statement = statement.on_conflict_do_update(index_elements=["key"], set_=again, where=AccountRow.closed_at.is_not(None))
    made: int | None = connection.scalar(statement.returning(AccountRow.id))
    if made is None:
        raise AccountError(f"There is an account “{name}” already.")
    return made


def credentials(connection: Connection, name: str) -> Credentials | None:
    """Of the account with that name, closed or not."""
    return _credentials(connection, AccountRow.key == key_of(name))


def credentials_of(connection: Connection, account: int) -> Credentials | None:
    return _credentials(connection, AccountRow.id == account)


def any_open(connection: Connection) -> bool:
    """Whether anybody has an account."""
    return connection.scalar(select(AccountRow.id).where(_is_open()).limit(1)) is not None


def any_admin(connection: Connection) -> bool:
    """Whether somebody may make accounts at the desk."""
    return connection.scalar(select(AccountRow.id).where(AccountRow.role == DeskRole.ADMIN, _is_open()).limit(1)) is not None


def everybody(connection: Connection, *, now: datetime) -> tuple[Account, ...]:
    """All accounts, the open ones first, by name."""
    mine = (SessionRow.account_id == AccountRow.id) & (SessionRow.ends_at > now)
    columns = AccountRow.id, AccountRow.name, AccountRow.role, AccountRow.created_at, AccountRow.closed_at
    asked = select(*columns, func.count(SessionRow.token), func.max(SessionRow.seen_at)).outerjoin(SessionRow, mine)
    rows = connection.execute(asked.group_by(*columns, AccountRow.key).order_by(AccountRow.closed_at.is_not(None), AccountRow.key))
    return tuple(
        Account(id=id_, name=name, role=role, created_at=created_at, closed_at=closed_at, sessions=count, seen_at=seen_at)
        for id_, name, role, created_at, closed_at, count, seen_at in rows
    )


def find(connection: Connection, name: str) -> int:
    """The id of the open account with that name; `AccountError` where there is none."""
    found = connection.scalar(select(AccountRow.id).where(AccountRow.key == key_of(name), _is_open()))
    if found is None:
        raise AccountError(f"There is no account “{parse_name(name)}”; `digest editors list` names those there are.")
    return found


def set_role(connection: Connection, account: int, role: DeskRole) -> None:
    """Another role, from the next request on. The last admin stays one: `AccountError`."""
    if role is not DeskRole.ADMIN:
        _require_another_admin(connection, account)
    _changed(connection.execute(update(AccountRow).where(AccountRow.id == account, _is_open()).values(role=role)).rowcount)


def set_password(connection: Connection, account: int, password: str, *, was: str | None = None) -> None:
    """Another password (its hash); with `was`, only if it is still that one."""
    same = AccountRow.password == was if was is not None else AccountRow.id == account
    _changed(connection.execute(update(AccountRow).where(AccountRow.id == account, _is_open(), same).values(password=password)).rowcount)


def close(connection: Connection, account: int, *, now: datetime) -> None:
    """They may not sign in any more, and are signed out by it: a closed account's sessions count for nothing (`sessions.find`). The name stays theirs
    in the log. The last admin's is not closed: `AccountError`."""
    _require_another_admin(connection, account)
    _changed(connection.execute(update(AccountRow).where(AccountRow.id == account, _is_open()).values(closed_at=now)).rowcount)


def _require_another_admin(connection: Connection, account: int) -> None:
    """Locks the admins: two who demote each other at the same moment do not both succeed."""
    admins = connection.scalars(select(AccountRow.id).where(AccountRow.role == DeskRole.ADMIN, _is_open()).with_for_update()).all()
    if list(admins) == [account]:
        raise AccountError("This is the only admin: make somebody else one first.")


def _credentials(connection: Connection, which: ColumnElement[bool]) -> Credentials | None:
    columns = AccountRow.id, AccountRow.name, AccountRow.role, AccountRow.password, AccountRow.closed_at
    row = connection.execute(select(*columns).where(which)).one_or_none()
    if row is None:
        return None
    id_, name, role, password, closed_at = row
    return Credentials(id=id_, name=name, role=role, password=password, is_open=closed_at is None)


def _is_open() -> ColumnElement[bool]:
    return AccountRow.closed_at.is_(None)


def _changed(count: int) -> None:
    if count != 1:
        raise AccountError("The account was closed or changed meanwhile: nothing was changed.")
