import pytest
from hypothesis import given
from hypothesis.strategies import text

from digest.sources.address import same_origin, shown, web_address


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://ann:s3cret@harbour.example:8443/feed?key=s3cret#s3cret", "https://harbour.example:8443/feed?…"),
        ("http://[::1]:80/", "http://[::1]:80/"),
        ("https://harbour.example/feed", "https://harbour.example/feed"),
        ("ann:s3cret@harbour.example/feed", "ann:…"),
        ("http://ann:s3cret@:80/", "http:…"),
        ("http://[s3cret", "an address that cannot be read"),
    ],
)
def test_an_address_is_shown_without_what_may_be_secret(url: str, expected: str) -> None:
    assert shown(url) == expected


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("/ferry", "https://harbour.example/ferry"),
        (" ferry?a=b#c ", "https://harbour.example/news/ferry?a=b#c"),
        ("//other.example/x", "https://other.example/x"),
        ("/night ferry", "https://harbour.example/night%20ferry"),
        *(
            (link, "")
            for link in ("", "  ", None, 7, "javascript:alert(1)", "data:text/html,x", "mailto:a@b.example", "http://", "http://[", "/\x7f")
        ),
        ("/" + "x" * 2_000, ""),
    ],
)
def test_only_web_addresses_come_out(link: object, expected: str) -> None:
    assert web_address("https://harbour.example/news/", link) == expected


@given(text(), text())
def test_no_text_is_too_strange(one: str, other: str) -> None:
    assert isinstance(shown(one), str)
    assert web_address(one, other) == "" or web_address(one, other).startswith(("http://", "https://"))
    assert same_origin(one, other) == same_origin(other, one)


def test_an_origin_is_scheme_host_and_port() -> None:
    assert same_origin("https://harbour.example/a", "https://HARBOUR.example:443/b")
    assert not same_origin("https://harbour.example/", "http://harbour.example/")
    assert not same_origin("https://harbour.example/", "https://harbour.example:8443/")
    assert not same_origin("https://harbour.example/", "https://harbour.example.evil.example/")
