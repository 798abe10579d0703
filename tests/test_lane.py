"""The lane beside an edition that is being sent: its letters do not wait for it."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
from aiosmtpd.smtp import SMTP, Session
from aiosmtpd.smtp import Envelope as Received
from sqlalchemy import Engine

from digest.deliver import deliver, new_shift
from digest.delivery.tally import tally
from digest.delivery.values import DeliveryState
from digest.editions.values import EditionState
from digest.lane import Lane
from digest.settings import Settings
from tests.journeys.paper import Mailbox, serving
from tests.letter_office import KEYS, office, opened, room_of, rows, sign_up
from tests.test_deliver import SLOT, Clock, fill, publish_at

READERS, CONNECTIONS, PATIENCE = 12, 3, 30


@dataclass
class Crowd(Mailbox):
    """Holds back its answer to every mail of an edition, and takes letters at once: `arrived` is set by the first of them."""

    arrived: threading.Event = field(default_factory=threading.Event)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Received) -> str:  # noqa: N802 - aiosmtpd's name
        assert isinstance(envelope.content, bytes)
        letter = opened(envelope.content)["Auto-Submitted"] is not None
        self.hold_after = None if letter else 0
        answer = await super().handle_DATA(server, session, envelope)
        if letter:
            self.arrived.set()
        return answer


@pytest.fixture
def crowd() -> Iterator[Crowd]:
    with serving(Crowd()) as box:
        yield box


def busy(port: int) -> Settings:
    smtp = {"host": "127.0.0.1", "port": port, "security": "none", "timeout_seconds": 30, "answer_seconds": 60}
    return office(
        delivery={"transport": "smtp", "connections": CONNECTIONS, "smtp": smtp}, pages={"url": "https://letters.lamp.example", "keys": KEYS[0]}
    )


def test_a_letter_leaves_while_an_edition_is_being_sent(engine: Engine, crowd: Crowd) -> None:
    settings = busy(crowd.port)
    fill(engine, readers=READERS)
    edition = publish_at(engine, settings).edition
    room = room_of(engine, settings, Clock(SLOT))
    with new_shift(room) as shift, Lane(room, shift) as lane, ThreadPoolExecutor(1) as pool:
        sending = pool.submit(deliver, room, shift=shift)
        assert crowd.half_way.wait(PATIENCE)  # mails of the edition are under way, and stay so until the gate opens
        sign_up(engine, "newcomer@example.com")
        lane.wake()
        assert crowd.arrived.wait(PATIENCE)
        with engine.begin() as connection:
            assert tally(connection, edition.id).accepted == 0
        assert not sending.done()
        crowd.gate.set()
        (stand,) = sending.result(PATIENCE)
    assert stand.edition.state is EditionState.SENT
    assert stand.tally.accepted == READERS
    assert crowd.counts == {f"reader{number}@example.com": 1 for number in range(READERS)} | {"newcomer@example.com": 1}
    assert [row.state for row in rows(engine) if row.letter] == [DeliveryState.ACCEPTED]


def test_a_lane_finds_by_itself_what_another_process_took_in(engine: Engine, crowd: Crowd) -> None:
    room = room_of(engine, office(crowd.port))
    with new_shift(room) as shift, Lane(room, shift):
        sign_up(engine, "newcomer@example.com")
        assert crowd.arrived.wait(PATIENCE)


def test_what_is_due_when_a_lane_ends_at_once_has_left(engine: Engine, crowd: Crowd) -> None:
    sign_up(engine, "newcomer@example.com")
    room = room_of(engine, office(crowd.port))
    with new_shift(room) as shift, Lane(room, shift):
        pass
    assert crowd.counts == {"newcomer@example.com": 1}


def test_a_lane_goes_on_after_whatever_went_wrong(engine: Engine, crowd: Crowd, caplog: pytest.LogCaptureFixture) -> None:
    """Told once, without an address; and as soon as it is mended the letter leaves."""
    settings = {"now": office(crowd.port, letters={"from_address": ""})}
    room = room_of(engine, settings["now"])
    sign_up(engine, "newcomer@example.com")
    with new_shift(room) as shift, Lane(room, shift) as lane:
        for _ in range(3):
            lane.wake()
    (said,) = [record.getMessage() for record in caplog.records if record.name == "digest.lane"]
    assert "[letters] from_address is empty" in said
    assert "newcomer" not in said
    with new_shift(mended := room_of(engine, office(crowd.port))) as shift, Lane(mended, shift):
        assert crowd.arrived.wait(PATIENCE)
