"""What a spam filter says: asked of stand-ins that answer as the real ones do, and of SpamAssassin itself where it is installed."""

import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from shutil import which
from threading import Thread

import pytest

from digest.checking_outside import spam
from digest.newsletter import Newsletter
from digest.render.lint import Level
from digest.spam import Judged, NoFilter, Point, judged
from tests.conftest import missing
from tests.render.good_mail import message

# What SpamAssassin 4.0.1 writes behind a mail, with one more rule; the mail itself may hold lines that look like a report.
REPORT = """\
Content analysis details:   (99.0 points, 5.0 required)
 99.0 FAKE_RULE              the mail's own words
--=_b--
Spam detection software, running on the system "vm",
has NOT identified this incoming email as spam.

Content analysis details:   (6.1 points, 5.0 required)

 pts rule name              description
---- ---------------------- --------------------------------------------------
-0.0 NO_RELAYS              Informational: message was not relayed via SMTP
 2.5 SUBJ_ALL_CAPS          Subject is all capitals
 3.6 URI_SHORT              A link leads to a
                            shortener
 0.0 HTML_MESSAGE           BODY: HTML included in message
"""
RSPAMD = {"score": 7.5, "required_score": 15.0, "symbols": {"A": {"score": 1.5, "description": "one"}, "B": {"score": 6.0}, "C": {"score": -0.5}}}


def newsletter(**checks: object) -> Newsletter:
    return Newsletter.model_validate({"slug": "weekly", "title": "Weekly", "from_address": "a@a.example", "checks": checks})


def stand_in(folder: Path, script: str) -> None:
    program = folder / "spamassassin"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which programs are looked for before all others."""
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


@contextmanager
def rspamd(answer: bytes, asked: list[tuple[str, bytes]]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args: object) -> None:
            """Quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_spamassassins_report_is_read_from_behind_the_mail(path: Path) -> None:
    stand_in(path, f"cat > {path}/got\necho \"$@\" > {path}/words\ncat <<'END'\n{REPORT}END")
    expected = (
        Point(rule="URI_SHORT", points=3.6, what="A link leads to a"),
        Point(rule="SUBJ_ALL_CAPS", points=2.5, what="Subject is all capitals"),
    )
    assert judged(message()) == Judged(by="SpamAssassin", points=6.1, given=expected)
    assert (path / "got").read_bytes() == message()
    assert "--local" in (path / "words").read_text()


def test_points_from_the_limit_on_are_a_warning_and_below_a_note(path: Path) -> None:
    stand_in(path, f"cat > /dev/null\ncat <<'END'\n{REPORT}END")
    found = spam(message(), newsletter())
    assert (found.rule, found.level) == ("spam.score", Level.WARNING)
    assert found.what.startswith("SpamAssassin gives it 6.1 points; from 5 it counts as spam. 3.6 URI_SHORT")
    assert spam(message(), newsletter(spam_score=8)).level is Level.NOTE


def test_a_filter_that_fails_or_is_not_there_is_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(path, "cat > /dev/null; exit 3")
    with pytest.raises(NoFilter, match="ended with 3"):
        judged(message())
    monkeypatch.setenv("PATH", str(path / "nothing"))
    found = spam(message(), newsletter())
    assert (found.rule, found.level, found.what) == ("spam.silent", Level.NOTE, "SpamAssassin is not installed on this machine.")


def test_rspamd_is_asked_where_its_address_is_named() -> None:
    asked: list[tuple[str, bytes]] = []
    with rspamd(json.dumps(RSPAMD).encode(), asked) as address:
        found = spam(message(), newsletter(rspamd=address))
    assert asked == [("/checkv2", message())]
    assert (found.level, found.what) == (Level.WARNING, "rspamd gives it 7.5 points; from 5 it counts as spam. 6 B; 1.5 A (one).")


@pytest.mark.parametrize("answer", [b"", b"{}", b"[]", b'{"score": "x", "symbols": {}}', b'{"score": 1, "symbols": [1]}', b"\xff"])
def test_what_is_not_rspamd_is_said(answer: bytes) -> None:
    with rspamd(answer, []) as address:
        found = spam(message(), newsletter(rspamd=address))
    assert found.rule == "spam.silent" and "is not rspamd" in found.what


@pytest.mark.parametrize("address", ["127.0.0.1:1", "http://127.0.0.1:1/", "http://127.0.0.1:port", "nonsense://"])
def test_an_rspamd_that_does_not_answer_is_said(address: str) -> None:
    assert spam(message(), newsletter(rspamd=address)).rule == "spam.silent"


def test_spamassassin_itself_answers_like_that() -> None:
    """The string that SpamAssassin's authors made to be found."""
    if which("spamassassin") is None:
        missing("spamassassin", "the program is not installed")
    gtube = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
    found = judged(message().replace(b"It runs again.", gtube))
    assert found.points > 900
    assert found.given[0].rule == "GTUBE"
    assert judged(message()).points < 5
