"""What strangers type into a form never becomes a header, a recipient or a word of a letter: from the form, over SMTP, to the mailbox."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from digest.deliver import new_shift
from digest.hand_over.mailroom import Mailroom
from digest.post import post
from digest.settings import parse
from digest.wiring import routes
from subscribers.tables import Subscriber
from subscribers.tokens import Purpose, sign_dated
from tests.journeys.paper import Mailbox, serving
from tests.letter_office import opened, parts
from tests.web.signing_up import KEYS, SETTINGS, SITE, House, hidden

INJECTED = (
    "Ann\r\nBcc: victim@example.com",
    "Ann\nSubject: Buy now\n\nBuy evil now",
    "Ann\r\n.\r\nMAIL FROM:<evil@evil.example>",
    "Ann\u2028Bcc: victim@example.com",
    "Ann\x0bBcc: victim@example.com\x00",
    "=?utf-8?q?Ann=0D=0ABcc=3A_victim=40example.com?=",
    '"><img src=x onerror=alert(1)> evil',
    "Ann <victim@example.com>, evil",
    "{{ 7 * 7 }} %(evil)s evil",
)
HEADERS = {
    *("from", "to", "subject", "date", "message-id", "mime-version", "content-type", "auto-submitted"),
    *("list-id", "list-unsubscribe", "list-unsubscribe-post", "reply-to", "x-auto-response-suppress", "precedence", "content-language"),
}


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with serving(Mailbox()) as box:
        yield box


@pytest.fixture
def house(engine: Engine, now: datetime, mailbox: Mailbox) -> House:
    smtp = {"host": "127.0.0.1", "port": mailbox.port, "security": "none"}
    limits = {"sign_ups_per_client": 1_000}
    given = {**SETTINGS, "pages": {"url": SITE, "limits": limits, "keys": ",".join(KEYS)}, "delivery": {"transport": "smtp", "smtp": smtp}}
    return House(engine=engine, now=now, settings=parse(given, folder=Path()))


def hand_over(house: House) -> None:
    room = Mailroom(engine=house.engine, settings=house.settings, routes=routes(house.settings), keys=KEYS, clock=lambda: house.now)
    with new_shift(room) as shift:
        post(room, shift)


def test_whatever_is_typed_into_a_form_the_letters_are_ours(house: House, mailbox: Mailbox) -> None:
    for number, text in enumerate(INJECTED):
        fields = {"name": text, "page": f"https://lantern.example/{text}", "wording": text, "language": text, "time_zone": text}
        house.subscribe(f"reader{number}@example.org", more={**fields, "cadence-weekly": text, "sections-weekly": text})
    hand_over(house)
    assert sorted(mailbox.counts) == [f"reader{number}@example.org" for number in range(len(INJECTED))]
    for (data,) in mailbox.messages.values():
        _ours(data)
        assert b"evil" not in data
        assert b"victim" not in data


def test_nor_does_an_address(house: House, mailbox: Mailbox) -> None:
    for text in INJECTED:
        for address in (f"ann@example.org{text}", f"{text}@example.org", f"ann@{text}.example.org"):
            house.subscribe(address)
    assert house.wishes() == []
    hand_over(house)
    assert mailbox.counts == {}


def test_after_the_second_yes_a_name_is_a_name_and_nothing_else(house: House, mailbox: Mailbox) -> None:
    for number, text in enumerate(INJECTED):
        house.subscribe(f"reader{number}@example.org", name=text)
    hand_over(house)
    with house.store() as connection:
        everybody = connection.execute(select(Subscriber.public_id, Subscriber.address)).all()
    for reader, _ in everybody:
        path = f"/confirm/{sign_dated(Purpose.CONFIRM, reader, house.now, KEYS)}"
        page = house.client.get(path).text
        house.wait(2)
        house.client.post(path, data=hidden(page))
    hand_over(house)
    assert len(mailbox.counts) == len(INJECTED)
    for _, welcome in mailbox.messages.values():
        _ours(welcome)
        html, _ = parts(opened(welcome))
        assert "<img src=x" not in html
        assert "49" not in str(opened(welcome)["To"])


def _ours(data: bytes) -> None:
    """One recipient and no header that we do not write."""
    message = opened(data)
    names = [name.lower() for name in message.keys()]  # noqa: SIM118 - a message is no mapping
    assert sorted(set(names)) == sorted(names)
    assert set(names) <= HEADERS
    assert len(message["To"].addresses) == 1
    assert message["To"].addresses[0].domain == "example.org"
    assert message["From"].addresses[0].addr_spec == "hello@lantern.example"
