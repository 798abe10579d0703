"""What a spam filter on this machine says of a mail: rspamd where its address is named, else SpamAssassin."""

import json
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from shutil import which
from urllib.parse import urlsplit

SECONDS = 60.0
# Local tests only: nothing of a mail that is not out yet is asked about elsewhere. Without -x it would write preferences into the home folder.
ASSASSIN = ("spamassassin", "--local", "--test-mode", "--nocreate-prefs")
_TOTAL = re.compile(r"\((-?\d+(?:\.\d+)?) points, (-?\d+(?:\.\d+)?) required\)")
_LINE = re.compile(r"^\s*(-?\d+(?:\.\d+)?)\s+([A-Z0-9_]+)\s+(.*)$", re.MULTILINE)


class NoFilter(Exception):
    """No filter could be asked; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What one rule of the filter added."""

    rule: str
    points: float
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """`by` is the filter's name; `given` are the points that count, the most first."""

    by: str
    points: float
    given: tuple[Point, ...]


def judged(message: bytes, *, rspamd: str = "") -> Judged:
    """What the filter gives a whole message. Raises `NoFilter`."""
    return _rspamd(message, rspamd) if rspamd else _assassin(message)


def _assassin(message: bytes) -> Judged:
    program = which(ASSASSIN[0])
    if program is None:
        raise NoFilter("SpamAssassin is not installed on this machine.")
    try:
        done = subprocess.run([program, *ASSASSIN[1:]], input=message, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603 - our own words
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoFilter(f"SpamAssassin gave no answer ({type(error).__name__}).") from error
    # The report stands at the end, behind the mail itself.
    report = done.stdout.decode("utf-8", "replace").rpartition("Content analysis details:")[2]
    total = _TOTAL.search(report)
    if total is None:
        raise NoFilter(f"SpamAssassin ended with {done.returncode} and no report.")
    return Judged(by="SpamAssassin", points=float(total[1]), given=_most(list(_points(report))))


def _points(report: str) -> Iterator[Point]:
    for points, rule, what in _LINE.findall(report):
        yield Point(rule=rule, points=float(points), what=what.strip())


def _rspamd(message: bytes, address: str) -> Judged:
    try:
        answer = json.loads(_posted(message, address))
        symbols = answer["symbols"].items()
        given = [Point(rule=name, points=float(one["score"]), what=str(one.get("description", ""))) for name, one in symbols]
        return Judged(by="rspamd", points=float(answer["score"]), given=_most(given))
    except (OSError, HTTPException) as error:
        raise NoFilter(f"rspamd does not answer at {address} ({type(error).__name__}).") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise NoFilter(f"What answers at {address} is not rspamd, or not one that we understand.") from error


def _posted(message: bytes, address: str) -> bytes:
    parts = urlsplit(address if "//" in address else f"http://{address}")
    connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = connect(parts.hostname or "", parts.port or 11333, timeout=SECONDS)
    try:
        connection.request("POST", f"{parts.path.rstrip('/')}/checkv2", body=message, headers={"Content-Type": "message/rfc822"})
        return connection.getresponse().read(1_000_000)
    finally:
        connection.close()


def _most(given: Sequence[Point]) -> tuple[Point, ...]:
    return tuple(sorted((one for one in given if one.points > 0), key=lambda one: (-one.points, one.rule)))
