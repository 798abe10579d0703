"""Editors are written to when a draft is ready, when its time is near, and when it waits: each of them once for each."""

import threading
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from sqlalchemy import Engine, select

from digest.delivery.memory import MemoryTransport
from digest.delivery.route import Route
from digest.delivery.values import Envelope, Outcome, OutcomeKind
from digest.editions.tables import ReminderRow
from digest.errors import TransportDown
from digest.publication import Desk
from digest.review import steps
from digest.review.remind import remind
from digest.review.told_once import claim
from tests.review.newsroom import CUTOFF, HOUR, NEXT, Newsroom, newsroom
from tests.test_deliver import KEYS, SLOT

EDITORS = ["ana@lantern.example", "ben@lantern.example"]
MINUTE = timedelta(minutes=1)


class Notes:
    """What editors get."""

    def __init__(self, room: Newsroom) -> None:
        self.room = room
        self.transport = MemoryTransport()

    def tell(self, now: datetime) -> int:
        route = Route(name="memory", open=lambda: self.transport)
        return remind(self.room.engine, self.room.settings, (route,), keys=KEYS, now=now)

    def look(self, now: datetime) -> list[EmailMessage]:
        """What they get at that moment."""
        before = len(self.transport.sent)
        told = self.tell(now)
        sent = self.transport.sent[before:]
        assert len(sent) == told
        return [message_from_bytes(envelope.data, policy=default) for envelope in sent]


def notes(engine: Engine, url: str, **given: Any) -> Notes:
    room = newsroom(engine, url, **{"editors": EDITORS, **given})
    room.look(CUTOFF)
    return Notes(room)


def words(message: EmailMessage, kind: str = "plain") -> str:
    body = message.get_body((kind,))
    assert body is not None
    return " ".join(str(body.get_content()).split())


def test_each_editor_is_told_once_that_the_draft_is_ready(engine: Engine, database_url: str) -> None:
    room = notes(engine, database_url)
    told = room.look(CUTOFF)
    assert sorted(str(message["To"]) for message in told) == EDITORS
    assert room.look(CUTOFF) == room.look(SLOT - 2 * HOUR) == []
    assert len({message["Message-ID"] for message in told}) == 2


def test_what_a_note_says(engine: Engine, database_url: str) -> None:
    message = notes(engine, database_url).look(CUTOFF)[0]
    assert str(message["Subject"]).replace("\u202f", " ") == "Weekly: the draft for Monday, November 23, 2026, 7:00 AM is ready"
    assert (message["From"], message["Auto-Submitted"], message["List-Id"]) == ("The Lamp <post@lamp.example>", "auto-generated", None)
    for kind in ("plain", "html"):
        text = words(message, kind).replace("\u202f", " ")
        assert "The draft is ready" in text
        assert "It goes out on Monday, November 23, 2026, 7:00 AM if somebody approves it before." in text
        assert "If nobody does by Sunday, November 29, 2026, 7:00 PM, it lapses" in text
        assert "digest edition approve weekly" in text
        assert "of house 4 and what became" in text
        assert "you get this because your address is among the editors" in text.lower()


def test_a_note_leads_to_the_desk_where_there_is_one_to_reach(engine: Engine, database_url: str) -> None:
    room = notes(engine, database_url)
    settings = room.room.settings.model_copy(update={"desk": Desk(url="https://desk.lantern.example")})
    route = Route(name="memory", open=lambda: room.transport)
    remind(engine, settings, (route,), keys=KEYS, now=CUTOFF)
    message = message_from_bytes(room.transport.sent[0].data, policy=default)
    assert "https://desk.lantern.example/edition/weekly/weekly/20261123T0700Z" in words(message)
    assert "digest edition" not in words(message)


@pytest.mark.parametrize(
    ("review", "step", "said"),
    [
        ("window", None, "unless somebody holds it"),
        ("window", "hold", "if somebody releases it before"),
        ("approve", "hold", "if somebody approves it before"),
    ],
)
def test_it_says_what_lets_it_go(engine: Engine, database_url: str, review: str, step: str | None, said: str) -> None:
    room = notes(engine, database_url, review=review)
    if step:
        steps.hold(engine, room.room.letter, SLOT, who="Ana", now=CUTOFF, reason="the lead is wrong")
    text = words(room.look(CUTOFF)[0])
    assert said in text
    assert ("It is held: the lead is wrong." in text) is bool(step)


def test_reminders_come_before_the_slot_and_when_it_waits(engine: Engine, database_url: str) -> None:
    room = notes(engine, database_url, remind_minutes=[30, 120], editors=EDITORS[:1])
    assert len(room.look(CUTOFF)) == 1
    assert room.look(SLOT - 121 * MINUTE) == []
    moments = (SLOT - 120 * MINUTE, SLOT - 30 * MINUTE, SLOT)
    subjects = [str(message["Subject"]) for moment in moments for message in room.look(moment)]
    assert [subject.split(" ")[1] for subject in subjects] == ["still", "still", "not"]
    assert room.look(NEXT - 13 * HOUR) == []


def test_whoever_is_told_late_is_told_the_latest_only(engine: Engine, database_url: str) -> None:
    room = notes(engine, database_url, remind_minutes=[30, 120], editors=EDITORS[:1])
    [message] = room.look(SLOT - 10 * MINUTE)
    assert "still to be let go" in str(message["Subject"])
    assert room.look(SLOT - 9 * MINUTE) == []


def test_nobody_is_reminded_of_what_was_let_go(engine: Engine, database_url: str) -> None:
    room = notes(engine, database_url)
    steps.approve(engine, room.room.settings, room.room.letter, SLOT, who="Ana", now=CUTOFF)
    assert room.look(CUTOFF) == room.look(SLOT - HOUR) == room.look(SLOT) == []


def test_in_a_window_nobody_is_reminded_but_of_what_is_held(engine: Engine, database_url: str) -> None:
    room = notes(engine, database_url, review="window", editors=EDITORS[:1])
    assert len(room.look(CUTOFF)) == 1
    assert room.look(SLOT - HOUR) == []
    steps.hold(engine, room.room.letter, SLOT, who="Ana", now=SLOT - HOUR)
    assert len(room.look(SLOT - 50 * MINUTE)) == 1


def test_a_newsletter_without_editors_tells_nobody(engine: Engine, database_url: str) -> None:
    assert notes(engine, database_url, editors=[]).look(CUTOFF) == []


def test_what_could_not_leave_is_tried_again(engine: Engine, database_url: str) -> None:
    room = notes(engine, database_url, editors=EDITORS[:1])
    answers = iter([None, Outcome(kind=OutcomeKind.DEFERRED, code=450), Outcome(kind=OutcomeKind.ACCEPTED, code=250)])

    def answer(envelope: Envelope) -> Outcome:
        said = next(answers)
        if said is None:
            raise TransportDown("nobody answers")
        return said

    room.transport = MemoryTransport(answer)
    assert [len(room.look(CUTOFF + number * MINUTE)) for number in range(4)] == [0, 0, 1, 0]


def test_what_was_refused_is_not_tried_again(engine: Engine, database_url: str) -> None:
    room = notes(engine, database_url, editors=EDITORS[:1])
    room.transport = MemoryTransport(lambda envelope: Outcome(kind=OutcomeKind.REFUSED, code=550, text="no such user"))
    assert room.look(CUTOFF) == room.look(CUTOFF) == []
    with engine.begin() as connection:
        assert connection.scalars(select(ReminderRow.outcome)).all() == ["refused"]


def test_an_editor_whose_address_is_none_keeps_nobody_else_from_being_told(engine: Engine, database_url: str) -> None:
    room = notes(engine, database_url, editors=["ana at lantern <>", EDITORS[1]])
    assert [str(message["To"]) for message in room.look(CUTOFF)] == EDITORS[1:]


def test_one_that_died_over_it_is_followed_after_a_while(engine: Engine, database_url: str) -> None:
    room = notes(engine, database_url, editors=EDITORS[:1])
    edition_id = room.room.there().id
    with engine.begin() as connection:
        assert claim(connection, edition_id, EDITORS[0], "ready", CUTOFF)
        assert not claim(connection, edition_id, EDITORS[0], "ready", CUTOFF)
    assert room.look(CUTOFF + 9 * MINUTE) == []
    assert len(room.look(CUTOFF + 11 * MINUTE)) == 1


def test_many_who_look_at_once_tell_once(engine: Engine, database_url: str) -> None:
    room = notes(engine, database_url)
    threads = [threading.Thread(target=room.tell, args=(CUTOFF,)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(envelope.recipient for envelope in room.transport.sent) == EDITORS
