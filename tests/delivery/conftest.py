"""An edition to deliver, its readers, and a count of statements."""

import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, select

from digest.delivery import workers
from digest.delivery.queue import enqueue
from digest.delivery.tables import DeliveryRow
from digest.editions.tables import EditionRow
from digest.editions.values import EditionState
from subscribers.address import parse_address
from subscribers.audience import audience
from subscribers.consent import Person, Proof, add
from subscribers.tables import SubscriptionState
from tests.conftest import missing
from tests.delivery.postfix import Postfix, running_postfix

KEYS = ["a-key-of-the-tests"]


def make_edition(connection: Connection, now: datetime) -> int:
    row = {"newsletter": "weekly", "cadence": "weekly", "slot": now, "window_start": now, "cutoff": now, "created_at": now}
    return connection.scalars(insert(EditionRow).values(**row, state=EditionState.SENDING).returning(EditionRow.id)).one()


def make_readers(connection: Connection, number: int, now: datetime, prefix: str = "reader") -> list[str]:
    """The public ids of that many confirmed subscriptions, in order."""
    return [
        add(
            connection,
            Person(address=parse_address(f"{prefix}{one}@example.com"), name=f"Reader {one}"),
            newsletter="weekly",
            state=SubscriptionState.CONFIRMED,
            proof=Proof(how="command line"),
            keys=KEYS,
            now=now,
        ).subscription
        for one in range(number)
    ]


def enrol(connection: Connection, worker_id: str, now: datetime, *, minutes: int) -> None:
    """A worker that is taken for alive that long."""
    worker = workers.Worker(id=worker_id, kind="work", host="there", pid=77)
    workers.enrol(connection, worker, now=now, until=now + timedelta(minutes=minutes))


def rows(connection: Connection) -> list[Any]:
    return list(connection.execute(select(DeliveryRow.__table__).order_by(DeliveryRow.id)))


@pytest.fixture
def edition_id(engine: Engine, now: datetime) -> int:
    """An edition with five readers, all queued."""
    with engine.begin() as connection:
        made = make_edition(connection, now)
        make_readers(connection, 5, now)
        assert enqueue(connection, made, audience("weekly", now), now) == 5
    return made


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for localhost that signs itself, and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    call = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    call += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "certificate.pem"]
    try:
        subprocess.run(call, cwd=folder, check=True, capture_output=True)
    except FileNotFoundError:
        missing("openssl", "no program to make a certificate with")
    return folder / "certificate.pem", folder / "key.pem"


@pytest.fixture(scope="session")
def postfix_server() -> Iterator[Postfix]:
    with running_postfix() as server:
        yield server


@pytest.fixture
def postfix(postfix_server: Postfix) -> Postfix:
    """A real Postfix that has taken nothing yet."""
    postfix_server.clear()
    return postfix_server
