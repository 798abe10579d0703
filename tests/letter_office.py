"""A publication that people sign up to, on a database and a relay of the test's choice: for tests of letters."""

import email
import email.policy
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from digest.delivery.tables import DeliveryRow
from digest.hand_over.mailroom import Mailroom
from digest.settings import Settings, parse
from digest.wiring import routes
from subscribers.address import parse_address
from subscribers.signup import Wish, take_in

NOW = datetime(2026, 11, 23, 7, 12, tzinfo=UTC)
KEYS = ["a-key-for-letters"]
WEEKLY = {
    "title": "The Lamp on Monday",
    "description": "What was written, and what readers answered.",
    "from_address": "post@lamp.example",
}


def office(port: int = 25, **tables: dict[str, Any]) -> Settings:
    """The settings; tables given are added to, or put in place of, those that are there."""
    smtp = {"host": "127.0.0.1", "port": port, "security": "none", "timeout_seconds": 10, "answer_seconds": 30}
    given: dict[str, dict[str, Any]] = {
        "publication": {"name": "The Lamp", "postal_address": "1 Wick Lane\nSeaside", "url": "https://lamp.example"},
        "pages": {"url": "https://letters.lamp.example", "keys": KEYS[0]},
        "letters": {"from_address": "hello@lamp.example"},
        "delivery": {"transport": "smtp", "smtp": smtp},
        "newsletters": {"weekly": WEEKLY},
    }
    return parse({name: {**given.get(name, {}), **tables.get(name, {})} for name in (*given, *tables)}, folder=Path())


def room_of(engine: Engine, settings: Settings, clock: Callable[[], datetime] = lambda: NOW, **more: Any) -> Mailroom:
    return Mailroom(engine=engine, settings=settings, routes=routes(settings), keys=KEYS, clock=clock, **more)


def sign_up(engine: Engine, *addresses: str, newsletters: tuple[str, ...] = ("weekly",), **more: Any) -> None:
    """As the form does it."""
    with engine.begin() as connection:
        for address in addresses:
            take_in(connection, Wish(address=parse_address(address), newsletters=frozenset(newsletters), **more), now=NOW)


def rows(engine: Engine) -> list[Any]:
    """All deliveries, in the order in which they were queued."""
    with engine.begin() as connection:
        return list(connection.execute(select(DeliveryRow.__table__).order_by(DeliveryRow.id)))


def opened(data: bytes) -> EmailMessage:
    return email.message_from_bytes(data, policy=email.policy.default)


def parts(message: EmailMessage) -> tuple[str, str]:
    """HTML and text."""
    html, text = message.get_body(("html",)), message.get_body(("plain",))
    assert html is not None
    assert text is not None
    return html.get_content(), text.get_content()
