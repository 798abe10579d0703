"""Hand-over to Postfix, the real one, and to its sink: what was accepted is there once, byte for byte."""

import os
import smtplib
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.delivery.smtp import SmtpTransport
from digest.delivery.values import OutcomeKind, Step
from tests.conftest import missing
from tests.delivery.postfix import Postfix
from tests.delivery.sending import envelope, send, sent_all, settings

ACCEPTED, REFUSED = OutcomeKind.ACCEPTED, OutcomeKind.REFUSED
SINK = Path("/usr/sbin/smtp-sink")
WAYS = pytest.mark.parametrize("way", ["pipelining", "chunking", "plain"])


def text(number: int) -> bytes:
    """A message of 2 to 40 kB with all that a line may be."""
    lines = [b"Subject: number %d" % number, b"", b".", b"..", b". a dot", b"QUIT", "grüße".encode() * number, b"", b"x" * 990, b"."]
    return b"\r\n".join([*lines, *[b".%d and more of it" % number] * (number * 10), b""])


@WAYS
def test_every_message_arrives_once_and_as_it_is(postfix: Postfix, way: str) -> None:
    messages = [envelope(f"reader{number}@example.com", data=text(number)) for number in range(200)]
    messages[70] = envelope("gone@example.com", data=text(70))
    with SmtpTransport(settings(getattr(postfix, way), messages_per_connection=60)) as transport:
        outcomes = sent_all(transport, *messages)
        found = transport.check()
    assert (found.pipelining, found.chunking) == (way == "pipelining", way != "plain")
    assert (outcomes[70].kind, outcomes[70].step, outcomes[70].code) == (REFUSED, Step.RCPT, 554)
    assert {outcome.kind for outcome in (*outcomes[:70], *outcomes[71:])} == {ACCEPTED}
    assert sorted(postfix.got()) == sorted((message.recipient, message.data) for message in messages if message is not messages[70])


@WAYS
def test_message_above_the_limit_is_one_messages_affair(postfix: Postfix, way: str) -> None:
    large = envelope(data=b"Subject: x\r\n\r\n" + b"x" * 900 + b"\r\n" * 600_000)
    with SmtpTransport(settings(getattr(postfix, way))) as transport:
        outcomes = sent_all(transport, envelope("ann@example.com"), large, envelope("bob@example.com"))
        assert transport.check().largest == 1_000_000
    assert [outcome.kind for outcome in outcomes] == [ACCEPTED, REFUSED, ACCEPTED]
    assert sorted(recipient for recipient, _ in postfix.got()) == ["ann@example.com", "bob@example.com"]


@WAYS
def test_letters_beyond_ascii_arrive(postfix: Postfix, way: str) -> None:
    data = "Subject: grüße\r\n\r\nx\r\n".encode()
    with SmtpTransport(settings(getattr(postfix, way))) as transport:
        outcomes = sent_all(transport, envelope("jörg@bücher.example", data=data), envelope("ann@bücher.example", data=data))
    assert [outcome.kind for outcome in outcomes] == [ACCEPTED, ACCEPTED]
    recipients = sorted(recipient for recipient, _ in postfix.got())
    assert recipients == ["ann@xn--bcher-kva.example", "jörg@xn--bcher-kva.example"]


@WAYS
def test_what_is_announced_and_not_sent_does_not_arrive(postfix: Postfix, way: str) -> None:
    ann, bob, cleo = (envelope(f"{name}@example.com") for name in ("ann", "bob", "cleo"))
    with SmtpTransport(settings(getattr(postfix, way))) as transport:
        assert [send(transport, ann, bob).kind, send(transport, cleo, bob).kind] == [ACCEPTED, ACCEPTED]
    assert sorted(postfix.got()) == [("ann@example.com", ann.data), ("cleo@example.com", cleo.data)]


@pytest.fixture
def sink() -> Iterator[int]:
    """The port of smtp-sink, which takes everything."""
    if not SINK.exists():
        missing("smtp-sink", "Postfix is not installed")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    as_root = ["-u", "nobody"] if os.geteuid() == 0 else []
    with subprocess.Popen([SINK, *as_root, f"127.0.0.1:{port}", "10"], stderr=subprocess.DEVNULL) as server:
        try:
            _wait_for(port)
            yield port
        finally:
            server.terminate()


def _wait_for(port: int) -> None:
    """Until the server answers; one that does not start is ended by the test's own time limit."""
    while True:
        try:
            smtplib.SMTP("127.0.0.1", port, timeout=5).quit()
        except OSError:
            continue
        return


def test_sink_takes_pipelined_messages(sink: int) -> None:
    with SmtpTransport(settings(sink)) as transport:
        assert transport.check().pipelining
        assert {outcome.kind for outcome in sent_all(transport, *(envelope(f"{number}@example.com") for number in range(150)))} == {ACCEPTED}
