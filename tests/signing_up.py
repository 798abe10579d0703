"""Forms that are sent, and what came of them: shared by the tests of sign-ups and of letters."""

from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, select

from digest import settings, sign_up
from digest.delivery.tables import DeliveryRow
from digest.settings import Settings
from subscribers.address import parse_address
from subscribers.people import Known, find
from subscribers.signup import Wish, take_in
from subscribers.tables import Subscription

KEYS = ["newest-key-of-the-tests", "oldest-key-of-the-tests"]
PAGE = "https://lantern.example/join"


def house(**sign_ups: dict[str, Any]) -> Settings:
    """Settings with a newsletter for each argument, whose sign-up says this; each comes daily, too."""
    common = {"from_address": "news@lantern.example", "cadences": {"daily": {"schedule": "0 7 * * *"}}}
    letters = {slug: {"title": slug.title(), "sign_up": said, **common} for slug, said in sign_ups.items()}
    return settings.parse({"newsletters": letters}, folder=Path())


def fill_in(engine: Engine, now: datetime, address: str = "ann@example.com", newsletters: Collection[str] = ("weekly",), **rest: Any) -> None:
    wish = Wish(address=parse_address(address), newsletters=frozenset(newsletters), origin=PAGE, wording="0123456789abcdef", **rest)
    with engine.begin() as connection:
        take_in(connection, wish, now=now)


def taken_up(engine: Engine, ours: Settings, now: datetime) -> int:
    return sign_up.take_up(engine, ours, keys=KEYS, now=now)


def letters(connection: Connection) -> list[tuple[str, str, datetime]]:
    """Kind, newsletter and moment of each letter that was queued, in order."""
    query = select(DeliveryRow.letter, Subscription.newsletter, DeliveryRow.next_at).outerjoin(Subscription)
    rows = connection.execute(query.where(DeliveryRow.edition_id.is_(None)).order_by(DeliveryRow.id)).all()
    return [(row.letter, row.newsletter, row.next_at) for row in rows]


def people(connection: Connection) -> list[Known]:
    return list(find(connection))
