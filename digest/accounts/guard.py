"""Signing in with a password, within limits for each name and each client."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from digest.accounts import accounts, log, passwords, sessions
from digest.accounts.names import harmless, key_of
from digest.accounts.roles import Deed, DeskRole
from digest.limits import Limit, allow

PER_CLIENT = Limit(what="desk-client", count=20, period=timedelta(minutes=15))
PER_NAME = Limit(what="desk-name", count=10, period=timedelta(minutes=15))  # 960 guesses a day at one password of at least 12 characters
WRONG = "The name or the password is not right."
TOO_OFTEN = "This has been tried too often. Wait a quarter of an hour, then try again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """`client`: the network address, as far as a limit has to know. `browser`: a word for one in which the account `familiar` signed in before."""

    name: str
    password: str
    client: str
    familiar: int | None = None
    browser: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`token` of the new session, empty where there is none: then `refused` says why, to anybody alike whether there is such an account."""

    token: str = ""
    account: int = 0
    refused: str = ""
    too_often: bool = False


def sign_in(engine: Engine, attempt: Attempt, *, instead_of: str = "", key: str, now: datetime) -> Outcome:
    """Holds the attempt against the account. A session is always a new one; the browser's earlier one (its hash) ends."""
    name = harmless(attempt.name)
    with engine.connect() as connection:
        known = accounts.credentials(connection, name)
    who = f"{attempt.familiar} {attempt.browser}" if known and known.id == attempt.familiar else f"name {key_of(name)}"
    if not _may_try(engine, who, attempt.client, key=key, now=now):
        return Outcome(refused=TOO_OFTEN, too_often=True)
    right = passwords.is_right(attempt.password, known.password if known else None)
    if known is None or not right or not known.is_open:
        return Outcome(refused=WRONG)
    fresh = passwords.hashed(attempt.password) if passwords.is_dated(known.password) else ""
    with engine.begin() as connection:
        if fresh:
            accounts.set_password(connection, known.id, fresh, was=known.password)
        sessions.end(connection, instead_of)
        token = sessions.begin(connection, who=known.name, role=known.role, account=known.id, now=now)
        log.write(connection, at=now, who=known.name, what=Deed.SIGN_IN)
    return Outcome(token=token, account=known.id)


def open_locally(engine: Engine, who: str, *, now: datetime) -> str:
    """The token of a session for whoever sits at the machine."""
    with engine.begin() as connection:
        token = sessions.begin(connection, who=who, role=DeskRole.ADMIN, account=None, now=now)
        log.write(connection, at=now, who=who, what=Deed.SIGN_IN)
    return token


def _may_try(engine: Engine, who: str, client: str, *, key: str, now: datetime) -> bool:
    """Both count, also of a name that nobody has. A browser where they signed in before counts by itself: a stranger who tries a name until it is
    closed does not close it there."""
    with engine.begin() as connection:
        by_client = allow(connection, PER_CLIENT, client, key=key, now=now)
        return by_client and allow(connection, PER_NAME, who, key=key, now=now)
