"""The one cookie of the desk: it holds the session's token."""

from starlette.datastructures import Headers
from starlette.responses import Response

from digest.accounts.sessions import LONGEST


def name_of(headers: Headers, *, secure: bool) -> str:
    """By https a name that browsers take from this very host only (RFC 6265bis, `__Host-`): a neighbour of the domain cannot slip us one. On loopback
    all ports share their cookies, so that the port is in the name: two desks do not sign each other out."""
    if secure:
        return "__Host-desk"
    port = headers.get("host", "").rpartition(":")[2]
    return f"desk-{port}" if port.isascii() and port.isdecimal() and len(port) <= 5 else "desk"


def token_in(headers: Headers, name: str) -> str:
    """The token that was sent; empty where there is none, or more than one, of which nobody knows who set which."""
    pairs = (pair.partition("=") for header in headers.getlist("cookie") for pair in header.split(";"))
    found = [value.strip() for key, _, value in pairs if key.strip() == name]
    return found[0] if len(found) == 1 else ""


def put(response: Response, name: str, token: str, *, secure: bool) -> Response:
    seconds = int(LONGEST.total_seconds())
    response.set_cookie(name, token, max_age=seconds, path="/", secure=secure, httponly=True, samesite="strict")
    return response


def take_away(response: Response, name: str, *, secure: bool) -> Response:
    response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="strict")
    return response
