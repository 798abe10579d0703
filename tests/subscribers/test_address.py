"""Addresses: what is taken, what is one mailbox, what goes over the wire."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.address import ascii_form, parse_address
from subscribers.errors import BadAddress

HOSTS = st.from_regex(r"[a-z][a-z0-9]{0,10}(-[a-z0-9]{1,5})?\.(com|org|example|test)", fullmatch=True)
LOCALS = st.from_regex(r"[A-Za-z0-9_+=-]{1,20}(\.[A-Za-z0-9]{1,10})?", fullmatch=True)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ann.Lee@Example.COM", "ann.lee@example.com"),
        (" ann@example.com\n", "ann@example.com"),
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
        ("ann@BÜCHER.example", "ann@bücher.example"),
        ("Jo\u0308rg@example.com", "jörg@example.com"),
    ],
)
def test_spellings_of_one_mailbox_have_one_key(one: str, other: str) -> None:
    assert parse_address(one).key == parse_address(other).key


def test_what_people_use_to_tell_mailboxes_apart_stays() -> None:
    assert len({parse_address(f"{local}@example.com").key for local in ("ann", "ann+news", "a.nn")}) == 3


def test_address_keeps_the_case_it_was_given_in() -> None:
    assert parse_address("Ann.Lee@Example.com").address == "Ann.Lee@example.com"


def test_domain_of_a_rehearsal_is_taken() -> None:
    assert parse_address("ann@readers.test").key == "ann@readers.test"


@pytest.mark.parametrize(
    "text",
    [
        "", "ann", "@example.com", "ann@", "ann@@example.com", "ann@localhost", "ann@example", "ann@[127.0.0.1]", "Ann <ann@example.com>",
        "ann@example.com, bob@example.com", "ann@example.com\r\nBcc: all@example.com", "ann@exa mple.com", "a" * 65 + "@example.com",
        '"ann lee"@example.com', "ann@-example.com", "ann@example.com\x00", "ann..lee@example.com", "ann@xn--a.example",
        "=?utf-8?q?ann=0D=0ABcc=3A_bob?=@example.com",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(BadAddress) as refused:
        parse_address(text)
    assert len(str(refused.value)) > 20
    assert "example.com" not in str(refused.value)


def test_wire_form_encodes_the_domain_and_leaves_the_local_part() -> None:
    assert ascii_form("ann@faß.example") == "ann@xn--fa-hia.example"
    assert ascii_form("Ann@example.com") == "Ann@example.com"
    assert ascii_form("jörg@bücher.example") == "jörg@xn--bcher-kva.example"
    assert not ascii_form("jörg@bücher.example").isascii()


@given(LOCALS, HOSTS)
def test_key_is_its_own_key(local: str, host: str) -> None:
    found = parse_address(f"{local}@{host}")
    assert parse_address(found.key).key == found.key == parse_address(found.address).key


@given(st.text(max_size=60) | st.builds("{}@{}".format, st.text(max_size=20), st.text(max_size=20)))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        found = parse_address(text)
    except BadAddress:
        return
    assert parse_address(found.key).key == found.key
    assert "\n" not in found.address and " " not in ascii_form(found.address)
