"""Letters over a real SMTP server: from the sign-up to the settled row, on both kinds of database."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, update

from digest.deliver import new_shift
from digest.delivery import letters
from digest.delivery.tables import DeliveryRow
from digest.delivery.values import DeliveryState
from digest.errors import SendingRefused
from digest.post import post
from subscribers.address import parse_address
from subscribers.consent import unsubscribe
from subscribers.people import find_reader
from subscribers.suppression import suppress
from subscribers.tables import SuppressionReason
from subscribers.tokens import Purpose, read_dated
from tests.journeys.paper import Mailbox, serving
from tests.letter_office import KEYS, NOW, office, opened, parts, room_of, rows, sign_up


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with serving(Mailbox()) as box:
        yield box


def test_a_sign_up_becomes_a_letter_with_a_link_that_only_its_reader_has(engine: Engine, mailbox: Mailbox) -> None:
    sign_up(engine, "ann@example.com", origin="https://lamp.example/news/?utm_source=x")
    room = room_of(engine, office(mailbox.port))
    with new_shift(room) as shift:
        assert post(room, shift) == 1
        assert post(room, shift) == 0
    (data,) = mailbox.messages["ann@example.com"]
    html, text = parts(opened(data))
    token = text.split("https://letters.lamp.example/confirm/")[1].split()[0]
    with engine.begin() as connection:
        reader = find_reader(connection, "weekly", "ann@example.com")
    assert reader is not None
    assert read_dated(Purpose.CONFIRM, token, KEYS, now=NOW, lifetime=timedelta(hours=72)).said == reader.subscriber_token
    assert f"/confirm/{token}" in html
    assert "lamp.example/news" in text
    assert "utm_source" not in text
    (row,) = rows(engine)
    assert (row.letter, row.edition_id, row.state, row.relay, row.attempts) == ("confirm", None, DeliveryState.ACCEPTED, "smtp", 1)


