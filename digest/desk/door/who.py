"""Who asks: found out by the gate, for every request."""

from dataclasses import replace

from starlette.requests import Request

from digest.accounts import sessions
from digest.database import reading
from digest.desk.door import cookie
from digest.desk.door.entrance import Entrance
from digest.desk.door.proxy import vouched
from digest.desk.door.visitor import Visitor


def visitor_at(entrance: Entrance, request: Request) -> Visitor | None:
    """By a trusted proxy's word, or by the session of their cookie; None for a stranger."""
    told = vouched(entrance.desk, request)
    if told is not None:
        return _with_csrf(entrance, Visitor(who=told.who, role=told.role, csrf="", local=False))
    token = cookie.token_in(request.headers, cookie_name(entrance, request))
    session = _session(entrance, token) if token else None
    if session is None:
        return None
    found = Visitor(who=session.who, role=session.role, csrf="", local=entrance.local, account=session.account, session=session.hash)
    return _with_csrf(entrance, found)


def cookie_name(entrance: Entrance, request: Request) -> str:
    return cookie.name_of(request.headers, secure=entrance.secure)


def whom(visitor: Visitor) -> str:
    """What the forms of a visitor are bound to."""
    return f"session:{visitor.session}" if visitor.session else f"proxy:{visitor.who}"


def _with_csrf(entrance: Entrance, visitor: Visitor) -> Visitor:
    return replace(visitor, csrf=entrance.csrf(whom(visitor)))


def _session(entrance: Entrance, token: str) -> sessions.Session | None:
    """One query; once a minute also a note that the browser was here."""
    now = entrance.clock()
    with reading(entrance.engine).begin() as connection:
        found = sessions.find(connection, token, local=entrance.local, now=now)
    if found is None or (entrance.local and not entrance.links.opened(found.hash)):
        return None
    if sessions.is_stale(found, now):
        with entrance.engine.begin() as connection:
            sessions.touch(connection, found, now)
    return found
