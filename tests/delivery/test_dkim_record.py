"""What is published of a key, what is found there, and a name server that is really asked."""

import base64
import re

import dkim
import pytest

from digest.delivery.dkim_key import Kind, new_key, read_key
from digest.delivery.dkim_record import record, trouble, zone_lines
from digest.delivery.dns_text import texts
from digest.errors import DigestError
from tests.delivery.dkim_verifiers import key, pem
from tests.delivery.name_server import NameServer

NAME = "s-rsa._domainkey.lanternquay.example"


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_the_record_published_as_it_is_shown_is_right(kind: Kind) -> None:
    assert trouble(key(kind), [record(key(kind))]) == ""
    assert record(key(kind)).startswith(f"v=DKIM1; k={kind}; p=")


def test_others_read_the_record_as_we_do() -> None:
    assert dkim.load_pk_from_dns(b"any", lambda name, timeout: record(key("rsa")).encode())[1] == 2048
    assert len(base64.b64decode(record(key("ed25519")).rpartition("p=")[2])) == 32  # RFC 8463 4: the bare key


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_a_zone_files_strings_are_short_enough_and_make_the_record(kind: Kind) -> None:
    lines = zone_lines(key(kind))
    strings = re.findall(r'"([^"]*)"', lines)
    assert "".join(strings) == record(key(kind))
    assert max(map(len, strings)) <= 255
    assert lines.startswith(f"s-{kind}._domainkey.lanternquay.example. IN TXT (\n")


OTHER = record(read_key(new_key("rsa"), selector="s", domain="lanternquay.example", about=""))


@pytest.mark.parametrize(
    ("published", "said"),
    [
        ([], "is not published"),
        (["v=spf1 -all"], "is not published"),
        ([record(key("rsa"))] * 2, "several records"),
        (["v=DKIM1; k=rsa; p="], "revoked"),
        ([record(key("ed25519"))], "something else than rsa-sha256"),
        ([record(key("rsa")).replace("v=DKIM1", "v=DKIM2")], "something else"),
        ([record(key("rsa")) + "; h=sha1"], "something else"),
        ([OTHER], "another key"),
        ([record(key("rsa")) + "; t=s:y"], "testing"),
    ],
)
def test_what_receivers_would_not_believe_is_said(published: list[str], said: str) -> None:
    assert said in trouble(key("rsa"), published)


@pytest.mark.parametrize(
    "published",
    [
        record(key("rsa")).removeprefix("v=DKIM1; k=rsa; "),
        record(key("rsa")).replace("; ", ";") + ";",
        record(key("rsa")).replace("p=", "h=sha1:sha256; t=s; p= "),
        record(key("rsa"))[:100] + " " + record(key("rsa"))[100:],
    ],
)
def test_a_right_record_may_be_written_otherwise(published: str) -> None:
    assert trouble(key("rsa"), ["google-site-verification=x", published]) == ""


def test_a_name_server_is_asked_and_strings_are_joined() -> None:
    with NameServer({NAME: [record(key("rsa")), "another"]}) as server:
        assert sorted(texts(NAME, server="127.0.0.1", port=server.port)) == sorted([record(key("rsa")), "another"])
        assert texts("no.such.name", server="127.0.0.1", port=server.port) == []


def test_a_name_server_that_fails_is_no_missing_record() -> None:
    with NameServer({}, fails=True) as server, pytest.raises(DigestError, match=f"DNS gave no answer for {NAME}"):
        texts(NAME, server="127.0.0.1", port=server.port)


def test_a_server_that_is_no_address_is_said() -> None:
    with pytest.raises(DigestError, match="DNS gave no answer"):
        texts(NAME, server="no address")


def test_two_keys_are_never_the_same() -> None:
    assert new_key("rsa") != new_key("rsa") != pem("rsa")
