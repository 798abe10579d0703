"""Who a client is taken for: only what trusted proxies say counts."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from digest.web.client import UNKNOWN, client_among

LOCAL = ("127.0.0.1", "::1")
PROXY = "192.0.2.1"


@pytest.mark.parametrize(
    ("peer", "said", "trusted", "expected"),
    [
        ("198.51.100.7", [], LOCAL, "198.51.100.7"),
        ("198.51.100.7", ["203.0.113.9"], LOCAL, "198.51.100.7"),  # no proxy of ours: what it says is its own
        ("127.0.0.1", ["203.0.113.9"], LOCAL, "203.0.113.9"),
        ("127.0.0.1", ["10.9.9.9", "203.0.113.9"], LOCAL, "203.0.113.9"),  # the left part is the client's own invention
        ("127.0.0.1", ["203.0.113.9", "10.0.0.4"], (*LOCAL, "10.0.0.0/8"), "203.0.113.9"),
        ("127.0.0.1", ["10.0.0.4"], (*LOCAL, "10.0.0.0/8"), "10.0.0.4"),
        ("127.0.0.1", ["unknown"], LOCAL, "127.0.0.1"),
        ("127.0.0.1", [""], LOCAL, "127.0.0.1"),
        ("::ffff:127.0.0.1", ["203.0.113.9"], LOCAL, "203.0.113.9"),
        ("127.0.0.1", ["::ffff:203.0.113.9"], LOCAL, "203.0.113.9"),
        ("::1", ["2001:db8:1:2:aaaa::1"], LOCAL, "2001:db8:1:2::/64"),
        ("::1", ["2001:db8:1:2:bbbb::9"], LOCAL, "2001:db8:1:2::/64"),
        ("fe80::1%eth0", [], LOCAL, "fe80::/64"),
        ("", ["203.0.113.9"], (), "203.0.113.9"),  # by a unix socket
        ("", [], LOCAL, UNKNOWN),
        ("testclient", ["203.0.113.9"], LOCAL, UNKNOWN),
    ],
)
def test_who_it_is(peer: str, said: list[str], trusted: tuple[str, ...], expected: str) -> None:
    assert client_among(peer, said, trusted) == expected


@given(st.lists(st.text(max_size=40) | st.ip_addresses().map(str), max_size=6), st.ip_addresses().map(str))
def test_a_stranger_cannot_choose_who_they_are(said: list[str], stranger: str) -> None:
    direct = client_among(stranger, [], (PROXY,))
    assume(direct != PROXY)
    assert client_among(stranger, said, (PROXY,)) == direct
    assert client_among(PROXY, [*said, stranger], (PROXY,)) == direct
    assert ip_address(stranger) in ip_network(direct) or "ffff" in stranger
