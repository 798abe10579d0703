"""Browsers that are signed in. The cookie holds a token; what is kept is its hash, so that nobody who reads the database is signed in by it."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from digest.accounts.roles import DeskRole
from digest.accounts.tables import AccountRow, SessionRow

IDLE = timedelta(hours=12)  # without a request
LONGEST = timedelta(days=7)  # whatever is done in it
TOUCH = timedelta(minutes=1)  # how exactly it is known when a browser was last here
BYTES = 32  # of chance in a token


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """`account` is None for one that a one-time link began. The role is the account's as it is now."""

    hash: str
    account: int | None
    who: str
    role: DeskRole
    seen_at: datetime


def begin(connection: Connection, *, who: str, role: DeskRole, account: int | None, now: datetime) -> str:
    """A new session; its token, which is told to the browser and to nobody else. Those that are over are cleared away."""
    connection.execute(delete(SessionRow).where(_over(now)))
    token = secrets.token_urlsafe(BYTES)
    row = {"token": hashed(token), "account_id": account, "who": who, "role": role, "made_at": now, "seen_at": now, "ends_at": now + LONGEST}
    connection.execute(insert(SessionRow).values(row))
    return token


def find(connection: Connection, token: str, *, local: bool, now: datetime) -> Session | None:
    """The session of a token: at a local desk one that a link began, elsewhere one of an account that is not closed. None for any other, or when it
    is over."""
    columns = SessionRow.token, SessionRow.account_id, SessionRow.who, SessionRow.role, SessionRow.seen_at, AccountRow.name, AccountRow.role
    asked = select(*columns).outerjoin(AccountRow, AccountRow.id == SessionRow.account_id)
    mine = SessionRow.account_id.is_(None) if local else AccountRow.id.is_not(None) & AccountRow.closed_at.is_(None)
    row = connection.execute(asked.where(SessionRow.token == hashed(token), ~_over(now), mine)).one_or_none()
    if row is None:
        return None
    hash_, account, who, role, seen_at, name, role_now = row
    return Session(hash=hash_, account=account, who=who if name is None else name, role=role if role_now is None else role_now, seen_at=seen_at)


def is_stale(session: Session, now: datetime) -> bool:
    """Whether it is time to note that the browser was here."""
    return now - session.seen_at >= TOUCH


def touch(connection: Connection, session: Session, now: datetime) -> None:
    """Notes that the browser was here."""
    connection.execute(update(SessionRow).where(SessionRow.token == session.hash, SessionRow.seen_at < now).values(seen_at=now))


def end(connection: Connection, hash_: str) -> None:
    """Signs one browser out."""
    connection.execute(delete(SessionRow).where(SessionRow.token == hash_))


def end_all(connection: Connection, account: int, *, but: str = "") -> int:
    """Signs somebody out everywhere, but for the browser whose session has the hash `but`. How many there were."""
    return connection.execute(delete(SessionRow).where(SessionRow.account_id == account, SessionRow.token != but)).rowcount


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _over(now: datetime) -> ColumnElement[bool]:
    return (SessionRow.ends_at <= now) | (SessionRow.seen_at <= now - IDLE)
