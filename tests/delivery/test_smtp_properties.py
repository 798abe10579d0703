"""Any message, any answers: only what a relay has said yes to is accepted, and what it took is the message."""

from hypothesis import given, settings
from hypothesis import strategies as st

from digest.delivery.smtp import SmtpTransport
from digest.delivery.transaction import mended
from digest.delivery.values import Envelope, OutcomeKind
from digest.errors import TransportDown
from tests.delivery import sending
from tests.delivery.relays import CHUNKED, CLOSE, EHLO, GO, OK, PIPELINED, RESET, ScriptedRelay

GREETING = b"220 relay.test\r\n"
ANSWERS = [OK, OK, OK, GO, GO, b"251 yes\r\n", b"250-y\r\n250 es\r\n", b"220 hm\r\n", b"421 bye\r\n", b"452 full\r\n", b"503 bad sequence\r\n"]
ANSWERS += [b"550 no\r\n", b"552 too much\r\n", b"what?\r\n", b"250-yes\r\n550 no\r\n", b"999 what\r\n", CLOSE, RESET]
# Without whole transactions in between, few scripts would come as far as a message.
script = st.lists(st.sampled_from([(OK, OK, GO, OK), (OK, OK, GO), (OK, OK), (OK, OK, OK)]) | st.tuples(st.sampled_from(ANSWERS)), max_size=6)
data = st.lists(st.sampled_from([b".", b"..", b"\r\n", b"\n", b"\r", b"a", b"QUIT", "ü".encode()]), max_size=12).map(b"".join)


@settings(max_examples=100)
@given(
    ehlo=st.sampled_from([EHLO, PIPELINED, PIPELINED, CHUNKED]),
    scripts=st.lists(script.map(lambda parts: [answer for part in parts for answer in part]), min_size=1, max_size=3),
    texts=st.lists(data, min_size=1, max_size=3),
)
def test_accepted_is_what_the_relay_took(ehlo: bytes, scripts: list[list[bytes]], texts: list[bytes]) -> None:
    messages = [sending.envelope(f"{number}@example.com", data=b"Subject: %d\r\n\r\n" % number + text) for number, text in enumerate(texts)]
    with ScriptedRelay(*((GREETING, ehlo, *script) for script in scripts)) as relay:
        kinds = _sent(relay.port, messages)
    accepted = [mended(message.data) for message, kind in zip(messages, kinds, strict=False) if kind is OutcomeKind.ACCEPTED]
    doubts = [mended(message.data) for message, kind in zip(messages, kinds, strict=False) if kind is OutcomeKind.UNKNOWN]
    taken = [arrived for heard, answer in relay.talk if answer.startswith(b"2") and (arrived := _message(heard))]
    assert [text for text in taken if text not in doubts] == accepted
    assert len(taken) == len(set(taken))
    for place, (heard, _) in enumerate(relay.talk):
        if heard == b".\r\n":  # an empty message: only ever to nobody
            assert next(answer for said, answer in relay.talk[place::-1] if said.startswith(b"RCPT"))[:1] in b"45"


def _sent(port: int, messages: list[Envelope]) -> list[OutcomeKind]:
    kinds = []
    with SmtpTransport(sending.settings(port, timeout_seconds=5, answer_seconds=5)) as transport:
        try:
            for message, following in zip(messages, [*messages[1:], None], strict=True):
                kinds.append(sending.send(transport, message, following).kind)
        except TransportDown:
            return kinds
    return kinds


def _message(heard: bytes) -> bytes:
    """What a relay reads from its line, empty where that is no message."""
    if heard.startswith(b"BDAT"):
        return heard.partition(b"\r\n")[2]
    if not heard.endswith(b"\r\n.\r\n"):
        return b""
    return b"".join(line.removeprefix(b".") for line in heard.removesuffix(b".\r\n").splitlines(keepends=True))
