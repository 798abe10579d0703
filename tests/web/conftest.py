"""The readers' pages as an application in this process, with readers, and a clock that stands until it is moved."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from digest.settings import Settings, parse
from digest.web.app import application
from digest.web.reception import Reception
from subscribers.address import parse_address
from subscribers.change import Proof
from subscribers.consent import Person, add
from subscribers.people import Known, reader
from subscribers.tables import SubscriptionState

KEYS = ["a-key-of-the-tests"]
HOST = "news.saltmarsh.example"
GIVEN: dict[str, dict[str, Any]] = {
    "publication": {"name": "Saltmarsh", "url": "https://saltmarsh.example", "postal_address": "1 Quay Lane\nSaltmarsh"},
    "pages": {"url": f"https://{HOST}", "keys": KEYS[0]},
    "newsletters": {
        "weekly": {"title": "The Saltmarsh Week", "description": "What happened between the tides.", "from_address": "week@saltmarsh.example"},
        "daily": {"title": "Low Tide", "from_address": "tide@saltmarsh.example", "schedule": "0 6 * * *", "cadence": "daily"},
    },
}


@dataclass
class Clock:
    """Stands at `now`."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass(frozen=True)
class Readers:
    """Makes people, and looks at what became of them."""

    engine: Engine
    now: datetime

    def join(self, newsletter: str = "weekly", address: str = "ann@example.com", name: str = "Ann") -> Known:
        with self.engine.begin() as connection:
            person = Person(address=parse_address(address), name=name)
            added = add(
                connection, person, newsletter=newsletter, state=SubscriptionState.CONFIRMED, proof=Proof(how="test"), keys=KEYS, now=self.now
            )
        return self.find(added.subscription)

    def find(self, subscription: str) -> Known:
        with self.engine.begin() as connection:
            found = reader(connection, subscription)
        assert found is not None
        return found

    def state(self, known: Known) -> SubscriptionState:
        return self.find(known.subscription_token).state


@pytest.fixture
def clock(now: datetime) -> Clock:
    return Clock(now=now)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return parse(GIVEN, folder=tmp_path)


@pytest.fixture
def reception(engine: Engine, settings: Settings, clock: Clock) -> Reception:
    return Reception(engine=engine, settings=settings, keys=KEYS, clock=clock)


@pytest.fixture
def client(reception: Reception) -> Iterator[TestClient]:
    with TestClient(application(reception), base_url=f"https://{HOST}", follow_redirects=False) as made:
        yield made


@pytest.fixture
def readers(engine: Engine, now: datetime) -> Readers:
    return Readers(engine=engine, now=now)
