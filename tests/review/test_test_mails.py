"""A test mail is the preview, byte for byte, to an address that somebody names: told in words, limited, and kept nowhere."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from digest.accounts.tables import DeedRow
from digest.delivery.memory import MemoryTransport
from digest.delivery.route import Route
from digest.delivery.tables import DeliveryRow
from digest.delivery.values import Envelope, Outcome, OutcomeKind
from digest.editions.changes import Subject
from digest.editions.values import EditionState
from digest.errors import DigestError, TransportDown
from digest.personal import SAMPLE
from digest.preview import preview_message
from digest.review.send_test import Tried, send_test
from digest.working import change
from subscribers.errors import BadAddress
from tests.review.newsroom import CUTOFF, Newsroom, newsroom
from tests.test_deliver import KEYS, SLOT, hand_over, publish_at

TO = "ana@lantern.example"
MINUTE = timedelta(minutes=1)


def down(envelope: Envelope) -> Outcome:
    raise TransportDown("nobody answers there")


def send(room: Newsroom, *transports: MemoryTransport, who: str = "Ana", minutes: int = 0, to: str = TO) -> Tried:
    routes = [Route(name=f"relay {number}", open=lambda one=one: one) for number, one in enumerate(transports)]  # type: ignore[misc]
    now = CUTOFF + minutes * MINUTE
    return send_test(room.engine, room.settings, room.letter, SLOT, to, who=who, now=now, keys=KEYS, routes=routes)


def test_it_is_the_preview_with_the_address_that_was_named(engine: Engine, database_url: str) -> None:
    room, transport = newsroom(engine, database_url), MemoryTransport()
    room.look(CUTOFF)
    change(engine, room.settings, room.letter, SLOT, Subject(text="As Ana wants it"), who="Ana", now=CUTOFF, seen=0)
    assert send(room, transport) == Tried(taken=True, words="It is on its way.")
    [envelope] = transport.sent
    previewed = preview_message(engine, room.settings, room.letter, SLOT, SAMPLE._replace(address=TO), keys=KEYS).envelope
    assert (envelope.recipient, envelope.data) == (TO, previewed.data)
    assert b"Subject: As Ana wants it\r\n" in envelope.data
    assert b"To: <ana@lantern.example>\r\n" in envelope.data


def test_it_can_be_sent_of_what_is_not_made_yet_and_of_what_is_out(engine: Engine, database_url: str) -> None:
    room, transport = newsroom(engine, database_url, review="none"), MemoryTransport()
    assert send(room, transport).taken
    assert room.edition() is None
    publish_at(engine, room.settings)
    assert hand_over(engine, room.settings, MemoryTransport()).edition.state is EditionState.SENT
    assert send(room, transport).taken
    with engine.begin() as connection:
        assert len(connection.scalars(select(DeliveryRow.id)).all()) == 3, "nothing was queued for it"


def test_the_log_knows_of_it_but_not_to_whom(engine: Engine, database_url: str) -> None:
    room = newsroom(engine, database_url)
    room.look(CUTOFF)
    send(room, MemoryTransport())
    assert [(deed.what, deed.who) for deed in room.deeds()] == [("test", "Ana")]
    with engine.begin() as connection:
        assert "lantern" not in json.dumps([list(map(str, row)) for row in connection.execute(select(DeedRow))])


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Outcome(OutcomeKind.DEFERRED, 450, "later"), "The relay does not take it now: try again in a while. It says: 450 later"),
        (Outcome(OutcomeKind.REFUSED, 550, "no such user"), "The relay refuses it. It says: 550 no such user"),
        (Outcome(OutcomeKind.UNKNOWN), "It was handed over, but the relay never answered: look whether it arrives."),
    ],
)
def test_what_became_of_it_is_told_in_words(engine: Engine, database_url: str, outcome: Outcome, words: str) -> None:
    assert send(newsroom(engine, database_url), MemoryTransport(lambda envelope: outcome)) == Tried(taken=False, words=words)


def test_it_goes_by_the_first_relay_that_is_open(engine: Engine, database_url: str) -> None:
    room, transport = newsroom(engine, database_url), MemoryTransport()
    assert send(room, MemoryTransport(down), transport).taken
    with pytest.raises(TransportDown, match="nobody answers there"):
        send(room, MemoryTransport(down))


def test_what_is_no_address_is_said_and_counts_for_nothing(engine: Engine, database_url: str) -> None:
    room = newsroom(engine, database_url)
    for _ in range(25):
        with pytest.raises(BadAddress):
            send(room, MemoryTransport(), to="ana at lantern")
    assert send(room, MemoryTransport()).taken


def test_nobody_sends_more_than_twenty_in_an_hour(engine: Engine, database_url: str) -> None:
    room, transport = newsroom(engine, database_url, articles=3), MemoryTransport()
    assert all(send(room, transport).taken for _ in range(20))
    with pytest.raises(DigestError, match="20 test mails in an hour"):
        send(room, transport)
    assert send(room, transport, who="Ben").taken
    assert send(room, transport, minutes=60).taken
    assert len(transport.sent) == 22
