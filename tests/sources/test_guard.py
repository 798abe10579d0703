from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis.strategies import ip_addresses, text

from digest.sources.guard import is_allowed, read_allowed

NOBODY = read_allowed([])


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:93.184.215.14", "64:ff9b::5db8:d70e"])
def test_the_open_internet_is_allowed(address: str) -> None:
    assert is_allowed(address, NOBODY)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.1"),
        *("::", "::1", "fe80::1", "fe80::1%eth0", "fd00::1", "fec0::1", "ff0e::1", "2001:db8::1", "64:ff9b:1::a00:1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "::10.0.0.1"),  # IPv4 in another spelling
        *("2002:7f00:1::", "2002:a9fe:a9fe::", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2001:0:1::1"),  # and through a tunnel
        *("", "localhost", "1.2.3", "127.1", "0x7f.0.0.1"),  # no address at all
    ],
)
def test_the_inside_is_refused(address: str) -> None:
    assert not is_allowed(address, NOBODY)


@given(ip_addresses(v=4).filter(lambda address: not is_allowed(str(address), NOBODY)))
def test_a_refused_address_is_refused_in_every_spelling(address: IPv4Address) -> None:
    number = int(address)
    spellings = (f"::ffff:{address}", f"64:ff9b::{number >> 16:x}:{number & 0xFFFF:x}", f"2002:{number >> 16:x}:{number & 0xFFFF:x}::")
    assert not any(is_allowed(spelling, NOBODY) for spelling in spellings)


@pytest.mark.parametrize("entry", ["10.0.0.0/8", "10.1.2.3", "10.1.2.3/8"])
def test_a_network_may_be_named(entry: str) -> None:
    allowed = read_allowed([entry])
    assert is_allowed("10.1.2.3", allowed)
    assert is_allowed("::ffff:10.1.2.3", allowed)
    assert not is_allowed("192.168.1.1", allowed)


def test_a_tunnel_into_a_named_network_is_allowed_only_where_both_ends_are() -> None:
    assert is_allowed("2002:a01:203::1", read_allowed(["10.0.0.0/8"]))
    assert is_allowed("fd00::1", read_allowed(["[fd00::1]"]))


def test_a_host_may_be_named_in_any_case() -> None:
    allowed = read_allowed(["Wiki.Example"])
    assert is_allowed("10.1.2.3", allowed, host="wiki.example.")
    assert not is_allowed("10.1.2.3", allowed, host="other.example")


@given(text(), text())
def test_no_text_is_too_strange(address: str, entry: str) -> None:
    assert is_allowed(address, read_allowed([entry]), host="host.example") in {True, False}
