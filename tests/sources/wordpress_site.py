"""A real WordPress for the tests: Debian's packages wordpress, php-cli, php-mysql and mariadb-server, in a folder of its own.

Nothing of it listens beyond loopback, nothing stays behind: the database answers on a socket in the folder only.
"""

import json
import os
import shutil
import socket
import subprocess
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypedDict

from tests.sources.wordpress_content import Post, Remark, as_json

SCRIPTS = Path(__file__).parent / "wordpress"
WORDPRESS = Path("/usr/share/wordpress")
PROGRAMS = ("php", "mariadbd", "mariadb-install-db", "mariadb")
NO_MAIL = ("-d", "sendmail_path=/bin/true")
PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])  # Debian keeps mariadbd where only root looks


def what_is_missing() -> str:
    """Names what this machine lacks; empty when it can run a WordPress."""
    lacking = [name for name in PROGRAMS if shutil.which(name, path=PATH) is None]
    if not (WORDPRESS / "wp-settings.php").is_file():
        lacking.append(str(WORDPRESS))
    if "php" not in lacking and "mysqli" not in subprocess.run(["php", "-m"], capture_output=True, text=True, check=True).stdout.split():
        lacking.append("php-mysql")
    return ", ".join(lacking)


class Numbers(TypedDict):
    """The numbers WordPress gave: of each post by its slug, of each remark by its name."""

    posts: dict[str, int]
    comments: dict[str, int]


@dataclass(slots=True, kw_only=True)
class WordPress:
    """A running site and the application password of its administrator."""

    url: str
    user: str
    password: str
    environment: Mapping[str, str]
    _seeded: tuple[str, Numbers] | None = None  # what it was filled with, while nothing was changed since

    def run(self, code: str, **values: object) -> Any:
        """Runs PHP that may change something inside this WordPress; `values` are there as `$in`, what the code returns comes back through JSON."""
        self._seeded = None
        return json.loads(_php("run.php", self.environment, json.dumps({"code": code, "values": values})))

    def seed(
        self,
        posts: list[Post],
        remarks: list[Remark],
        *,
        permalinks: str = "",
        zone: str = "America/New_York",
    ) -> Numbers:
        """Empties the site and fills it. With `permalinks` empty its addresses are the plain ones, `?p=7`."""
        given = json.dumps({"posts": as_json(posts), "comments": as_json(remarks), "permalinks": permalinks, "zone": zone})
        if self._seeded is None or self._seeded[0] != given:
            self._seeded = given, json.loads(_php("seed.php", self.environment, given))
        return self._seeded[1]

    def export(self) -> str:
        """What “Tools → Export → All content” would save."""
        text: str = self.run("ob_start(); export_wp(); return ob_get_clean();")
        return text


@contextmanager
def running(folder: Path) -> Iterator[WordPress]:
    """Installs WordPress with an empty database below `folder` and serves it until the end."""
    content = folder / "content"
    shutil.copytree(SCRIPTS / "theme", content / "themes" / "plain")
    with _database(folder) as path, _port() as port:
        url = f"http://127.0.0.1:{port}"
        ours = {"WP_PATH": str(WORDPRESS), "WP_SOCKET": path, "WP_CONTENT": str(content), "WP_CACHE": str(folder / "opcache"), "WP_URL": url}
        environment = {**os.environ, "PATH": PATH, **ours}
        password = _php("install.php", environment)
        with _served(port, environment):
            yield WordPress(url=url, user="olga", password=password, environment=environment)


def _php(script: str, environment: Mapping[str, str], given: str = "") -> str:
    cache = Path(environment["WP_CACHE"])  # compiling WordPress would be four fifths of each run
    cache.mkdir(exist_ok=True)
    quick = ["-d", "opcache.enable_cli=1", "-d", f"opcache.file_cache={cache}", "-d", "opcache.file_cache_only=1"]
    command = ["php", *NO_MAIL, *quick, "-d", "display_errors=stderr", str(SCRIPTS / script)]
    done = subprocess.run(command, env=environment, input=given, capture_output=True, text=True, check=False)
    if done.returncode or done.stderr:
        raise RuntimeError(f"{script}: {done.stderr or done.stdout}")
    return done.stdout


@contextmanager
def _database(folder: Path) -> Iterator[str]:
    """A MariaDB with one empty database; yields its socket."""
    data, path = folder / "mariadb", f"{folder}/mariadb.sock"
    as_root = ["--user=root"] if os.geteuid() == 0 else []
    environment = {**os.environ, "PATH": PATH}
    make = ["mariadb-install-db", "--no-defaults", *as_root, f"--datadir={data}", "--auth-root-authentication-method=normal", "--skip-test-db"]
    subprocess.run(make, env=environment, check=True, capture_output=True)
    serve = ["mariadbd", "--no-defaults", *as_root, f"--datadir={data}", f"--socket={path}", f"--pid-file={folder}/mariadb.pid", "--skip-networking"]
    quick = ["--skip-grant-tables", "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M", "--skip-log-bin"]
    with _process([*serve, *quick], environment, until="ready for connections"):
        create = ["mariadb", "--no-defaults", f"--socket={path}", "-e", "CREATE DATABASE wordpress CHARACTER SET utf8mb4"]
        subprocess.run(create, env=environment, check=True, capture_output=True)
        yield path


@contextmanager
def _port() -> Iterator[int]:
    """A port of 127.0.0.1 that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    yield port


@contextmanager
def _served(port: int, environment: Mapping[str, str]) -> Iterator[None]:
    command = ["php", *NO_MAIL, "-d", "opcache.enable_cli=1", "-S", f"127.0.0.1:{port}", str(SCRIPTS / "router.php")]
    with _process(command, environment, until="started"):
        yield


@contextmanager
def _process(command: list[str], environment: Mapping[str, str], *, until: str) -> Iterator[None]:
    """Runs a server from the line that says it is ready to the end of the block."""
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = _read_until(process.stderr, until)
        # Nobody reads on, but a full pipe would stop the server.
        drain = threading.Thread(target=deque, args=(process.stderr, 0), daemon=True)
        drain.start()
        try:
            if not said or until not in said[-1]:
                raise RuntimeError(f"{command[0]} did not start: {''.join(said[-5:])}")
            yield
        finally:
            process.terminate()
            drain.join()


def _read_until(lines: IO[str], word: str) -> list[str]:
    said = []
    for line in lines:
        said.append(line)
        if word in line:
            break
    return said
