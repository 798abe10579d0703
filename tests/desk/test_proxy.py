"""Single sign-on: the word of a trusted proxy, said once and by one name."""

import logging
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException
from starlette.requests import Request

from digest.accounts.roles import DeskRole
from digest.desk.door.proxy import Vouched, vouched
from digest.publication import Desk

DESK = Desk(
    url="https://desk.lantern.example", user_header="X-Forwarded-User", role_header="X-Forwarded-Groups", trusted_proxies=("10.0.0.0/8", "::1")
)
Pairs = Sequence[tuple[str, str | bytes]]


def told(pairs: Pairs, *, peer: str | None = "10.1.2.3", desk: Desk = DESK) -> Vouched | None:
    raw = [(name.lower().encode(), value if isinstance(value, bytes) else value.encode()) for name, value in pairs]
    client = (peer, 50_000) if peer is not None else None
    return vouched(desk, Request({"type": "http", "method": "GET", "path": "/", "headers": raw, "query_string": b"", "client": client}))


@pytest.mark.parametrize("peer", ["10.1.2.3", "::ffff:10.1.2.3", "::1", None, ""])
def test_a_trusted_proxy_says_who_asks(peer: str | None) -> None:
    assert told([("X-Forwarded-User", "José")], peer=peer) == Vouched(who="José", role=DeskRole.WRITER)


@pytest.mark.parametrize("peer", ["203.0.113.7", "127.0.0.1", "::2", "not an address", "unix"])
def test_from_anybody_else_the_header_counts_for_nothing_and_is_noted(peer: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    assert told([("X-Forwarded-User", "Ana")], peer=peer) is None
    (said,) = [record.getMessage() for record in caplog.records]
    assert "trusted_proxies" in said
    assert "Ana" not in said
    assert peer not in said


@pytest.mark.parametrize(
    "pairs",
    [
        [("X-Forwarded-User", "Ana"), ("X-Forwarded-User", "Ben")],
        [("X-Forwarded-User", "Ana"), ("X-Forwarded-User", "Ana")],
        [("X_Forwarded_User", "Ana")],
        [("X-Forwarded_User", "Ana"), ("X-Forwarded-User", "Ben")],
        [("X-Forwarded-User", "")],
        [("X-Forwarded-User", b"An\xff")],
        [("X-Forwarded-User", b"Ana\x0bBen")],
        [("X-Forwarded-User", "Ana\u202e")],
        [("X-Forwarded-User", "a" * 81)],
        [("X-Forwarded-User", "the program")],
        [("X-Forwarded-User", "Ana"), ("X-Forwarded-Groups", "writer"), ("X_Forwarded_Groups", "admin")],
        [("X-Forwarded-User", "Ana"), ("X-Forwarded-Groups", "writer"), ("X-Forwarded-Groups", "admin")],
    ],
    ids=str,
)
def test_a_header_that_somebody_may_have_added_is_refused(pairs: Pairs) -> None:
    with pytest.raises(HTTPException) as refused:
        told(pairs)
    assert refused.value.status_code == 400


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        ("admin", "admin"),
        (" staff , Publisher,writer", "publisher"),
        ("writer", "writer"),
        ("administrators", "writer"),
        ("not-admin", "writer"),
        ("admin publisher", "writer"),
        ("", "writer"),
    ],
)
def test_the_strongest_group_that_is_a_role_counts(groups: str, role: str) -> None:
    assert told([("X-Forwarded-User", "Ana"), ("X-Forwarded-Groups", groups)]) == Vouched(who="Ana", role=DeskRole(role))


def test_who_has_no_role_is_refused_where_there_is_no_default() -> None:
    strict = DESK.model_copy(update={"default_role": ""})
    with pytest.raises(HTTPException) as refused:
        told([("X-Forwarded-User", "Ana"), ("X-Forwarded-Groups", "staff")], desk=strict)
    assert refused.value.status_code == 403
    assert told([("X-Forwarded-User", "Ana"), ("X-Forwarded-Groups", "writer")], desk=strict) == Vouched(who="Ana", role=DeskRole.WRITER)


def test_without_a_role_header_nobody_names_their_role() -> None:
    plain = DESK.model_copy(update={"role_header": ""})
    assert told([("X-Forwarded-User", "Ana"), ("X-Forwarded-Groups", "admin")], desk=plain) == Vouched(who="Ana", role=DeskRole.WRITER)


def test_where_none_is_declared_no_header_counts() -> None:
    assert told([("X-Forwarded-User", "Ana")], desk=Desk()) is None


@given(st.lists(st.tuples(st.sampled_from(["X-Forwarded-User", "x_forwarded_user", "X-Forwarded-Groups"]), st.binary(max_size=90)), max_size=4))
def test_whatever_comes_it_is_one_visible_name_or_none(pairs: list[tuple[str, bytes]]) -> None:
    try:
        found = told(pairs)
    except HTTPException as refused:
        assert refused.status_code in (400, 403)
        return
    users = [value for name, value in pairs if name != "X-Forwarded-Groups"]
    assert (found is None) == (not users)
    assert found is None or (0 < len(found.who) <= 80 and found.who.isprintable())
