"""Mailboxes that are thrown away after minutes."""

import pytest

from subscribers.address import parse_address
from subscribers.disposable import disposable_domains, lies_in


@pytest.mark.parametrize("address", ["ann@mailinator.com", "ann@MAILINATOR.COM", "ann@some.deep.mailinator.com"])
def test_a_domain_and_all_below_it_are_known(address: str) -> None:
    assert lies_in(parse_address(address), disposable_domains())


@pytest.mark.parametrize("address", ["ann@example.org", "ann@notmailinator.com", "ann@mailinator.com.example.org", "mailinator.com@example.org"])
def test_a_name_that_only_looks_like_it_is_not(address: str) -> None:
    assert not lies_in(parse_address(address), disposable_domains())


@pytest.mark.parametrize("written", ["rival.example", "Rival.Example", "@rival.example", " rival.example. "])
def test_a_domain_may_be_written_as_people_do(written: str) -> None:
    assert lies_in(parse_address("ann@news.rival.example"), [written])
    assert not lies_in(parse_address("ann@example.org"), [written, ""])


def test_a_domain_beyond_ascii_is_known_in_both_forms() -> None:
    for written in ("exämple.org", "xn--exmple-cua.org"):
        assert lies_in(parse_address("ann@exämple.org"), [written])


def test_the_list_is_one_of_domains_each_once() -> None:
    found = disposable_domains()
    assert len(found) > 100
    assert all(domain == domain.lower().strip(".") and "." in domain and "@" not in domain for domain in found)
