"""Hand-over to real SMTP servers: connecting, securing, logging in, and messages that arrive as they are."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from digest.delivery.smtp import SmtpTransport
from digest.delivery.values import OutcomeKind, Step
from digest.errors import TransportDown
from tests.delivery.relays import CLOSE, EHLO, GO, OK, ScriptedRelay
from tests.delivery.sending import DATA, envelope, send, sent, settings

ACCEPTED, DEFERRED, REFUSED, UNKNOWN = OutcomeKind.ACCEPTED, OutcomeKind.DEFERRED, OutcomeKind.REFUSED, OutcomeKind.UNKNOWN
GREETING = b"220 relay.test\r\n"
START = (GREETING, EHLO)


class Mailbox:
    """What aiosmtpd took, and what it refuses."""

    def __init__(self) -> None:
        self.got: list[tuple[str, list[str], bytes, bool]] = []
        self.greeted = 0

    async def handle_EHLO(self, server: SMTP, session: Any, envelope: Any, hostname: str, responses: list[str]) -> list[str]:  # noqa: N802
        self.greeted += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        if address.startswith("gone"):
            return f"550 5.1.1 <{address}>: no such user"
        if address.startswith("full"):
            return "452 4.2.2 mailbox full"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802
        secured = server.transport is not None and server.transport.get_extra_info("sslcontext") is not None
        self.got.append((envelope.mail_from, envelope.rcpt_tos, envelope.original_content, secured))
        return "250 2.0.0 taken"


Serve = Callable[..., tuple[Mailbox, int]]


@pytest.fixture
def serve(certificate: tuple[Path, Path]) -> Iterator[Serve]:
    """Starts real SMTP servers on loopback."""
    running = []

    def start(*, secured: str = "none", **given: Any) -> tuple[Mailbox, int]:
        mailbox = Mailbox()
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*certificate)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        ways: dict[str, dict[str, Any]] = {
            "starttls": {"tls_context": context, "require_starttls": True},
            "tls": {"ssl_context": context},
            "none": {},
        }
        controller = Controller(mailbox, hostname="127.0.0.1", port=port, server_hostname="localhost", **ways[secured], **given)
        controller.start()
        running.append(controller)
        return mailbox, port

    yield start
    for controller in running:
        controller.stop()


def test_message_arrives_as_it_is(serve: Serve) -> None:
    mailbox, port = serve()
    with SmtpTransport(settings(port)) as transport:
        outcome = send(transport, envelope())
    assert (outcome.kind, outcome.code, outcome.text, outcome.step) == (ACCEPTED, 250, "2.0.0 taken", Step.END)
    assert mailbox.got == [("letters@example.com", ["ann@example.com"], DATA, False)]


def test_one_connection_is_kept_and_renewed_in_time(serve: Serve) -> None:
    mailbox, port = serve()
    with SmtpTransport(settings(port, messages_per_connection=3)) as transport:
        for number in range(7):
            assert send(transport, envelope(f"reader{number}@example.com")).kind is ACCEPTED
    assert [recipients for _, recipients, _, _ in mailbox.got] == [[f"reader{number}@example.com"] for number in range(7)]
    assert mailbox.greeted == 3


def test_32_refusal_is_one_readers_and_the_next_goes_on(serve: Serve) -> None:
    mailbox, port = serve()
    with SmtpTransport(settings(port)) as transport:
        outcomes = [send(transport, envelope(f"{name}@example.com")) for name in ("gone", "ann", "full", "bob")]
    assert [(outcome.kind, outcome.code) for outcome in outcomes] == [(REFUSED, 550), (ACCEPTED, 250), (DEFERRED, 452), (ACCEPTED, 250)]
    assert len(mailbox.got) == 2 and mailbox.greeted == 1
    assert not any("@example.com" in outcome.text for outcome in outcomes)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_7_line_is_secured_and_the_certificate_checked(serve: Serve, certificate: tuple[Path, Path], security: str) -> None:
    mailbox, port = serve(secured=security)
    given = settings(port, host="localhost", security=security)
    with SmtpTransport(given, ca_file=str(certificate[0])) as transport:
        assert send(transport, envelope()).kind is ACCEPTED
        assert transport.check().tls.startswith("TLSv1.")
    assert [secured for *_, secured in mailbox.got] == [True]
    with SmtpTransport(given) as untrusting, pytest.raises(TransportDown, match=r"certificate of the relay .* not to be trusted"):
        send(untrusting, envelope())
    named = given.model_copy(update={"host": "127.0.0.1"})
    with SmtpTransport(named, ca_file=str(certificate[0])) as misnamed, pytest.raises(TransportDown, match="certificate"):
        send(misnamed, envelope())
    assert len(mailbox.got) == 1


def test_7_relay_without_starttls_gets_nothing(serve: Serve) -> None:
    mailbox, port = serve()
    with SmtpTransport(settings(port, security="starttls")) as transport, pytest.raises(TransportDown, match="STARTTLS"):
        send(transport, envelope())
    assert mailbox.got == []


def test_ca_file_that_is_not_there_is_named(serve: Serve) -> None:
    _, port = serve(secured="starttls")
    with (
        SmtpTransport(settings(port, security="starttls"), ca_file="/nowhere.pem") as transport,
        pytest.raises(TransportDown, match=r"/nowhere\.pem"),
    ):
        transport.check()


@pytest.mark.parametrize("password", ["right", "wrong"])
def test_login_opens_the_relay_or_stops_the_send(serve: Serve, certificate: tuple[Path, Path], password: str) -> None:
    def known(server: SMTP, session: Any, envelope: Any, mechanism: str, data: LoginPassword) -> AuthResult:
        return AuthResult(success=data.login == b"letters" and data.password == b"right", handled=False)

    mailbox, port = serve(secured="starttls", authenticator=known, auth_required=True)
    given = settings(port, host="localhost", security="starttls", user="letters")
    with SmtpTransport(given, password=password, ca_file=str(certificate[0])) as transport:
        if password == "right":
            assert send(transport, envelope()).kind is ACCEPTED and transport.check().authenticated
        else:
            with pytest.raises(TransportDown, match=r"refuses the user or the password .535.") as refused:
                send(transport, envelope())
            assert "wrong" not in str(refused.value)
    assert len(mailbox.got) == (password == "right")


def test_relay_that_wants_a_login_stops_the_send_and_refuses_no_reader() -> None:
    with ScriptedRelay((*START, b"530 5.7.0 authentication required\r\n")) as relay, pytest.raises(TransportDown, match="after a login"):
        sent(relay.port)


def test_relay_that_is_not_there_stops_the_send() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with SmtpTransport(settings(port)) as transport, pytest.raises(TransportDown, match=f"127.0.0.1:{port} cannot be reached"):
        send(transport, envelope())


def test_name_that_does_not_exist_stops_the_send() -> None:
    with SmtpTransport(settings(25, host="relay.invalid")) as transport, pytest.raises(TransportDown, match=r"relay\.invalid:25 cannot be reached"):
        transport.check()


@pytest.mark.parametrize("greeting", [b"421 come back later\r\n", b"554 not you\r\n", CLOSE, b"what?\r\n"])
def test_relay_that_greets_with_a_no_stops_the_send(greeting: bytes) -> None:
    with ScriptedRelay((greeting,)) as relay, pytest.raises(TransportDown, match="cannot be reached"):
        sent(relay.port)


def test_words_of_a_relay_that_will_not_talk_to_us_are_told_without_addresses() -> None:
    no = b"554-5.7.1 no service\r\n554 5.7.1 for <ann@example.com>\r\n"
    with ScriptedRelay((no,)) as relay, pytest.raises(TransportDown, match=r"cannot be reached: it says 554 5\.7\.1 no service 5\.7\.1 for <…@…>\.$"):
        sent(relay.port)


AUTH = b"250-relay.test\r\n250 AUTH PLAIN\r\n"


def test_login_that_fails_for_now_does_not_blame_the_password() -> None:
    script = (GREETING, AUTH, b"454 4.7.0 try again\r\n")
    with ScriptedRelay(script) as relay, pytest.raises(TransportDown, match="cannot be reached: it says 454"):
        sent(relay.port, user="letters")


def test_password_that_cannot_be_sent_is_said_to_be_so() -> None:
    with ScriptedRelay((GREETING, AUTH)) as relay:
        transport = SmtpTransport(settings(relay.port, user="letters"), password="grün")
        with pytest.raises(TransportDown, match="letters beyond ASCII") as refused:
            transport.check()
    assert "grün" not in str(refused.value)


def test_old_relay_that_knows_only_helo_is_served() -> None:
    with ScriptedRelay((GREETING, b"502 what?\r\n", b"250 relay.test\r\n", OK, OK, GO, OK)) as relay:
        assert sent(relay.port).kind is ACCEPTED
        with SmtpTransport(settings(relay.port)) as transport:
            found = transport.check()
    assert (found.tls, found.authenticated, found.largest, found.pipelining, found.utf8) == ("", False, 0, False, False)


def test_letters_beyond_ascii_go_only_where_they_are_taken(serve: Serve) -> None:
    mailbox, port = serve(enable_SMTPUTF8=True)
    with SmtpTransport(settings(port)) as transport:
        assert send(transport, envelope("jörg@bücher.example", "To: jörg\r\n\r\nx\r\n".encode())).kind is ACCEPTED
        assert transport.check().utf8
    assert mailbox.got[0][1] == ["jörg@xn--bcher-kva.example"]
    mailbox, port = serve(enable_SMTPUTF8=False)
    with SmtpTransport(settings(port)) as transport:
        outcome = send(transport, envelope("jörg@bücher.example"))
        assert outcome.kind is REFUSED and "SMTPUTF8" in outcome.text and "jörg" not in outcome.text
        assert send(transport, envelope("ann@bücher.example")).kind is ACCEPTED
    assert mailbox.got[0][1] == ["ann@xn--bcher-kva.example"]


def test_message_above_the_relays_limit_is_not_begun(serve: Serve) -> None:
    mailbox, port = serve(data_size_limit=1_000)
    with SmtpTransport(settings(port)) as transport:
        outcome = send(transport, envelope(data=b"x" * 2_000))
        assert transport.check().largest == 1_000
    assert (outcome.kind, outcome.text) == (REFUSED, "the message has 2,002 bytes, and the relay takes 1,000 at most")
    assert mailbox.got == []


@pytest.mark.parametrize("recipient", ["", "ann@example.com>\r\nRCPT TO:<bob@example.com", "a b@example.com", "<ann@example.com>", "jörg"])
def test_hostile_address_never_reaches_the_line(serve: Serve, recipient: str) -> None:
    mailbox, port = serve()
    with SmtpTransport(settings(port)) as transport:
        assert send(transport, envelope(recipient)).kind is REFUSED
    assert mailbox.got == []


def test_connections_of_several_threads_do_not_mix(serve: Serve) -> None:
    mailbox, port = serve()

    def work(name: str) -> None:
        with SmtpTransport(settings(port)) as transport:
            for number in range(20):
                send(transport, envelope(f"{name}{number}@example.com", f"Subject: {name}{number}\r\n\r\n".encode()))

    threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(mailbox.got) == 60
    assert all(recipients[0].partition("@")[0].encode() in data for _, recipients, data, _ in mailbox.got)
