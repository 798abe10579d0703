"""Addresses to listen on, and what `digest check` says of them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.checkup import Finding, Level, check_up
from digest.errors import SettingsError
from digest.listen import Listen, parse_listen
from digest.settings import parse


@pytest.mark.parametrize(
    ("text", "listen"),
    [
        ("127.0.0.1:8010", Listen(host="127.0.0.1", port=8010)),
        ("localhost:0", Listen(host="localhost", port=0)),
        ("[::1]:8010", Listen(host="::1", port=8010)),
        (":8010", Listen(port=8010)),
        ("unix:/run/digest/pages.sock", Listen(path="/run/digest/pages.sock")),
    ],
)
def test_it_is_read_and_written_alike(text: str, listen: Listen) -> None:
    assert parse_listen(text) == listen
    assert str(listen) == text


@pytest.mark.parametrize(
    "text", ["", "8010", "127.0.0.1", "127.0.0.1:", "127.0.0.1:80000", "::1:8010", "[::1]", "[host]:1", "unix:pages.sock", "a:²"]
)
def test_what_is_none_is_named(text: str) -> None:
    with pytest.raises(SettingsError, match="is no address to listen on"):
        parse_listen(text)


@given(st.text(max_size=30))
def test_any_text_is_an_address_or_a_mistake_that_is_told(text: str) -> None:
    try:
        listen = parse_listen(text)
    except SettingsError:
        return
    assert parse_listen(str(listen)) == listen


def findings(tmp_path: Path, **pages: str) -> list[Finding]:
    return [finding for finding in check_up(parse({"pages": {"keys": "a-key", **pages}}, folder=tmp_path)) if finding.about == "[pages]"]


def test_a_check_says_where_the_pages_are(tmp_path: Path) -> None:
    found = findings(tmp_path, url="https://news.saltmarsh.example/letters/", listen="[::1]:8010")
    assert {finding.level for finding in found} == {Level.GOOD}
    assert "https://news.saltmarsh.example/letters" in found[0].text
    assert "[::1]:8010" in found[-1].text


def test_a_check_finds_what_keeps_them_from_being_served(tmp_path: Path) -> None:
    assert [finding.level for finding in findings(tmp_path, url="http://news.saltmarsh.example", listen="here")] == [
        Level.WRONG,
        Level.GOOD,
        Level.WRONG,
    ]
    assert findings(tmp_path, url="https://news.saltmarsh.example", listen="")[-1].level is Level.NOTE


def test_a_proxy_is_a_network_address() -> None:
    with pytest.raises(SettingsError, match=r"pages.*trusted_proxies.*proxy\.example"):
        parse({"pages": {"trusted_proxies": ["proxy.example"]}}, folder=Path())
