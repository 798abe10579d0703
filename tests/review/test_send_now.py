"""Sent now, and not at its slot: dated now, due now, and with the bytes of its preview."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from sqlalchemy import Engine, select, update

from digest.content.store import withdraw_articles
from digest.deliver import deliver
from digest.delivery.memory import MemoryTransport
from digest.delivery.tables import DeliveryRow
from digest.editions.standing import move
from digest.editions.tables import EditionRow
from digest.editions.values import EditionState
from digest.errors import SendingRefused, TemplateError
from digest.personal import SAMPLE
from digest.preview import preview_message
from digest.publish import Published
from digest.review import steps
from digest.review.send_now import send_now
from subscribers.tables import Subscriber
from tests.review.newsroom import CUTOFF, HOUR, NEXT, Newsroom, newsroom
from tests.test_deliver import KEYS, SLOT, room_for

NOW = CUTOFF + 2 * HOUR + timedelta(seconds=17, microseconds=400_000)
WHOLE = NOW.replace(microsecond=0)


def send(room: Newsroom, slot: datetime = SLOT, now: datetime = NOW) -> Published:
    return send_now(room.engine, room.settings, room.letter, slot, who="Ana", now=now, recheck=room.recheck)


def sample(room: Newsroom, slot: datetime = SLOT) -> bytes:
    return preview_message(room.engine, room.settings, room.letter, slot, SAMPLE, keys=KEYS).envelope.data


def test_it_is_dated_now_and_due_now(engine: Engine, database_url: str) -> None:
    room = newsroom(engine, database_url)
    room.look(CUTOFF)
    assert send(room).queued == 3
    found = room.there()
    assert (found.state, found.moved_to, found.goes_at, found.slot) == (EditionState.SENDING, WHOLE, WHOLE, SLOT)
    with engine.begin() as connection:
        assert set(connection.scalars(select(DeliveryRow.next_at))) == {WHOLE}
    assert room.deeds()[-1].what == "send"
    assert room.look(SLOT) == []


def test_what_arrives_has_the_bytes_of_the_preview(engine: Engine, database_url: str) -> None:
    room = newsroom(engine, database_url)
    room.look(CUTOFF)
    send(room)
    transport = MemoryTransport()
    deliver(room_for(engine, room.settings, transport, lambda: NOW))
    message = message_from_bytes(transport.sent[0].data, policy=default)
    assert message["Date"].datetime == WHOLE
    previewed = message_from_bytes(sample(room), policy=default)
    assert previewed["Date"].datetime == WHOLE
    assert str(previewed["Subject"]) == str(message["Subject"])


def test_nobody_s_morning_is_waited_for_but_their_night_is(engine: Engine, database_url: str) -> None:
    room = newsroom(engine, database_url, articles=30, local_time=True, time_zone="UTC", quiet_hours="22:00-06:00")
    slot = room.letter.slot_after(SLOT - timedelta(days=3))
    with engine.begin() as connection:
        connection.execute(update(Subscriber).where(Subscriber.id == 1).values(time_zone="Asia/Tokyo"))
        connection.execute(update(Subscriber).where(Subscriber.id == 2).values(time_zone="America/New_York"))
    now = room.letter.cutoff_of(slot) + timedelta(minutes=30)  # 05:30 UTC on Sunday
    send(room, slot, now)
    with engine.begin() as connection:
        due = sorted(connection.scalars(select(DeliveryRow.next_at)))
    assert now == datetime(2026, 11, 22, 5, 30, tzinfo=UTC)
    assert due == [now, now.replace(hour=6, minute=0), now.replace(hour=11, minute=0)]


def test_the_next_edition_begins_where_this_one_stopped(engine: Engine, database_url: str) -> None:
    room = newsroom(engine, database_url, articles=60)
    early = CUTOFF - 30 * HOUR
    send(room, now=early)
    room.look(NEXT - 12 * HOUR)
    assert room.there().seen_until == early
    assert room.there(NEXT).window_start == early


def test_killed_before_it_was_published_the_next_look_does_it(engine: Engine, database_url: str) -> None:
    room = newsroom(engine, database_url)
    room.look(CUTOFF)
    steps.approve(engine, room.settings, room.letter, SLOT, who="Ana", now=NOW)
    edition_id = room.there().id
    with engine.begin() as connection:
        assert move(connection, edition_id, WHOLE)
    [published] = room.look(NOW + HOUR)
    assert isinstance(published, Published)
    assert (published.queued, room.there().moved_to) == (3, WHOLE)


def test_what_was_removed_since_the_cut_off_is_not_sent(engine: Engine, database_url: str) -> None:
    room = newsroom(engine, database_url)
    room.look(CUTOFF)
    with engine.begin() as connection:
        withdraw_articles(connection, "site", ["a3"])
    send(room)
    assert room.asked, "the sources were asked once more"
    assert b"house 3 and" not in sample(room)


def test_what_may_not_be_sent_as_it_is_declared_is_refused_before_anything_is_done(engine: Engine, database_url: str) -> None:
    room = newsroom(engine, database_url)
    room.look(CUTOFF)
    publication = room.settings.publication.model_copy(update={"postal_address": ""})
    settings = room.settings.model_copy(update={"publication": publication})
    with pytest.raises(SendingRefused):
        send_now(engine, settings, room.letter, SLOT, who="Ana", now=NOW, recheck=room.recheck)
    assert (room.state(), room.there().moved_to) == (EditionState.DRAFT, None)


def test_a_broken_template_leaves_it_approved_for_the_next_try(engine: Engine, database_url: str) -> None:
    room = newsroom(engine, database_url)
    room.look(CUTOFF)
    room.given["theme"] = "nowhere"
    with pytest.raises(TemplateError):
        send(room)
    assert (room.state(), room.there().moved_to) == (EditionState.APPROVED, WHOLE)
    del room.given["theme"]
    assert [type(one) for one in room.look(NOW + HOUR)] == [Published]


def test_taking_it_back_lets_it_wait_for_its_slot_again(engine: Engine, database_url: str) -> None:
    room = newsroom(engine, database_url, theme="nowhere")
    room.look(CUTOFF)
    with pytest.raises(TemplateError):
        send(room)
    steps.take_back(engine, room.there().id, who="Ben", now=NOW)
    with engine.begin() as connection:
        assert connection.scalars(select(EditionRow.moved_to)).all() == [None]
    assert room.look(NOW + HOUR) == []
