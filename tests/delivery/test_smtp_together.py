"""Many hand-overs in one thread: none waits for another's relay."""

from digest.delivery.loop import Loop
from digest.delivery.smtp import SmtpTransport
from digest.delivery.steps import Steps
from digest.delivery.values import Envelope, OutcomeKind
from tests.delivery.relays import CLOSE, GO, HANG, OK, PIPELINED, ScriptedRelay
from tests.delivery.sending import LARGE, envelope, settings

GREETING = b"220 relay.test\r\n"


def run(*messages: tuple[ScriptedRelay, Envelope, float]) -> list[tuple[ScriptedRelay, OutcomeKind]]:
    """To each relay its message, with that many seconds' patience, at once: how they ended, in the order in which they did."""
    ended: list[tuple[ScriptedRelay, OutcomeKind]] = []
    errors: list[BaseException | None] = []

    def hand_over(relay: ScriptedRelay, message: Envelope, patience: float) -> Steps[None]:
        transport = SmtpTransport(settings(relay.port, answer_seconds=patience))
        try:
            outcome = yield from transport.hand_over(message)
            ended.append((relay, outcome.kind))
            yield from transport.leave()
        finally:
            transport.close()

    loop: Loop[None, None] = Loop(lambda entries: [None] * len(entries))
    for given in messages:
        loop.add(hand_over(*given), errors.append)
    loop.run()
    assert errors == [None] * len(messages)
    return ended


def test_a_silent_relay_keeps_no_other_waiting() -> None:
    taken = (GREETING, PIPELINED, OK, OK, GO, OK)
    with ScriptedRelay((*taken[:5], HANG)) as silent, ScriptedRelay(taken) as good:
        ended = run((silent, envelope(), 0.3), (good, envelope(), 10))
    assert ended == [(good, OutcomeKind.ACCEPTED), (silent, OutcomeKind.UNKNOWN)]


def test_a_relay_that_reads_no_further_keeps_no_other_waiting() -> None:
    stuck = (GREETING, PIPELINED, OK, OK + GO, HANG)  # GO comes with RCPT's answer: the text is never read
    with ScriptedRelay(stuck) as full, ScriptedRelay((GREETING, PIPELINED, OK, OK, GO, OK)) as good:
        ended = run((full, envelope(data=LARGE), 0.3), (good, envelope(), 10))
    assert ended == [(good, OutcomeKind.ACCEPTED), (full, OutcomeKind.DEFERRED)]


def test_a_connection_given_up_while_it_is_opened_is_let_go() -> None:
    with ScriptedRelay((GREETING, PIPELINED, CLOSE)) as relay:
        steps = SmtpTransport(settings(relay.port)).hand_over(envelope())
        next(steps)
        steps.close()
    assert relay.heard[1:] == []
