"""Signatures, as those see them who verify: what is signed holds, what is changed or added on the way does not."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.delivery.dkim import SIGNED, WIDTH, Signer, relaxed
from digest.delivery.message import address, fixed_headers
from tests.delivery.dkim_verifiers import DOMAIN, both, dkimpy_believes, ed25519_holds, opendkim_says

BODY = b"--x\r\nContent-Type: text/plain\r\n\r\nHello\r\n.\r\n--x--\r\n"
NAMES = st.sampled_from([*SIGNED, *SIGNED.values(), "X-Mailer", "Received", "Precedence"])
# What may stand on a header's line: any byte but those that end it; blanks come in runs.
PIECES = st.binary(min_size=1, max_size=30).map(lambda raw: re.sub(rb"[\x00\r\n\x0b\x0c\x1c-\x1f\x85]", b" ", raw)) | st.sampled_from(
    [b"  ", b" \t", b"\t"]
)
FOLDS = st.sampled_from([b"\r\n ", b"\r\n\t", b" \r\n  ", b""])
VALUES = st.lists(st.tuples(PIECES, FOLDS), max_size=4).map(lambda parts: b"".join(piece + fold for piece, fold in parts) + b"x")
HEADERS = st.lists(st.tuples(NAMES, VALUES), max_size=12)
BODIES = st.tuples(
    st.lists(st.binary(max_size=60).map(lambda raw: re.sub(rb"[\r\n]", b" ", raw)), max_size=6).map(b"\r\n".join),
    st.sampled_from([b"", b"\r\n", b"\r\n\r\n", b"\r\n" * 7]),
).map(b"".join)


def fixed(**given: str) -> bytes:
    values = {"subject": "Ferries, fog and a missing anchor", "reply_to": "", "from_name": "The Lantern Quay", "list_title": "Weekly", **given}
    date = datetime(2026, 11, 23, 7, tzinfo=UTC)
    content_type = 'multipart/alternative; boundary="x"'
    return fixed_headers(from_address=f"letters@{DOMAIN}", date=date, list_slug="weekly", content_type=content_type, **values)


def message(headers: bytes | None = None, *, to_name: str = "Ann Lee", body: bytes = BODY) -> bytes:
    parts = address(
        fixed() if headers is None else headers,
        to_name=to_name,
        to_address="ann@example.com",
        message_id=f"<one@{DOMAIN}>",
        unsubscribe_url="https://letters.example.com/leave/token",
        body=[body],
    )
    return b"".join(parts)


def signed(data: bytes, shared: bytes = b"") -> bytes:
    return Signer(both(), shared).sign(data) + data


CASES = {
    "plain": message(),
    "no body": message(body=b""),
    "a body of empty lines": message(body=b"\r\n\r\n\r\n"),
    "empty lines at the end": message(body=BODY + b"\r\n\r\n"),
    "no line end at the end": message(body=b"Hello"),
    "blanks at the ends of lines": message(body=b"Hello  \r\n \t\r\n you \r\n"),
    "encoded words": message(fixed(subject="Grüße aus dem Hafen " * 12, from_name="Städtisches Blatt " * 6), to_name="Zoë " * 30),
    "folded": message(fixed(subject="A subject that goes on " * 12)),
    "bytes beyond ASCII": message(fixed()).replace(b"Ann Lee", "Žoë  Ñandú\t".encode()),
    "a reply-to": message(fixed(reply_to=f"editors@{DOMAIN}")),
    "a long body": message(body=b"a line of some length, again and again\r\n" * 900),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_signed_is_believed(case: str) -> None:
    data = signed(CASES[case])
    assert dkimpy_believes(data)
    assert ed25519_holds(data)


def test_opendkim_believes_both_signatures_of_all(tmp_path: Path) -> None:
    assert opendkim_says([signed(data) for data in CASES.values()], tmp_path) == [["pass", "pass"]] * len(CASES)


@settings(max_examples=50)
@given(headers=HEADERS, body=BODIES, shared=st.integers(min_value=0, max_value=12))
def test_any_message_that_is_signed_is_believed(headers: list[tuple[str, bytes]], body: bytes, shared: int) -> None:
    lines = [b"From: a@%b\r\n" % DOMAIN.encode(), *(b"%b: %b\r\n" % (name.encode(), value) for name, value in headers)]
    data = signed(b"".join(lines) + b"\r\n" + body, b"".join(lines[:shared]))
    assert dkimpy_believes(data)
    assert ed25519_holds(data)


def below(line: str) -> tuple[bytes, bytes]:
    """The line comes in among the headers."""
    return b"\r\nTo: ", f"\r\n{line}\r\nTo: ".encode()


def on_top(line: str) -> tuple[bytes, bytes]:
    return b"DKIM-Signature: v=1; a=rsa", f"{line}\r\nDKIM-Signature: v=1; a=rsa".encode()


CHANGES = {
    "a word of the body": (b"Hello", b"Hallo"),
    "a blank in the body": (b"Hello", b"Hello "),
    "a line more at the end": (b"--x--\r\n", b"--x--\r\nBuy this!\r\n"),
    "the subject": (b"fog", b"dog"),
    "the sender": (b"letters@", b"betters@"),
    "the reader": (b"ann@", b"eve@"),
    "the date": (b"23 Nov", b"24 Nov"),
    "the message's id": (b"<one@", b"<two@"),
    "where to leave": (b"/leave/token", b"/leave/other"),
    "how to leave": (b"One-Click", b"Two-Click"),
    "the list": (b"<weekly.", b"<daily."),
    "the type": (b'boundary="x"', b'boundary="y"'),
    "a second From, below": below(f"From: eve@{DOMAIN}"),
    "a second Subject, below": below("Subject: Win!"),
    "a second To": below("To: eve@example.com"),
    "a second Date": below("Date: Tue, 24 Nov 2026 07:00:00 +0000"),
    "a second way to leave": below("List-Unsubscribe: <https://eve.example/>"),
    "a second promise of one click": below("List-Unsubscribe-Post: List-Unsubscribe=One-Click"),
    "a second type": below('Content-Type: multipart/mixed; boundary="z"'),
    "a Reply-To that was not there": below("Reply-To: eve@example.com"),
    "a Cc that was not there": below("Cc: eve@example.com"),
    "a From on top": on_top(f"From: eve@{DOMAIN}"),
    "a Subject on top": on_top("Subject: Win!"),
    "a way to leave on top": on_top("List-Unsubscribe: <https://eve.example/>"),
}


def changed(old: bytes, new: bytes) -> bytes:
    data = signed(message())
    assert data.count(old) == 1
    return data.replace(old, new)


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_changed_or_added_on_the_way_is_not_believed(change: str) -> None:
    data = changed(*CHANGES[change])
    assert not dkimpy_believes(data)
    assert not ed25519_holds(data)


def test_opendkim_believes_no_change_either(tmp_path: Path) -> None:
    said = opendkim_says([changed(*change) for change in CHANGES.values()], tmp_path)
    assert dict(zip(CHANGES, said, strict=True)) == {change: ["fail", "fail"] for change in CHANGES}


HARMLESS = {
    "a trace line": on_top("Received: from a by b; Mon, 23 Nov 2026 07:00:01 +0000"),
    "a spam score": below("X-Spam-Score: 0"),
    "folded anew": (b"Ferries, fog", b"Ferries,\r\n  fog"),
    "a header's name in capitals": (b"\r\nSubject: ", b"\r\nSUBJECT:  "),
    "an empty line at the end": (b"--x--\r\n", b"--x--\r\n\r\n"),
}


@pytest.mark.parametrize("change", HARMLESS)
def test_what_relays_do_to_every_mail_does_no_harm(change: str) -> None:
    data = changed(*HARMLESS[change])
    assert dkimpy_believes(data)
    assert ed25519_holds(data)


def test_3_the_signed_headers_cover_what_a_mail_program_acts_on() -> None:
    named = re.search(rb" h=([^;]+);", signed(message()))
    assert named is not None
    names = [name.strip().decode() for name in named[1].split(b":")]
    assert [names.count(name) for name in ("From", "Subject", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post")] == [2] * 6
    assert [names.count(name) for name in ("Reply-To", "Cc")] == [1, 1]


def test_a_signature_is_folded_and_stands_before_the_message() -> None:
    data = signed(message())
    lines = data[: -len(message())].split(b"\r\n")
    assert data.endswith(b"\r\n" + message())
    assert max(map(len, lines)) <= WIDTH and lines[-1] == b""
    assert [line[:24] for line in lines if not line.startswith(b" ")] == [b"DKIM-Signature: v=1; a=r", b"DKIM-Signature: v=1; a=e", b""]
    assert not [line for line in lines if line.strip() != line.lstrip()]


def test_shared_headers_made_ready_once_give_the_same_signature() -> None:
    assert Signer(both(), fixed()).sign(message()) == Signer(both()).sign(message())


def test_signing_again_gives_the_same_bytes() -> None:
    assert signed(message()) == signed(message())


def test_a_message_of_another_edition_is_not_signed() -> None:
    with pytest.raises(ValueError, match="does not begin with"):
        Signer(both(), fixed(subject="Another")).sign(message())


def test_the_relaxed_form_is_that_of_the_standard() -> None:
    # The example of RFC 6376 3.4.5.
    assert relaxed(b"A: X\r\nB : Y\t\r\n\tZ  \r\n") == {"a": [b"a:X\r\n"], "b": [b"b:Y Z\r\n"]}
