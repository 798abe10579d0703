"""Tokens: forged, altered, cut or swapped ones open nothing."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.errors import BadToken, SubscribersError
from subscribers.tokens import Purpose, read, sign

KEYS = ["newest key", "older key"]
IDS = st.from_regex(r"[A-Za-z0-9_-]{22}", fullmatch=True)
PURPOSES = st.sampled_from(Purpose)


@given(PURPOSES, IDS)
def test_token_reads_back_and_fits_a_url(purpose: Purpose, public_id: str) -> None:
    token = sign(purpose, public_id, KEYS)
    assert read(purpose, token, KEYS) == public_id
    assert re.fullmatch(r"[A-Za-z0-9_.-]+", token) and len(token) <= 70


@given(PURPOSES, PURPOSES, IDS)
def test_token_opens_only_its_own_purpose(made_for: Purpose, used_for: Purpose, public_id: str) -> None:
    token = sign(made_for, public_id, KEYS)
    if made_for is used_for:
        assert read(used_for, token, KEYS) == public_id
    else:
        with pytest.raises(BadToken):
            read(used_for, token, KEYS)


@given(IDS, IDS)
def test_signature_belongs_to_one_reader(one: str, other: str) -> None:
    signature = sign(Purpose.LEAVE, one, KEYS).rpartition(".")[2]
    if one != other:
        with pytest.raises(BadToken):
            read(Purpose.LEAVE, f"{other}.{signature}", KEYS)


@given(IDS, st.integers(0, 66), st.characters())
def test_19_altered_token_opens_nothing(public_id: str, place: int, character: str) -> None:
    token = sign(Purpose.LEAVE, public_id, KEYS)
    altered = token[:place] + character + token[place + 1 :]
    if altered != token:
        with pytest.raises(BadToken):
            read(Purpose.LEAVE, altered, KEYS)


@given(IDS, st.integers(0, 65))
def test_19_cut_token_opens_nothing(public_id: str, length: int) -> None:
    with pytest.raises(BadToken):
        read(Purpose.LEAVE, sign(Purpose.LEAVE, public_id, KEYS)[:length], KEYS)


@given(IDS, st.integers(0, 66), st.text(min_size=1, max_size=3))
def test_19_token_with_more_in_it_opens_nothing(public_id: str, place: int, more: str) -> None:
    token = sign(Purpose.LEAVE, public_id, KEYS)
    with pytest.raises(BadToken):
        read(Purpose.LEAVE, token[:place] + more + token[place:], KEYS)


@given(st.text())
def test_19_forged_token_opens_nothing(text: str) -> None:
    with pytest.raises(BadToken) as refused:
        read(Purpose.LEAVE, text, KEYS)
    assert len(text) < 8 or text not in str(refused.value)


def test_token_outlives_a_new_key_and_ends_with_its_own() -> None:
    token = sign(Purpose.LEAVE, "x" * 22, ["first"])
    assert read(Purpose.LEAVE, token, ["second", "first"]) == "x" * 22
    assert sign(Purpose.LEAVE, "x" * 22, ["second", "first"]) == sign(Purpose.LEAVE, "x" * 22, ["second"])
    with pytest.raises(BadToken):
        read(Purpose.LEAVE, token, ["second"])


def test_without_a_key_nothing_is_signed() -> None:
    with pytest.raises(SubscribersError, match="no signing key"):
        sign(Purpose.LEAVE, "x" * 22, [])
