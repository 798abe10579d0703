"""Names: what may be one, and when two are the same."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.accounts.names import LONGEST, harmless, key_of, parse_name
from digest.errors import AccountError


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "Ana\nsigned in",
        "Ana\r",
        "Ana\0",
        "\x1b[31mAna",
        "Ana\u202egnitide",
        "An\u200ba",
        "Ana\u2028Ben",
        "\ud800",
        "a" * 81,
        "The  Program",
    ],
)
def test_what_cannot_be_seen_is_no_name(text: str) -> None:
    with pytest.raises(AccountError):
        parse_name(text)


@pytest.mark.parametrize(
    ("one", "other"), [("Ana", "ANA"), ("Jos\u00e9", "Jose\u0301"), ("Straße", "STRASSE"), ("\uff21na", "ana"), ("Ana  Lee", " ana lee ")]
)
def test_names_that_look_alike_are_the_same(one: str, other: str) -> None:
    assert key_of(parse_name(one)) == key_of(parse_name(other))


@given(st.text(max_size=120))
def test_a_name_is_one_visible_line(text: str) -> None:
    try:
        name = parse_name(text)
    except AccountError:
        return
    assert name == parse_name(name)
    assert 0 < len(name) <= LONGEST
    assert len(key_of(name)) <= LONGEST
    assert key_of(key_of(name)) == key_of(name)
    assert not [letter for letter in name if unicodedata.category(letter)[0] in "CZ" and letter != " " and unicodedata.category(letter) != "Zs"]


@given(st.text())
def test_what_others_vouch_for_is_made_harmless(text: str) -> None:
    name = harmless(text)
    assert len(name) <= LONGEST
    assert name == name.strip()
    assert not [letter for letter in name if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
