"""Which network addresses may be fetched from: those of the open internet, and what `[fetch] allow_private` names. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052
NAT64_LOCAL = IPv6Network("64:ff9b:1::/48")  # RFC 8215; "global" to `ipaddress` before Python 3.13
V4_COMPATIBLE = IPv6Network("::/96")  # RFC 4291, deprecated, still parsed


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """`[fetch] allow_private`, sorted out: host names in small letters, and networks (an address is a network of one)."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()


def read_allowed(entries: Iterable[str]) -> Allowed:
    """What is neither an address nor a network is a host name."""
    hosts: set[str] = set()
    networks: list[Network] = []
    for entry in entries:
        try:
            networks.append(ip_network(entry.strip().strip("[]"), strict=False))
        except ValueError:
            hosts.add(_plain(entry))
    return Allowed(hosts=frozenset(hosts), networks=tuple(networks))


def is_allowed(address: str, allowed: Allowed, *, host: str = "") -> bool:
    """Whether a connection to `address`, which `host` resolved to, may be made. Text that is no address may not."""
    if _plain(host) in allowed.hosts:
        return True
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return all(_is_open(one) or _is_named(one, allowed) for one in _forms(parsed))


def _plain(host: str) -> str:
    return host.strip().rstrip(".").casefold()


def _forms(address: Address) -> tuple[Address, ...]:
    """The IPv4 address that an IPv6 address stands for or tunnels to; where the outer form is a mere spelling, only the inner counts."""
    if isinstance(address, IPv4Address):
        return (address,)
    low = IPv4Address(int(address) & 0xFFFF_FFFF)
    if address.ipv4_mapped is not None or address in NAT64:
        return (low,)
    if address.sixtofour is not None:
        return (address, address.sixtofour)
    if address in V4_COMPATIBLE and int(low) > 1:  # ::0 and ::1 are addresses of their own
        return (low,)
    return (address,)


def _is_open(address: Address) -> bool:
    # Multicast and the old site-local range (fec0::/10) are "global" to `ipaddress`.
    local = isinstance(address, IPv6Address) and (address.is_site_local or address in NAT64_LOCAL)
    return address.is_global and not address.is_multicast and not local


def _is_named(address: Address, allowed: Allowed) -> bool:
    return any(address in network for network in allowed.networks)
