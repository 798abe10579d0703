"""Hand-over by SMTP: the outcome is right for whatever the relay does, and nothing is claimed that is not known."""

import smtplib
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from hypothesis import given
from hypothesis import strategies as st

from digest.delivery.smtp import SmtpTransport
from digest.delivery.transaction import commands, stuffed
from digest.delivery.values import Envelope, Outcome, OutcomeKind
from digest.errors import TransportDown
from digest.settings import Smtp
from tests.conftest import missing
from tests.delivery.relays import CLOSE, EHLO, GO, HANG, OK, PIPELINED, RESET, ScriptedRelay

ACCEPTED, DEFERRED, REFUSED, UNKNOWN = OutcomeKind.ACCEPTED, OutcomeKind.DEFERRED, OutcomeKind.REFUSED, OutcomeKind.UNKNOWN
GREETING = b"220 relay.test\r\n"
START = (GREETING, EHLO)
TAKES_ALL = (GREETING, EHLO, OK, OK, GO, OK, OK, OK, GO, OK, OK, OK, GO, OK)
DATA = b"Subject: x\r\n\r\nHello\r\n.a line with a dot\r\n..two\r\n.\r\nend\r\n"


def envelope(recipient: str = "ann@example.com", data: bytes = DATA) -> Envelope:
    return Envelope(name="one", sender="letters@example.com", recipient=recipient, data=data)


def settings(port: int, **given: Any) -> Smtp:
    return Smtp(**{"host": "127.0.0.1", "port": port, "security": "none", "timeout_seconds": 10, **given})


def sent(relay: ScriptedRelay, message: Envelope | None = None, **given: Any) -> Outcome:
    with SmtpTransport(settings(relay.port, **given)) as transport:
        return transport.send(message or envelope())


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


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for localhost that signs itself, and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    call = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    call += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "certificate.pem"]
    try:
        subprocess.run(call, cwd=folder, check=True, capture_output=True)
    except FileNotFoundError:
        missing("openssl", "no program to make a certificate with")
    return folder / "certificate.pem", folder / "key.pem"


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
        outcome = transport.send(envelope())
    assert (outcome.kind, outcome.code, outcome.text) == (ACCEPTED, 250, "2.0.0 taken")
    assert mailbox.got == [("letters@example.com", ["ann@example.com"], DATA, False)]


def test_one_connection_is_kept_and_renewed_in_time(serve: Serve) -> None:
    mailbox, port = serve()
    with SmtpTransport(settings(port, messages_per_connection=3)) as transport:
        for number in range(7):
            assert transport.send(envelope(f"reader{number}@example.com")).kind is ACCEPTED
    assert [recipients for _, recipients, _, _ in mailbox.got] == [[f"reader{number}@example.com"] for number in range(7)]
    assert mailbox.greeted == 3


def test_32_refusal_is_one_readers_and_the_next_goes_on(serve: Serve) -> None:
    mailbox, port = serve()
    with SmtpTransport(settings(port)) as transport:
        outcomes = [transport.send(envelope(f"{name}@example.com")) for name in ("gone", "ann", "full", "bob")]
    assert [(outcome.kind, outcome.code) for outcome in outcomes] == [(REFUSED, 550), (ACCEPTED, 250), (DEFERRED, 452), (ACCEPTED, 250)]
    assert len(mailbox.got) == 2 and mailbox.greeted == 1
    assert not any("@example.com" in outcome.text for outcome in outcomes)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_7_line_is_secured_and_the_certificate_checked(serve: Serve, certificate: tuple[Path, Path], security: str) -> None:
    mailbox, port = serve(secured=security)
    given = settings(port, host="localhost", security=security)
    with SmtpTransport(given, ca_file=str(certificate[0])) as transport:
        assert transport.send(envelope()).kind is ACCEPTED
        assert transport.check().tls.startswith("TLSv1.")
    assert [secured for *_, secured in mailbox.got] == [True]
    with SmtpTransport(given) as untrusting, pytest.raises(TransportDown, match=r"certificate of the relay .* not to be trusted"):
        untrusting.send(envelope())
    named = given.model_copy(update={"host": "127.0.0.1"})
    with SmtpTransport(named, ca_file=str(certificate[0])) as misnamed, pytest.raises(TransportDown, match="certificate"):
        misnamed.send(envelope())
    assert len(mailbox.got) == 1


def test_7_relay_without_starttls_gets_nothing(serve: Serve) -> None:
    mailbox, port = serve()
    with SmtpTransport(settings(port, security="starttls")) as transport, pytest.raises(TransportDown, match="STARTTLS"):
        transport.send(envelope())
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
            assert transport.send(envelope()).kind is ACCEPTED and transport.check().authenticated
        else:
            with pytest.raises(TransportDown, match=r"refuses the user or the password .535.") as refused:
                transport.send(envelope())
            assert "wrong" not in str(refused.value)
    assert len(mailbox.got) == (password == "right")


def test_relay_that_wants_a_login_stops_the_send_and_refuses_no_reader() -> None:
    with ScriptedRelay((*START, b"530 5.7.0 authentication required\r\n")) as relay, pytest.raises(TransportDown, match="after a login"):
        sent(relay)


def test_relay_that_is_not_there_stops_the_send() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with SmtpTransport(settings(port)) as transport, pytest.raises(TransportDown, match=f"127.0.0.1:{port} cannot be reached"):
        transport.send(envelope())


def test_name_that_does_not_exist_stops_the_send() -> None:
    with SmtpTransport(settings(25, host="relay.invalid")) as transport, pytest.raises(TransportDown, match=r"relay\.invalid:25 cannot be reached"):
        transport.check()


@pytest.mark.parametrize("greeting", [b"421 come back later\r\n", b"554 not you\r\n", CLOSE, b"what?\r\n"])
def test_relay_that_greets_with_a_no_stops_the_send(greeting: bytes) -> None:
    with ScriptedRelay((greeting,)) as relay, pytest.raises(TransportDown, match="cannot be reached"):
        sent(relay)


@pytest.mark.parametrize("where", range(5), ids=["greeting", "EHLO", "MAIL", "DATA", "dot"])
def test_relay_that_never_answers_ends_at_the_timeout(where: int) -> None:
    script = (GREETING, EHLO, OK, OK, GO, OK)
    place = {3: 4, 4: 5}.get(where, where)
    with ScriptedRelay((*script[:place], HANG)) as relay:
        if where < 2:
            with pytest.raises(TransportDown, match="cannot be reached"):
                sent(relay, timeout_seconds=0.2)
        else:
            assert sent(relay, timeout_seconds=0.2).kind is (UNKNOWN if where == 4 else DEFERRED)


@pytest.mark.parametrize("ehlo", [EHLO, PIPELINED], ids=["one by one", "pipelined"])
@pytest.mark.parametrize("code", [421, 450, 452, 550, 554])
@pytest.mark.parametrize("step", range(4), ids=["MAIL", "RCPT", "DATA", "dot"])
def test_32_each_refusal_has_its_outcome(ehlo: bytes, code: int, step: int) -> None:
    no = b"%d 4.7.1 no <ann@example.com>\r\n" % code
    script = [GREETING, ehlo, OK, OK, GO, OK]
    script[2 + step] = no
    if ehlo == PIPELINED and step < 2:  # the relay answers what it was sent already
        script[3 + step : 5] = [b"503 no sender\r\n"] * (2 - step)
    elif step < 3:
        del script[3 + step :]
    with ScriptedRelay(script) as relay:
        outcome = sent(relay)
    assert outcome == Outcome(kind=REFUSED if code >= 500 else DEFERRED, code=code, text="4.7.1 no <…@…>")


def test_refused_reader_whose_data_was_let_through_gets_an_empty_end() -> None:
    with ScriptedRelay((GREETING, PIPELINED, OK, b"550 no such user\r\n", GO, b"554 nobody to take it\r\n", OK, OK, OK, GO, OK)) as relay:
        with SmtpTransport(settings(relay.port)) as transport:
            assert (transport.send(envelope("gone@example.com")).kind, transport.send(envelope()).kind) == (REFUSED, ACCEPTED)
        assert relay.heard[4:6] == [b".\r\n", b"rset\r\n"] and relay.connections == 1


def test_line_lost_before_the_dot_is_put_off() -> None:
    large = envelope(data=b"Subject: x\r\n\r\n" + b"more and more\r\n" * 2_000_000)  # more than the line's buffers hold
    with ScriptedRelay((*START, OK, OK, GO, RESET)) as relay:
        assert sent(relay, large) == Outcome(kind=DEFERRED, text="the connection was lost before the message was handed over")


def test_line_lost_after_the_dot_is_unknown() -> None:
    with ScriptedRelay((*START, OK, OK, GO, CLOSE)) as relay:
        outcome = sent(relay)
        assert relay.heard[-1].endswith(b"\r\n.\r\n")
    assert outcome == Outcome(kind=UNKNOWN, text="handed over, but the connection was lost before the relay answered")


@pytest.mark.parametrize("answer", [b"what is this\r\n", b"354 go on\r\n"])
def test_answer_that_means_nothing_is_unknown(answer: bytes) -> None:
    with ScriptedRelay((*START, OK, OK, GO, answer)) as relay:
        assert sent(relay).kind is UNKNOWN


@pytest.mark.parametrize("ending", [CLOSE, b"421 enough for one connection\r\n"])
@pytest.mark.parametrize("ehlo", [EHLO, PIPELINED], ids=["one by one", "pipelined"])
def test_kept_connection_that_the_relay_has_closed_is_made_anew(ehlo: bytes, ending: bytes) -> None:
    first = (GREETING, ehlo, OK, OK, GO, OK, ending)
    with ScriptedRelay(first, TAKES_ALL) as relay:
        with SmtpTransport(settings(relay.port)) as transport:
            assert [transport.send(envelope()).kind for _ in range(2)] == [ACCEPTED, ACCEPTED]
        assert relay.connections == 2
        assert sum(heard.endswith(b"\r\n.\r\n") for heard in relay.heard) == 2


def test_unknown_is_never_tried_again_by_itself() -> None:
    with ScriptedRelay((GREETING, EHLO, OK, OK, GO, OK, OK, OK, GO, CLOSE), TAKES_ALL) as relay:
        with SmtpTransport(settings(relay.port)) as transport:
            assert [transport.send(envelope()).kind for _ in range(3)] == [ACCEPTED, UNKNOWN, ACCEPTED]
        assert relay.connections == 2


def test_relay_may_go_before_the_goodbye() -> None:
    with ScriptedRelay((*START, OK, OK, GO, OK, CLOSE)) as relay:
        assert sent(relay).kind is ACCEPTED


def test_failure_of_the_program_does_not_wait_for_the_relay() -> None:
    with ScriptedRelay((*START, OK, OK, GO, OK, HANG)) as relay, pytest.raises(KeyError), SmtpTransport(settings(relay.port)) as transport:
        transport.send(envelope())
        raise KeyError("of the program's own")


def test_old_relay_that_knows_only_helo_is_served() -> None:
    with ScriptedRelay((GREETING, b"502 what?\r\n", b"250 relay.test\r\n", OK, OK, GO, OK)) as relay:
        assert sent(relay).kind is ACCEPTED
        with SmtpTransport(settings(relay.port)) as transport:
            found = transport.check()
    assert (found.tls, found.authenticated, found.largest, found.pipelining, found.utf8) == ("", False, 0, False, False)


def test_letters_beyond_ascii_go_only_where_they_are_taken(serve: Serve) -> None:
    mailbox, port = serve(enable_SMTPUTF8=True)
    with SmtpTransport(settings(port)) as transport:
        assert transport.send(envelope("jörg@bücher.example", "To: jörg\r\n\r\nx\r\n".encode())).kind is ACCEPTED
        assert transport.check().utf8
    assert mailbox.got[0][1] == ["jörg@xn--bcher-kva.example"]
    mailbox, port = serve(enable_SMTPUTF8=False)
    with SmtpTransport(settings(port)) as transport:
        outcome = transport.send(envelope("jörg@bücher.example"))
        assert outcome.kind is REFUSED and "SMTPUTF8" in outcome.text and "jörg" not in outcome.text
        assert transport.send(envelope("ann@bücher.example")).kind is ACCEPTED
    assert mailbox.got[0][1] == ["ann@xn--bcher-kva.example"]


def test_message_above_the_relays_limit_is_not_begun(serve: Serve) -> None:
    mailbox, port = serve(data_size_limit=1_000)
    with SmtpTransport(settings(port)) as transport:
        outcome = transport.send(envelope(data=b"x" * 2_000))
        assert transport.check().largest == 1_000
    assert (outcome.kind, outcome.text) == (REFUSED, "the message has 2,002 bytes, and the relay takes 1,000 at most")
    assert mailbox.got == []


@pytest.mark.parametrize("recipient", ["", "ann@example.com>\r\nRCPT TO:<bob@example.com", "a b@example.com", "<ann@example.com>", "jörg"])
def test_hostile_address_never_reaches_the_line(serve: Serve, recipient: str) -> None:
    mailbox, port = serve()
    with SmtpTransport(settings(port)) as transport:
        assert transport.send(envelope(recipient)).kind is REFUSED
    assert mailbox.got == []


@given(st.binary(max_size=200) | st.text(st.sampled_from(".\r\nab"), max_size=80).map(str.encode))
def test_stuffed_message_reads_back_and_holds_no_end(data: bytes) -> None:
    lines = stuffed(data).split(b"\r\n")
    assert b"." not in lines and lines.pop() == b""
    assert not any(b"\r" in line or b"\n" in line for line in lines)
    read = b"\r\n".join(line.removeprefix(b".") for line in lines)
    expected = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    assert read == expected.removesuffix(b"\r\n")


@given(st.text(max_size=40), st.text(max_size=40))
def test_commands_are_three_lines_or_refused(sender: str, recipient: str) -> None:
    try:
        lines = commands({"smtputf8": ""}, Envelope(name="x", sender=sender, recipient=recipient, data=b""), 0)
    except ValueError:
        return
    assert b"".join(lines).count(b"\r\n") == b"".join(lines).count(b"\n") == 3


def test_connections_of_several_threads_do_not_mix(serve: Serve) -> None:
    mailbox, port = serve()

    def work(name: str) -> None:
        with SmtpTransport(settings(port)) as transport:
            for number in range(20):
                transport.send(envelope(f"{name}{number}@example.com", f"Subject: {name}{number}\r\n\r\n".encode()))

    threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(mailbox.got) == 60
    assert all(recipients[0].partition("@")[0].encode() in data for _, recipients, data, _ in mailbox.got)


def test_postfix_sink_takes_pipelined_messages() -> None:
    sink = Path("/usr/sbin/smtp-sink")
    if not sink.exists():
        missing("smtp-sink", "Postfix is not installed")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with subprocess.Popen([sink, "-u", "nobody", f"127.0.0.1:{port}", "10"], stderr=subprocess.DEVNULL) as server:
        try:
            wait_for(port)
            with SmtpTransport(settings(port)) as transport:
                assert transport.check().pipelining
                assert {transport.send(envelope(f"reader{number}@example.com")).kind for number in range(50)} == {ACCEPTED}
        finally:
            server.terminate()


def wait_for(port: int) -> None:
    """Until the server answers; a server that does not start is ended by the test's own time limit."""
    while True:
        try:
            smtplib.SMTP("127.0.0.1", port, timeout=5).quit()
        except OSError:
            continue
        return
