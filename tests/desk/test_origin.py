"""What counts as asked for by a page of ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from digest.desk.door.origin import is_same_origin, origin_of

OWN = "https://desk.lantern.example"
Pairs = list[tuple[str, str]]


def asked(pairs: Pairs) -> bool:
    return is_same_origin(Headers(raw=[(name.encode(), value.encode()) for name, value in pairs]), OWN)


@pytest.mark.parametrize(
    "pairs",
    [
        [("sec-fetch-site", "same-origin")],
        [("sec-fetch-site", "same-origin"), ("origin", OWN)],
        [("sec-fetch-site", "same-origin"), ("origin", "null")],  # of a page that tells no referrer
        [("origin", OWN)],  # of a browser before 2023
    ],
)
def test_ours(pairs: Pairs) -> None:
    assert asked(pairs)


@pytest.mark.parametrize(
    "pairs",
    [
        [],
        [("origin", "null")],
        [("origin", "")],
        [("origin", "http://desk.lantern.example")],
        [("origin", "https://desk.lantern.example:8443")],
        [("origin", "https://desk.lantern.example.evil.example")],
        [("origin", "https://letters.lantern.example")],
        [("origin", OWN), ("origin", OWN)],
        [("origin", f"{OWN}, https://evil.example")],
        [("sec-fetch-site", "same-site"), ("origin", OWN)],
        [("sec-fetch-site", "cross-site")],
        [("sec-fetch-site", "none")],
        [("sec-fetch-site", "")],
        [("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
        [("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")],
        [("sec-fetch-site", "Same-Origin")],
        [("referer", f"{OWN}/")],
    ],
    ids=str,
)
def test_not_ours(pairs: Pairs) -> None:
    assert not asked(pairs)


@given(st.text(alphabet=st.characters(codec="ascii"), max_size=60))
def test_no_other_origin_is_taken_for_ours(origin: str) -> None:
    assert not asked([("origin", origin)]) or origin == OWN


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Desk.Lantern.example/below", "https://desk.lantern.example"),
        ("https://desk.lantern.example:443", "https://desk.lantern.example"),
        ("https://desk.lantern.example:8443/", "https://desk.lantern.example:8443"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("http://[::1]:8020", "http://[::1]:8020"),
    ],
)
def test_an_origin_is_written_as_browsers_do(url: str, origin: str) -> None:
    assert origin_of(url) == origin
