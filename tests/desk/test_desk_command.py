"""`digest desk` as a process of its own: its link opens it once, and a page that listens for news does not keep it from stopping."""

import http.client
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.desk.entering import DIGEST

PATH = "/edition/weekly/weekly/20261123T0700Z"
Running = tuple["subprocess.Popen[str]", str]


@pytest.fixture
def running(sqlite_template: Path, tmp_path: Path) -> Iterator[Running]:
    """The process, and the link that it prints."""
    (tmp_path / "digest.db").write_bytes(sqlite_template.read_bytes())
    (tmp_path / "digest.toml").write_text(DIGEST)
    (tmp_path / "digest.key").write_text("a-key-of-the-tests\n")
    command = [sys.executable, "-m", "digest", "--config", str(tmp_path / "digest.toml"), "desk", "--no-open", "--listen", "127.0.0.1:0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    link = next(line.strip() for line in process.stdout if "/open/" in line)
    try:
        yield process, link
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@contextmanager
def asking(link: str, path: str, cookie: str = "") -> Iterator[http.client.HTTPResponse]:
    with closing(http.client.HTTPConnection(urlsplit(link).netloc, timeout=60)) as connection:
        connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
        with connection.getresponse() as answer:
            yield answer


def entered(link: str) -> str:
    """The cookie that the one-time link gives."""
    with asking(link, urlsplit(link).path) as answer:
        assert answer.status == 303
        return answer.headers["Set-Cookie"].partition(";")[0]


def test_the_link_opens_the_desk_once(running: Running) -> None:
    _, link = running
    with asking(link, "/", entered(link)) as answer:
        assert b"What goes out next" in answer.read()
    for path in (urlsplit(link).path, "/"):
        with asking(link, path) as answer:
            assert answer.status == 403


def test_a_page_that_listens_does_not_keep_it_from_stopping(running: Running) -> None:
    process, link = running
    with asking(link, f"{PATH}/events", entered(link)) as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        assert answer.readline() == b"retry: 1000\n"
        process.send_signal(signal.SIGTERM)
        assert b"data: " in answer.read()  # up to its proper end: a connection that is cut off raises
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "timeout graceful shutdown" not in said
    assert "Traceback" not in said


def test_it_is_told_what_to_do_where_it_cannot_listen(tmp_path: Path) -> None:
    (tmp_path / "digest.toml").write_text(DIGEST)
    command = [sys.executable, "-m", "digest", "--config", str(tmp_path / "digest.toml"), "desk", "--listen", "nowhere"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "nowhere" in done.stderr
