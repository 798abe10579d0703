"""Whatever a relay refuses, at whatever step: the outcome is that step's, and the next message goes on as if nothing had been."""

from collections.abc import Sequence

import pytest

from digest.delivery.smtp import SmtpTransport
from digest.delivery.values import Outcome, OutcomeKind, Step
from digest.errors import TransportDown
from tests.delivery.relays import CHUNKED, EHLO, GO, OK, PIPELINED, ScriptedRelay
from tests.delivery.sending import DATA, STUFFED, envelope, opening, send, sent, sent_all, settings

ACCEPTED, DEFERRED, REFUSED = OutcomeKind.ACCEPTED, OutcomeKind.DEFERRED, OutcomeKind.REFUSED
GREETING = b"220 relay.test\r\n"
STEPS = [Step.MAIL, Step.RCPT, Step.DATA, Step.END]
NO_SENDER = b"503 5.5.1 MAIL first\r\n"


def answers(ehlo: bytes, step: Step, no: bytes) -> Sequence[bytes]:
    """A relay's, one to each command of a message that it refuses at `step`."""
    yes = {Step.MAIL: OK, Step.RCPT: OK, Step.DATA: GO, Step.END: OK}
    if ehlo == CHUNKED:
        del yes[Step.DATA]
    place = list(yes).index(step)
    given = [*list(yes.values())[:place], no]
    # A pipelining relay answers what it was sent already.
    return [*given, *([NO_SENDER] * (3 - len(given)) if ehlo == PIPELINED else ())]


CASES = [(ehlo, step) for ehlo in (EHLO, PIPELINED, CHUNKED) for step in STEPS if (ehlo, step) != (CHUNKED, Step.DATA)]
NAMES = {EHLO: "one by one", PIPELINED: "pipelined", CHUNKED: "chunked"}


@pytest.mark.parametrize("code", [421, 450, 452, 503, 550, 552, 554])
@pytest.mark.parametrize(("ehlo", "step"), CASES, ids=[f"{NAMES[ehlo]}, {step}" for ehlo, step in CASES])
def test_32_each_refusal_has_its_outcome(ehlo: bytes, step: Step, code: int) -> None:
    no = b"%d 4.7.1 no <ann@example.com>\r\n" % code
    with ScriptedRelay((GREETING, ehlo, *answers(ehlo, step, no)), (GREETING, ehlo, *answers(EHLO, step, no))) as relay:
        outcome = sent(relay.port)
    assert outcome == Outcome(kind=REFUSED if code >= 500 else DEFERRED, code=code, text="4.7.1 no <…@…>", step=step)


@pytest.mark.parametrize("code", [450, 550])
@pytest.mark.parametrize(("ehlo", "step"), CASES, ids=[f"{NAMES[ehlo]}, {step}" for ehlo, step in CASES])
def test_refusal_between_two_messages_leaves_them_alone(ehlo: bytes, step: Step, code: int) -> None:
    no = b"%d no\r\n" % code
    taken = answers(ehlo, Step.END, OK)
    between = answers(ehlo, step, no)
    tidied = [] if step is Step.END and ehlo != CHUNKED else [OK]  # RSET
    with ScriptedRelay((GREETING, ehlo, *taken, *between, *tidied, *taken)) as relay:
        with SmtpTransport(settings(relay.port)) as transport:
            outcomes = sent_all(transport, *(envelope(f"{name}@example.com") for name in ("ann", "bob", "cleo")))
        assert [(outcome.kind, outcome.step) for outcome in outcomes] == [
            (ACCEPTED, Step.END),
            (REFUSED if code == 550 else DEFERRED, step),
            (ACCEPTED, Step.END),
        ]
    assert relay.connections == 1
    kept = [heard for heard, answer in relay.talk if answer == OK and (heard.endswith(b"\r\n.\r\n") or heard.startswith(b"BDAT"))]
    assert kept == [b"BDAT %d LAST\r\n" % len(DATA) + DATA if ehlo == CHUNKED else STUFFED + b".\r\n"] * 2


def test_refused_reader_costs_no_wait_of_its_own() -> None:
    """RSET travels with the next message's commands."""
    with (
        ScriptedRelay((GREETING, PIPELINED, OK, b"550 no such user\r\n", b"554 nobody\r\n", OK, OK, OK, GO, OK)) as relay,
        SmtpTransport(settings(relay.port)) as transport,
    ):
        kinds = [outcome.kind for outcome in sent_all(transport, envelope("gone@example.com"), envelope())]
    assert kinds == [REFUSED, ACCEPTED]
    assert relay.segments[1:] == [opening("gone@example.com"), b"RSET\r\n" + opening("ann@example.com"), STUFFED + b".\r\n", b"QUIT\r\n"]


def test_refused_reader_whose_data_was_let_through_gets_an_empty_end() -> None:
    with (
        ScriptedRelay((GREETING, PIPELINED, OK, b"550 no such user\r\n", GO, b"554 nobody to take it\r\n", OK, OK, OK, GO, OK)) as relay,
        SmtpTransport(settings(relay.port)) as transport,
    ):
        assert (send(transport, envelope("gone@example.com")).kind, send(transport, envelope()).kind) == (REFUSED, ACCEPTED)
    assert relay.segments[2].startswith(b".\r\nRSET\r\n") and relay.connections == 1


def test_refused_reader_at_the_end_leaves_nothing_open() -> None:
    with ScriptedRelay((GREETING, PIPELINED, OK, b"550 no such user\r\n", GO, b"554 nobody to take it\r\n", OK)) as relay:
        assert sent(relay.port).kind is REFUSED
    assert b"".join(relay.segments[2:]) == b".\r\nRSET\r\nQUIT\r\n"


def test_refused_sender_whose_reader_was_taken_is_no_reason_for_an_empty_mail() -> None:
    """A relay out of its mind: a lone dot might deliver an empty mail, so the line is given up."""
    with (
        ScriptedRelay((GREETING, PIPELINED, b"550 not you\r\n", OK, GO), (GREETING, PIPELINED, OK, OK, GO, OK)) as relay,
        SmtpTransport(settings(relay.port)) as transport,
    ):
        assert [outcome.kind for outcome in sent_all(transport, envelope(), envelope())] == [REFUSED, ACCEPTED]
    assert relay.texts == [STUFFED] and relay.connections == 2
    assert b".\r\n" not in relay.heard


@pytest.mark.parametrize("ehlo", [EHLO, PIPELINED], ids=["one by one", "pipelined"])
@pytest.mark.parametrize("step", [Step.MAIL, Step.RCPT, Step.DATA])
def test_relay_that_wants_a_login_stops_the_send_and_refuses_no_reader(ehlo: bytes, step: Step) -> None:
    script = (GREETING, ehlo, *answers(ehlo, step, b"530 5.7.0 authentication required\r\n"))
    with ScriptedRelay(script) as relay, pytest.raises(TransportDown, match="after a login"):
        sent(relay.port)


@pytest.mark.parametrize("step", [Step.MAIL, Step.RCPT, Step.DATA])
def test_reply_that_means_nothing_there_is_put_off(step: Step) -> None:
    for answer in (b"what is this\r\n", b"200\r\n" if step is Step.DATA else b"354 go on\r\n", b"250-yes\r\n550 no\r\n"):
        with ScriptedRelay((GREETING, EHLO, *answers(EHLO, step, answer))) as relay:
            assert sent(relay.port).kind is DEFERRED
        assert relay.texts == []


def test_reset_that_is_answered_by_nonsense_goes_on_over_another_line() -> None:
    with (
        ScriptedRelay((GREETING, PIPELINED, OK, b"550 no\r\n", b"503 no\r\n", GO), (GREETING, PIPELINED, OK, OK, GO, OK)) as relay,
        SmtpTransport(settings(relay.port)) as transport,
    ):
        assert [outcome.kind for outcome in sent_all(transport, envelope(), envelope())] == [REFUSED, ACCEPTED]
    assert relay.texts == [STUFFED] and relay.connections == 2
