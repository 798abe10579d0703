"""A house with three newsletters, and a reader's browser in front of its pages."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, func, select
from starlette.testclient import TestClient

from digest.settings import Settings, parse
from digest.web.app import application
from digest.web.reception import Reception
from subscribers.address import parse_address
from subscribers.change import Proof
from subscribers.consent import Person, add
from subscribers.tables import SignUp, Subscriber, SubscriptionState

KEYS = ["newest-key-of-the-tests", "oldest-key-of-the-tests"]
SITE = "https://letters.lantern.example"
ADDRESS = "ann@example.org"

SETTINGS: dict[str, Any] = {
    "publication": {"name": "The Lantern", "postal_address": "4 Lantern Quay\nPellowick", "url": "https://lantern.example"},
    "pages": {"url": SITE},
    "letters": {"from_address": "hello@lantern.example"},
    "newsletters": {
        "weekly": {
            "title": "The Lantern Weekly",
            "description": "What happened in town.",
            "from_address": "weekly@lantern.example",
            "cadences": {"monthly": {"schedule": "0 7 1 * *"}},
            "local_time": True,
            "quiet_hours": "21:30-06:30",
            "sign_up": {"cadences": ["weekly", "monthly"], "sections": ["Harbour", "Council", "Kitchen"], "authors": ["Mara Finch", "Tom Ashdown"]},
        },
        "tides": {"title": "Tides & Winds", "from_address": "tides@lantern.example", "cadence": "daily", "sign_up": {"wording": "Yes, the tides."}},
        "quick": {"title": "Quick", "from_address": "quick@lantern.example", "sign_up": {"double_opt_in": False}},
        "closed": {"title": "Closed", "from_address": "closed@lantern.example", "sign_up": {"open": False}},
    },
}


def settings(**limits: Any) -> Settings:
    return parse({**SETTINGS, "pages": {"url": SITE, "limits": limits}}, folder=Path())


@dataclass(kw_only=True)
class House:
    """The pages on a clock that is moved by hand. `woken` counts how often the letters' lane was called."""

    engine: Engine
    now: datetime
    settings: Settings = field(default_factory=settings)
    woken: int = 0
    client: TestClient = field(init=False)

    def __post_init__(self) -> None:
        reception = Reception(engine=self.engine, settings=self.settings, keys=KEYS, clock=lambda: self.now, wake=self._wake)
        self.client = TestClient(application(reception), base_url=SITE, follow_redirects=False)

    def _wake(self) -> None:
        self.woken += 1

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def form(self, path: str) -> dict[str, Any]:
        """The hidden fields of the page's first form."""
        return hidden(self.client.get(path).text)

    def subscribe(
        self, address: str = ADDRESS, *, path: str = "/subscribe/weekly", wait: float = 5, more: dict[str, Any] | None = None, **fields: Any
    ) -> Any:
        """Fills in the form as a person does, after some seconds."""
        filled = {**self.form(path), "email": address, **fields, **(more or {})}
        self.wait(wait)
        return self.client.post("/subscribe", data=filled)

    @contextmanager
    def store(self) -> Iterator[Connection]:
        with self.engine.begin() as connection:
            yield connection

    def wishes(self) -> list[Any]:
        with self.store() as connection:
            return list(connection.execute(select(*SignUp.__table__.columns).order_by(SignUp.id)))

    def people(self) -> int:
        with self.store() as connection:
            return connection.scalar(select(func.count()).select_from(Subscriber)) or 0

    def reader(self, *newsletters: str, state: SubscriptionState = SubscriptionState.CONFIRMED, address: str = ADDRESS) -> str:
        """The public id of a person with these newsletters."""
        person = Person(address=parse_address(address), name="Ann")
        with self.store() as connection:
            for newsletter in newsletters:
                add(connection, person, newsletter=newsletter, state=state, proof=Proof(how="form"), keys=KEYS, now=self.now)
            found = connection.scalar(select(Subscriber.public_id).where(Subscriber.address_key == address))
        assert found is not None
        return found


def hidden(html: str) -> dict[str, str]:
    """The hidden fields of the first form of a page that have a value."""
    form = re.search(r"<form.*?</form>", html, re.DOTALL)
    assert form is not None
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[0])
    return {name: unescape(value) for name, value in fields}


def words(html: str) -> str:
    """What a page says, without its tags."""
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html)))
