"""What is done about accounts, each in one transaction with its line in the log: from the command line, by an admin at the desk, by oneself."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from digest.accounts import accounts, log, passwords, sessions
from digest.accounts.roles import Deed, DeskRole
from digest.errors import AccountError
from digest.limits import Limit, allow

OWN = Limit(what="desk-own", count=5, period=timedelta(minutes=15))  # whoever found a desk left open shall not try for long
NOBODY = "There is no such account any more."


def add(engine: Engine, name: str, role: DeskRole, password: str, *, who: str, now: datetime) -> int:
    """A new account; its id. The first is an admin's, who can make the others at the desk. `AccountError` says what is wrong."""
    passwords.require_good(password, name=name)
    kept = passwords.hashed(password)
    with engine.begin() as connection:
        if role is not DeskRole.ADMIN and not accounts.any_admin(connection):
            raise AccountError("The first account must be an admin's.")
        made = accounts.add(connection, name, role, kept, now=now)
        _note(connection, made, "added", who=who, now=now, role=role.value)
    return made


def give_role(engine: Engine, account: int, role: DeskRole, *, who: str, now: datetime) -> None:
    """From their next request on. The last admin stays one."""
    with engine.begin() as connection:
        accounts.set_role(connection, account, role)
        _note(connection, account, "role", who=who, now=now, role=role.value)


def give_password(engine: Engine, account: int, password: str, *, who: str, now: datetime) -> None:
    """Another password; they are signed out everywhere."""
    with engine.connect() as connection:
        known = _known(connection, account)
    passwords.require_good(password, name=known.name)
    kept = passwords.hashed(password)
    with engine.begin() as connection:
        accounts.set_password(connection, account, kept)
        sessions.end_all(connection, account)
        _note(connection, account, "password", who=who, now=now)


def own_password(engine: Engine, account: int, old: str, new: str, *, key: str, now: datetime) -> str:
    """One's own, by whoever knows the one before. All sessions end; the token of the new one for this browser."""
    with engine.begin() as connection:
        if not allow(connection, OWN, str(account), key=key, now=now):
            raise AccountError("This has been tried too often. Wait a quarter of an hour, then try again.")
    with engine.connect() as connection:
        known = _known(connection, account)
    if not passwords.is_right(old, known.password):
        raise AccountError("The password of now is not right.")
    passwords.require_good(new, name=known.name)
    kept = passwords.hashed(new)
    with engine.begin() as connection:
        accounts.set_password(connection, account, kept, was=known.password)
        sessions.end_all(connection, account)
        _note(connection, account, "password", who=known.name, now=now)
        return sessions.begin(connection, who=known.name, role=known.role, account=account, now=now)


def close(engine: Engine, account: int, *, who: str, now: datetime) -> None:
    """They are signed out, and may not sign in any more. The last admin's is not closed."""
    with engine.begin() as connection:
        accounts.close(connection, account, now=now)
        sessions.end_all(connection, account)
        _note(connection, account, "closed", who=who, now=now)


def sign_out(engine: Engine, account: int, *, who: str, now: datetime, but: str = "") -> int:
    """Out of every browser, but for that of the session with the hash `but`. How many there were."""
    with engine.begin() as connection:
        count = sessions.end_all(connection, account, but=but)
        _note(connection, account, "signed out", who=who, now=now)
    return count


def _known(connection: Connection, account: int) -> accounts.Credentials:
    known = accounts.credentials_of(connection, account)
    if known is None or not known.is_open:
        raise AccountError(NOBODY)
    return known


def _note(connection: Connection, account: int, did: str, *, who: str, now: datetime, **more: str) -> None:
    known = accounts.credentials_of(connection, account)
    if known is None:
        raise AccountError(NOBODY)
    log.write(connection, at=now, who=who, what=Deed.ACCOUNT, detail={"account": known.name, "did": did, **more})
