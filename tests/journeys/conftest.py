"""A publication in a folder of its own, on each kind of database, and a real SMTP server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from tests.journeys.fleet import Fleet, fleet_on
from tests.journeys.keeping import Keeper
from tests.journeys.paper import Mailbox, Publication, configure, lay_out, serving


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with serving(Mailbox()) as box:
        yield box


@pytest.fixture
def publication(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Publication]:
    """On SQLite."""
    made = Publication(folder=lay_out(tmp_path / "paper"))
    yield made
    for process in made.processes:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture(params=["sqlite", "postgresql"])
def publication_on_both(request: pytest.FixtureRequest, publication: Publication) -> Iterator[Publication]:
    """On SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield publication
        return
    server: str = request.getfixturevalue("postgresql_server")
    name = f"journey_{publication.folder.parent.name}".lower().replace("-", "_")[:60]
    admin = create_engine(make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    configure(publication, f'[database]\nurl = "{make_url(server).set(database=name).render_as_string(hide_password=False)}"')
    yield publication
    for process in publication.processes:
        if process.poll() is None:
            process.kill()
            process.wait()
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    admin.dispose()


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[Keeper]:
    with Keeper(tmp_path / "kept") as keeper:
        yield keeper


@pytest.fixture
def fleet(database_url: str, engine: Engine, tmp_path: Path, keeper: Keeper) -> Iterator[Fleet]:
    """On each kind of database in turn."""
    with fleet_on(database_url, engine, tmp_path, keeper) as fleet:
        yield fleet
