"""A real WordPress for the tests of this folder, started once a test process."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from digest.settings import Fetch
from digest.sources.http import Client
from tests.conftest import missing
from tests.sources.wordpress_site import WordPress, running, what_is_missing


@pytest.fixture(scope="session")
def wordpress() -> Iterator[WordPress]:
    """A running WordPress, empty until it is seeded. Tests that use it belong to the xdist group "wordpress"."""
    lacking = what_is_missing()
    if lacking:
        missing("WordPress", f"not found: {lacking} (Debian packages wordpress, php-cli, php-mysql, mariadb-server)")
    # A socket's path may be 107 bytes long, which pytest's own folders come close to.
    with TemporaryDirectory(prefix="wp-", ignore_cleanup_errors=True) as folder, running(Path(folder)) as site:
        yield site


@pytest.fixture
def real_now() -> datetime:
    """WordPress looks at the machine's clock, so its content is dated by it."""
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def client() -> Iterator[Client]:
    with Client(Fetch(allow_private=("127.0.0.1",)), pause_seconds=0) as client:
        yield client
