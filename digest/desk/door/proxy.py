"""Single sign-on: a proxy before the desk says in a header who asks. Only the word of a proxy that is trusted counts."""

import logging
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from starlette.exceptions import HTTPException
from starlette.requests import Request

from digest.accounts.names import parse_name
from digest.accounts.roles import DeskRole
from digest.errors import AccountError
from digest.publication import Desk

log = logging.getLogger("digest.desk")

STRONGEST_FIRST = (DeskRole.ADMIN, DeskRole.PUBLISHER, DeskRole.WRITER)
MISUSED = "The proxy before the desk has to be set up anew: it must say once, and by one name, who asks."


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouched:
    """Who asks, by a proxy's word."""

    who: str
    role: DeskRole


def vouched(desk: Desk, request: Request) -> Vouched | None:
    """Who asks, where a trusted proxy says so in `[desk] user_header`; None without such a word. From anybody else the header counts for nothing.

    A header that comes twice, or in a spelling that some servers take for the same (X_Forwarded_User), is 400: whoever asks may have added it.
    """
    if not desk.user_header:
        return None
    said = _values(request, desk.user_header)
    if not said:
        return None
    if not is_trusted(desk, request):
        log.warning("[desk] user_header came from an address that is not in trusted_proxies: it counts for nothing")
        return None
    try:
        who = parse_name(_one(said, exactly=desk.user_header))
    except AccountError:
        raise HTTPException(400, MISUSED) from None
    role = _role(desk, request)
    if role is None:
        raise HTTPException(403, "You are known here, but have no role at this desk. Ask whoever runs it.")
    return Vouched(who=who, role=role)


def is_trusted(desk: Desk, request: Request) -> bool:
    """Whether who connected may vouch for others. By a unix socket only they can whom its file lets in."""
    if request.client is None or not request.client.host:
        return True
    try:
        peer = ip_address(request.client.host.partition("%")[0])
    except ValueError:
        return False
    peer = getattr(peer, "ipv4_mapped", None) or peer
    return any(peer in ip_network(network, strict=False) for network in desk.trusted_proxies)


def _role(desk: Desk, request: Request) -> DeskRole | None:
    """The strongest role that the proxy names among whatever groups there are; else the default."""
    said = _values(request, desk.role_header) if desk.role_header else []
    groups = {part.strip().lower() for part in _one(said, exactly=desk.role_header).split(",")} if said else set()
    default = DeskRole(desk.default_role) if desk.default_role else None
    return next((role for role in STRONGEST_FIRST if role.value in groups), default)


def _values(request: Request, name: str) -> list[tuple[str, bytes]]:
    """Every header that somebody could take for `name`, as it was spelt."""
    wanted = name.lower()
    pairs = ((key.decode("latin-1").lower(), value) for key, value in request.headers.raw)
    return [(key, value) for key, value in pairs if key.replace("_", "-") == wanted]


def _one(said: list[tuple[str, bytes]], *, exactly: str) -> str:
    if len(said) != 1 or said[0][0] != exactly.lower():
        log.warning("[desk] %s came more than once, or misspelt: the proxy must take it away from what it is sent", exactly)
        raise HTTPException(400, MISUSED)
    try:
        return said[0][1].decode("utf-8")
    except UnicodeDecodeError:
        raise HTTPException(400, MISUSED) from None
