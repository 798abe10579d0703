"""A real WordPress for the tests of this folder, started once a test process."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from digest.settings import Fetch
from digest.sources.http import Client
from tests.conftest import missing
from tests.sources.wordpress_content import posts, remarks
from tests.sources.wordpress_reading import Harbour
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


@pytest.fixture(scope="session")
def real_now() -> datetime:
    """WordPress looks at the machine's clock, so its content is dated by it."""
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def harbour(wordpress: WordPress, real_now: datetime) -> Harbour:
    """The WordPress with the harbour paper in it, at its plain addresses."""
    numbers = wordpress.seed(posts(real_now), remarks(real_now))
    return Harbour(site=wordpress, now=real_now, posts=numbers["posts"], comments=numbers["comments"])


@pytest.fixture
def client() -> Iterator[Client]:
    with Client(Fetch(allow_private=("127.0.0.1",)), pause_seconds=0) as client:
        yield client
