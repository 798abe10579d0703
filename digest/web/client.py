"""Who asks, as far as a limit has to know: the network address, told by the proxies that are trusted."""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.requests import Request

from digest.web.reception import reception_of

UNKNOWN = "unknown"
HOUSEHOLD = 64  # bits


def client_of(request: Request) -> str:
    """The client's IPv4 address, or its IPv6 network: a household or a rented machine has a whole /64. “unknown” where nobody says.

    Only the word of `[pages] trusted_proxies` is taken, from the nearest outwards; one that comes by a unix socket is trusted, for only the machine
    itself can. To be hashed before it is kept.
    """
    trusted = reception_of(request).settings.pages.trusted_proxies
    peer = request.client.host if request.client else ""
    said = [part.strip() for header in request.headers.getlist("x-forwarded-for") for part in header.split(",")]
    return client_among(peer, said, trusted)


def client_among(peer: str, said: Sequence[str], trusted: Iterable[str]) -> str:
    """The nearest hop that is no trusted proxy, or the last one that says who it is. `peer` is who connected, empty for a unix socket; `said` what
    X-Forwarded-For holds, whose right end is the nearest."""
    networks = [ip_network(one, strict=False) for one in trusted]
    found = UNKNOWN
    for hop in (*([peer] if peer else ()), *reversed(said)):
        try:
            address = _address(hop)
        except ValueError:  # hidden, or made up: what is known is who said it
            break
        found = _network(address)
        if not any(address in network for network in networks):
            break
    return found


def _address(text: str) -> IPv4Address | IPv6Address:
    """An IPv4 address stays one in its IPv6 spelling."""
    address = ip_address(text.partition("%")[0])
    return getattr(address, "ipv4_mapped", None) or address


def _network(address: IPv4Address | IPv6Address) -> str:
    return str(address) if address.version == 4 else str(IPv6Network((int(address), HOUSEHOLD), strict=False))
