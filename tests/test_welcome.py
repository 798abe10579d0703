"""What who has just been confirmed gets at once: a letter, and the latest edition where the newsletter says so."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, update

from digest.deliver import deliver, new_shift
from digest.delivery.memory import MemoryTransport
from digest.delivery.values import DeliveryState
from digest.editions.tables import EditionRow
from digest.editions.values import EditionState
from digest.post import post
from digest.settings import Settings
from digest.welcome import welcome
from subscribers.address import parse_address
from subscribers.consent import Person, Proof, add
from subscribers.people import Known, find_reader
from subscribers.suppression import suppress
from subscribers.tables import SubscriptionState, SuppressionReason
from tests.letter_office import KEYS, WEEKLY, office, opened, rows
from tests.test_deliver import SLOT, fill, publish_at, room_for

SOON = SLOT + timedelta(days=2)


def lively(wish: str) -> Settings:
    weekly = {**WEEKLY, "schedule": "0 7 * * 1", "sign_up": {"welcome": wish}}
    return office(newsletters={"weekly": weekly, "daily": {**WEEKLY, "title": "Daily", "sign_up": {"welcome": "letter"}}})


def newcomer(engine: Engine, *newsletters: str) -> Known:
    """Confirmed two days after the edition."""
    with engine.begin() as connection:
        for newsletter in newsletters or ("weekly",):
            person, proof = Person(address=parse_address("new@example.com"), name="New"), Proof(how="confirmation letter")
            add(connection, person, newsletter=newsletter, state=SubscriptionState.CONFIRMED, proof=proof, keys=KEYS, now=SOON)
        found = find_reader(connection, (newsletters or ("weekly",))[0], "new@example.com")
    assert found is not None
    return found


def greet(engine: Engine, settings: Settings, *newsletters: str, now: datetime = SOON) -> None:
    reader = newcomer(engine, *newsletters)
    with engine.begin() as connection:
        welcome(connection, settings, reader.subscriber_token, newsletters or ("weekly",), now=now)


def sent_edition(engine: Engine, settings: Settings) -> int:
    fill(engine, readers=2)
    edition = publish_at(engine, settings).edition
    deliver(room_for(engine, settings, MemoryTransport()))
    return edition.id


def queued(engine: Engine) -> list[tuple[str, int | None]]:
    return [(row.letter, row.edition_id) for row in rows(engine) if row.state is DeliveryState.QUEUED]


def test_the_latest_edition_goes_out_once_more_to_the_newcomer_alone(engine: Engine) -> None:
    settings = lively("edition")
    edition = sent_edition(engine, settings)
    greet(engine, settings)
    assert queued(engine) == [("welcome", None), ("", edition)]
    transport = MemoryTransport()
    room = room_for(engine, settings, transport, lambda: SOON)
    with new_shift(room) as shift:
        post(room, shift)
        (stand,) = deliver(room, shift=shift)
    assert stand.edition.state is EditionState.SENT
    assert stand.tally.accepted == 3
    letter, mail = (opened(envelope.data) for envelope in transport.sent)
    assert letter["Subject"] == "Welcome to The Lamp on Monday"
    assert letter["To"] == "New <new@example.com>"
    assert mail["To"] == "New <new@example.com>"
    assert mail["Auto-Submitted"] is None


def test_a_stale_edition_welcomes_nobody(engine: Engine) -> None:
    settings = lively("edition")
    sent_edition(engine, settings)
    greet(engine, settings, now=SLOT + timedelta(days=14, hours=1))
    assert queued(engine) == [("welcome", None)]


def test_an_edition_of_the_slot_before_still_does(engine: Engine) -> None:
    settings = lively("edition")
    edition = sent_edition(engine, settings)
    greet(engine, settings, now=SLOT + timedelta(days=7, hours=1))
    assert queued(engine) == [("welcome", None), ("", edition)]


@pytest.mark.parametrize("state", [EditionState.CANCELLED, EditionState.PAUSED])
def test_what_was_stopped_stays_so(engine: Engine, state: EditionState) -> None:
    settings = lively("edition")
    edition = sent_edition(engine, settings)
    with engine.begin() as connection:
        connection.execute(update(EditionRow).where(EditionRow.id == edition).values(state=state))
    greet(engine, settings)
    assert queued(engine) == [("welcome", None)]


def test_who_has_had_the_edition_does_not_get_it_again(engine: Engine) -> None:
    settings = lively("edition")
    sent_edition(engine, settings)
    reader = newcomer(engine)
    for _ in range(2):
        with engine.begin() as connection:
            welcome(connection, settings, reader.subscriber_token, ["weekly"], now=SOON)
    assert len([row for row in rows(engine) if row.edition_id and row.state is DeliveryState.QUEUED]) == 1


@pytest.mark.parametrize(("wish", "found"), [("none", []), ("letter", [("welcome", None)])])
def test_a_newsletter_says_how_it_welcomes(engine: Engine, wish: str, found: list[Any]) -> None:
    settings = lively(wish)
    sent_edition(engine, settings)
    greet(engine, settings)
    assert queued(engine) == found


def test_two_newsletters_are_welcomed_in_one_letter(engine: Engine) -> None:
    greet(engine, lively("letter"), "daily", "weekly")
    assert queued(engine) == [("welcome", None)]


def test_who_is_suppressed_is_not_welcomed(engine: Engine) -> None:
    reader = newcomer(engine)
    with engine.begin() as connection:
        suppress(connection, parse_address("new@example.com"), reason=SuppressionReason.BY_HAND, keys=KEYS, now=SOON)
        welcome(connection, lively("letter"), reader.subscriber_token, ["weekly"], now=SOON)
    assert queued(engine) == []
