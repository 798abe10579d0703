"""A line that breaks, or falls silent, at whatever moment: nothing is claimed that is not known, and nothing is handed over twice."""

import ssl
from pathlib import Path

import pytest

from digest.delivery.smtp import SmtpTransport
from digest.delivery.values import Outcome, OutcomeKind, Step
from digest.errors import TransportDown
from tests.delivery.relays import CHUNKED, CLOSE, DRIP, EHLO, ENDLESS, GO, HANG, INTERRUPTS, OK, PIPELINED, RESET, ScriptedRelay
from tests.delivery.sending import DATA, LARGE, STUFFED, envelope, send, sent, sent_all, settings

ACCEPTED, DEFERRED, REFUSED, UNKNOWN = OutcomeKind.ACCEPTED, OutcomeKind.DEFERRED, OutcomeKind.REFUSED, OutcomeKind.UNKNOWN
GREETING = b"220 relay.test\r\n"
START = (GREETING, EHLO)
TAKEN = (OK, OK, GO, OK)
TOO_EARLY = Outcome(kind=DEFERRED, text="the connection was lost before the message was handed over")
DOUBT = Outcome(kind=UNKNOWN, text="handed over, but the connection was lost before there was an answer")
WAYS = pytest.mark.parametrize("ehlo", [EHLO, PIPELINED], ids=["one by one", "pipelined"])


@pytest.mark.parametrize("silence", [HANG, DRIP, ENDLESS], ids=["nothing", "drip", "endless"])
@pytest.mark.parametrize("where", range(5), ids=["greeting", "EHLO", "MAIL", "DATA", "dot"])
def test_relay_that_never_comes_to_an_end_is_left_in_time(where: int, silence: bytes) -> None:
    script = (GREETING, EHLO, OK, OK, GO, OK)
    place = {3: 4, 4: 5}.get(where, where)
    with ScriptedRelay((*script[:place], silence)) as relay:
        if where < 2:
            with pytest.raises(TransportDown, match="cannot be reached"):
                sent(relay.port, timeout_seconds=0.2)
        else:
            outcome = sent(relay.port, timeout_seconds=0.2, answer_seconds=0.2)
            assert outcome.kind is (UNKNOWN if where == 4 else DEFERRED)
            assert silence == ENDLESS or "the relay fell silent" in outcome.text


def test_answer_to_a_message_has_a_patience_of_its_own() -> None:
    with ScriptedRelay((*START, OK, OK, GO, DRIP)) as relay:
        assert sent(relay.port, timeout_seconds=5, answer_seconds=0.2).kind is UNKNOWN


@pytest.mark.parametrize("place", [2, 3, 4], ids=["MAIL", "RCPT", "DATA"])
def test_line_lost_at_a_command_is_put_off(place: int) -> None:
    with ScriptedRelay((*(*START, OK, OK, GO)[:place], CLOSE)) as relay:
        assert sent(relay.port) == TOO_EARLY


@WAYS
def test_line_lost_before_the_dot_is_put_off(ehlo: bytes) -> None:
    with ScriptedRelay((GREETING, ehlo, OK, OK, GO, RESET)) as relay:
        assert sent(relay.port, envelope(data=LARGE)) == TOO_EARLY


def test_line_lost_before_the_last_octet_of_a_chunk_is_put_off() -> None:
    with ScriptedRelay((GREETING, CHUNKED, OK, OK, INTERRUPTS)) as relay:
        assert sent(relay.port, envelope(data=LARGE)) == TOO_EARLY


def test_secured_line_lost_before_the_dot_is_put_off(certificate: tuple[Path, Path]) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    given = {"host": "localhost", "security": "tls"}
    with (
        ScriptedRelay((GREETING, PIPELINED, OK, OK, GO, RESET), (GREETING, PIPELINED, *TAKEN * 2), context=context) as relay,
        SmtpTransport(settings(relay.port, **given), ca_file=str(certificate[0])) as transport,
    ):
        assert send(transport, envelope(data=LARGE)) == TOO_EARLY
        assert [outcome.kind for outcome in sent_all(transport, envelope(data=DATA * 5_000), envelope())] == [ACCEPTED, ACCEPTED]
    assert relay.texts == [STUFFED * 5_000, STUFFED]


def test_relay_that_reads_no_further_is_left_in_time() -> None:
    with ScriptedRelay((*START, OK, OK, GO + HANG.replace(b"(", b"250-("), HANG)) as relay:
        assert sent(relay.port, envelope(data=LARGE), timeout_seconds=0.2, answer_seconds=0.2).kind is DEFERRED


@pytest.mark.parametrize("answer", [b"552 5.3.4 too much\r\n", b"452 4.3.1 no room\r\n"])
def test_refusal_in_the_middle_of_a_message_is_heard(answer: bytes) -> None:
    with ScriptedRelay((*START, OK, OK, GO, INTERRUPTS + answer)) as relay:
        outcome = sent(relay.port, envelope(data=LARGE))
    kind = REFUSED if answer.startswith(b"5") else DEFERRED
    assert outcome == Outcome(kind=kind, code=int(answer[:3]), text=answer[4:].decode().strip(), step=Step.END)


def test_message_taken_before_its_end_is_not_believed() -> None:
    with ScriptedRelay((*START, OK, OK, GO, INTERRUPTS + OK)) as relay:
        assert sent(relay.port, envelope(data=LARGE)) == TOO_EARLY


@WAYS
def test_line_lost_after_the_dot_is_a_doubt(ehlo: bytes) -> None:
    with ScriptedRelay((GREETING, ehlo, OK, OK, GO, CLOSE)) as relay:
        assert sent(relay.port) == DOUBT
    assert relay.texts == [STUFFED]


def test_line_lost_after_the_last_octet_of_a_chunk_is_a_doubt() -> None:
    with ScriptedRelay((GREETING, CHUNKED, OK, OK, CLOSE)) as relay:
        assert sent(relay.port) == DOUBT


@pytest.mark.parametrize("answer", [b"what is this\r\n", b"354 go on\r\n", b"25\r\n", b"2500 fine\r\n", b"250-fine\r\n550 not fine\r\n"])
def test_answer_that_means_nothing_is_a_doubt(answer: bytes) -> None:
    with ScriptedRelay((*START, OK, OK, GO, answer)) as relay:
        assert sent(relay.port).kind is UNKNOWN


@pytest.mark.parametrize("answer", [b"251 will forward\r\n", b"250-well\r\n250 done\r\n", b"250\r\n", b"250 fine\n"])
def test_answer_of_another_shape_is_understood(answer: bytes) -> None:
    with ScriptedRelay((*START, OK, OK, GO, answer)) as relay:
        assert sent(relay.port).kind is ACCEPTED


@pytest.mark.parametrize("ending", [(CLOSE,), (b"421 enough for one connection\r\n",)], ids=["closes", "421"])
@WAYS
def test_kept_line_that_the_relay_has_closed_is_made_anew(ehlo: bytes, ending: tuple[bytes, ...]) -> None:
    with ScriptedRelay((GREETING, ehlo, *TAKEN, *ending), (GREETING, ehlo, *TAKEN)) as relay, SmtpTransport(settings(relay.port)) as transport:
        assert [outcome.kind for outcome in sent_all(transport, envelope(), envelope())] == [ACCEPTED, ACCEPTED]
    assert relay.connections == 2 and relay.texts == [STUFFED] * 2


@pytest.mark.parametrize("place", [1, 2], ids=["RCPT", "DATA"])
@WAYS
def test_421_in_the_middle_of_the_commands_is_tried_over_another_line(ehlo: bytes, place: int) -> None:
    script = (GREETING, ehlo, *TAKEN, *TAKEN[:place], b"421 4.3.2 closing\r\n")
    with ScriptedRelay(script, (GREETING, ehlo, *TAKEN)) as relay, SmtpTransport(settings(relay.port)) as transport:
        assert [outcome.kind for outcome in sent_all(transport, envelope(), envelope())] == [ACCEPTED, ACCEPTED]
    assert relay.connections == 2 and relay.texts == [STUFFED] * 2


def test_421_before_our_command_is_tried_over_another_line() -> None:
    with (
        ScriptedRelay((*START, OK, OK, GO, OK + b"421 4.4.2 idle for too long\r\n"), (*START, *TAKEN)) as relay,
        SmtpTransport(settings(relay.port)) as transport,
    ):
        assert [send(transport, envelope()).kind for _ in range(2)] == [ACCEPTED, ACCEPTED]
    assert relay.connections == 2 and relay.texts == [STUFFED] * 2


def test_relay_that_closes_every_line_is_tried_once_more_only() -> None:
    with ScriptedRelay((*START, *TAKEN, CLOSE), (*START, CLOSE)) as relay, SmtpTransport(settings(relay.port)) as transport:
        assert [send(transport, envelope()) for _ in range(2)][1] == TOO_EARLY
    assert relay.connections == 2


def test_421_to_the_message_itself_is_no_reason_to_send_it_again_at_once() -> None:
    with (
        ScriptedRelay((*START, *TAKEN, OK, OK, GO, b"421 4.7.0 slower\r\n"), (*START, *TAKEN)) as relay,
        SmtpTransport(settings(relay.port)) as transport,
    ):
        outcomes = [send(transport, envelope()) for _ in range(3)]
    assert [(outcome.kind, outcome.code) for outcome in outcomes] == [(ACCEPTED, 250), (DEFERRED, 421), (ACCEPTED, 250)]
    assert relay.connections == 2


def test_unknown_is_never_tried_again_by_itself() -> None:
    with ScriptedRelay((*START, *TAKEN, OK, OK, GO, CLOSE), (*START, *TAKEN)) as relay, SmtpTransport(settings(relay.port)) as transport:
        assert [send(transport, envelope()).kind for _ in range(3)] == [ACCEPTED, UNKNOWN, ACCEPTED]
    assert relay.connections == 2


@pytest.mark.parametrize("ending", [CLOSE, RESET], ids=["closes", "resets"])
def test_relay_may_go_before_the_goodbye(ending: bytes) -> None:
    with ScriptedRelay((*START, *TAKEN, ending)) as relay:
        assert sent(relay.port).kind is ACCEPTED


def test_failure_of_the_program_does_not_wait_for_the_relay() -> None:
    with ScriptedRelay((*START, *TAKEN, HANG)) as relay, pytest.raises(KeyError), SmtpTransport(settings(relay.port)) as transport:
        send(transport, envelope())
        raise KeyError("of the program's own")
