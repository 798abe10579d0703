"""The next message is announced behind the one before it, and nothing comes of an announcement that is not kept."""

import pytest

from digest.delivery.smtp import SmtpTransport
from digest.delivery.values import Envelope, OutcomeKind
from tests.delivery.relays import CHUNKED, CLOSE, EHLO, FORGETS, GO, HANG, OK, PIPELINED, ScriptedRelay
from tests.delivery.sending import DATA, STUFFED, envelope, opening, send, sent, sent_all, settings

ACCEPTED, DEFERRED, REFUSED, UNKNOWN = OutcomeKind.ACCEPTED, OutcomeKind.DEFERRED, OutcomeKind.REFUSED, OutcomeKind.UNKNOWN
GREETING = b"220 relay.test\r\n"
TAKEN = (OK, OK, GO, OK)
TAKES_ALL = (GREETING, PIPELINED, *TAKEN * 5)
ANN, BOB, CLEO = (envelope(f"{name}@example.com", data=f"Subject: {name}\r\n\r\n".encode()) for name in ("ann", "bob", "cleo"))


def test_next_message_is_announced_in_the_same_segment() -> None:
    with ScriptedRelay(TAKES_ALL) as relay, SmtpTransport(settings(relay.port)) as transport:
        assert [outcome.kind for outcome in sent_all(transport, ANN, BOB, CLEO)] == [ACCEPTED] * 3
    assert relay.segments[1:] == [
        opening("ann@example.com"),
        ANN.data + b".\r\n" + opening("bob@example.com"),
        BOB.data + b".\r\n" + opening("cleo@example.com"),
        CLEO.data + b".\r\n",
        b"QUIT\r\n",
    ]


def test_without_pipelining_each_command_waits_for_its_answer() -> None:
    with ScriptedRelay((GREETING, EHLO, *TAKEN * 2)) as relay, SmtpTransport(settings(relay.port)) as transport:
        sent_all(transport, ANN, BOB)
    ann, bob = ([*opening(message.recipient).splitlines(keepends=True), message.data + b".\r\n"] for message in (ANN, BOB))
    assert relay.segments[1:] == [*ann, *bob, b"QUIT\r\n"]


def test_chunking_alone_saves_the_wait_for_data() -> None:
    with ScriptedRelay((GREETING, CHUNKED, *(OK, OK, OK) * 2)) as relay, SmtpTransport(settings(relay.port)) as transport:
        assert transport.check().chunking
        assert [outcome.kind for outcome in sent_all(transport, envelope(), ANN)] == [ACCEPTED] * 2
    assert relay.segments[3] == relay.heard[3] == b"BDAT %d LAST\r\n" % len(DATA) + DATA
    assert not any(segment == b"DATA\r\n" for segment in relay.segments)


def test_a_message_that_is_clean_is_written_as_it_is() -> None:
    with ScriptedRelay(TAKES_ALL) as relay:
        sent(relay.port, envelope(data=b"Subject: x\r\n\r\nno dots\r\n", clean=True))
    assert relay.texts == [b"Subject: x\r\n\r\nno dots\r\n"]


@pytest.mark.parametrize("other", [CLEO, envelope(BOB.recipient, data=BOB.data + b"longer\r\n" * 20)], ids=["another reader", "another size"])
def test_another_message_than_the_announced_one_goes_over_another_line(other: Envelope) -> None:
    sized = PIPELINED.replace(b"250 8", b"250-SIZE 1000\r\n250 8")
    with ScriptedRelay((GREETING, sized, *TAKEN * 3)) as relay, SmtpTransport(settings(relay.port)) as transport:
        send(transport, ANN, BOB)
        assert send(transport, other).kind is ACCEPTED
    assert relay.texts == [ANN.data, other.data] and relay.connections == 2
    assert b".\r\n" not in relay.heard


def test_the_announced_message_may_be_made_again() -> None:
    again = envelope(BOB.recipient, data=BOB.data.replace(b"bob", b"Bob"))
    with ScriptedRelay(TAKES_ALL) as relay, SmtpTransport(settings(relay.port)) as transport:
        send(transport, ANN, BOB)
        assert send(transport, again).kind is ACCEPTED
    assert relay.texts == [ANN.data, again.data] and relay.connections == 1


def test_announced_message_that_is_never_sent_is_no_message() -> None:
    with ScriptedRelay(TAKES_ALL) as relay, SmtpTransport(settings(relay.port)) as transport:
        send(transport, ANN, BOB)
    assert relay.texts == [ANN.data]
    assert relay.segments[-1] == ANN.data + b".\r\n" + opening("bob@example.com")  # no dot, no goodbye


def test_nothing_is_announced_across_a_renewal() -> None:
    with ScriptedRelay(TAKES_ALL) as relay, SmtpTransport(settings(relay.port, messages_per_connection=2)) as transport:
        messages = [envelope(f"reader{number}@example.com", data=b"Subject: %d\r\n\r\n" % number) for number in range(5)]
        assert {outcome.kind for outcome in sent_all(transport, *messages)} == {ACCEPTED}
    assert relay.connections == 3 and relay.texts == [message.data for message in messages]
    assert relay.heard.count(b"QUIT\r\n") == 3


def test_what_this_relay_cannot_be_given_is_not_announced() -> None:
    impossible = envelope("jörg@example.com")
    with ScriptedRelay(TAKES_ALL) as relay, SmtpTransport(settings(relay.port)) as transport:
        assert [outcome.kind for outcome in sent_all(transport, ANN, impossible, BOB)] == [ACCEPTED, REFUSED, ACCEPTED]
    assert relay.texts == [ANN.data, BOB.data] and relay.connections == 1


def test_impossible_message_in_between_leaves_the_announced_one_standing() -> None:
    with ScriptedRelay(TAKES_ALL) as relay, SmtpTransport(settings(relay.port)) as transport:
        kinds = [send(transport, ANN, BOB).kind, send(transport, envelope("jörg@example.com")).kind, send(transport, BOB).kind]
    assert kinds == [ACCEPTED, REFUSED, ACCEPTED]
    assert relay.texts == [ANN.data, BOB.data] and relay.connections == 1


LIES = {
    "forgets what came with MAIL": (FORGETS + OK, HANG),
    "forgets what came with RCPT": (OK, FORGETS + OK, HANG),
    "closes after the first answer": (FORGETS + OK, CLOSE),
    "knows no sender at RCPT": (OK, b"503 5.5.1 bad sequence of commands\r\n", b"503 5.5.1 bad sequence of commands\r\n"),
    "takes no DATA so": (OK, OK, b"503 5.5.0 improper use of pipelining\r\n"),
    "answers nonsense": (OK, b"what?\r\n", b"what?\r\n"),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_relay_that_cannot_pipelining_is_spoken_to_command_by_command(lie: tuple[bytes, ...]) -> None:
    with ScriptedRelay((GREETING, PIPELINED, *lie), TAKES_ALL) as relay, SmtpTransport(settings(relay.port, timeout_seconds=0.3)) as transport:
        assert [outcome.kind for outcome in sent_all(transport, ANN, BOB)] == [ACCEPTED, ACCEPTED]
    assert relay.texts == [ANN.data, BOB.data] and relay.connections == 2
    ann, bob = ([*opening(message.recipient).splitlines(keepends=True), message.data + b".\r\n"] for message in (ANN, BOB))
    assert relay.segments[-9:] == [*ann, *bob, b"QUIT\r\n"]


BROKEN_PROMISES = {
    "forgets what came with the message": (FORGETS + OK, HANG),
    "reads the announcement in pieces": (OK, b"503 5.5.1 what?\r\n", b"503 5.5.1 what?\r\n"),
}


@pytest.mark.parametrize("lie", BROKEN_PROMISES.values(), ids=BROKEN_PROMISES)
def test_relay_that_forgets_the_announcement_gets_each_message_once(lie: tuple[bytes, ...]) -> None:
    with (
        ScriptedRelay((GREETING, PIPELINED, *TAKEN[:3], *lie), TAKES_ALL) as relay,
        SmtpTransport(settings(relay.port, timeout_seconds=0.3)) as transport,
    ):
        assert [outcome.kind for outcome in sent_all(transport, ANN, BOB, CLEO)] == [ACCEPTED] * 3
    assert relay.texts == [ANN.data, BOB.data, CLEO.data] and relay.connections == 2
    assert relay.segments[-2] == CLEO.data + b".\r\n"
    assert opening("cleo@example.com") not in relay.segments


def test_relay_that_sees_no_end_before_the_announcement_leaves_one_doubt_only() -> None:
    with (
        ScriptedRelay((GREETING, PIPELINED, OK, OK, GO, HANG), TAKES_ALL) as relay,
        SmtpTransport(settings(relay.port, answer_seconds=0.3)) as transport,
    ):
        assert [outcome.kind for outcome in sent_all(transport, ANN, BOB, CLEO)] == [UNKNOWN, ACCEPTED, ACCEPTED]
    assert relay.texts[1:] == [BOB.data, CLEO.data]
    assert opening("cleo@example.com") not in relay.segments


def test_a_reply_too_many_is_not_taken_for_the_answer_to_the_message() -> None:
    with ScriptedRelay((GREETING, PIPELINED, OK, OK, GO + OK), TAKES_ALL) as relay:
        assert sent(relay.port).kind is DEFERRED
    assert relay.texts == []


def test_large_messages_go_through_in_order() -> None:
    large = [envelope(f"{number}@example.com", data=DATA * 20_000, clean=False) for number in range(3)]
    with ScriptedRelay(TAKES_ALL) as relay, SmtpTransport(settings(relay.port)) as transport:
        assert {outcome.kind for outcome in sent_all(transport, *large)} == {ACCEPTED}
    assert relay.texts == [STUFFED * 20_000] * 3
