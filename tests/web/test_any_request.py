"""Ten thousand requests of any kind to every address there is: no fault of ours, and nothing of what was sent comes back."""

import asyncio
import logging
import random
import string
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from sqlalchemy import Engine, select
from starlette.applications import Starlette
from starlette.types import Message

from digest.database import open_database
from digest.web.app import ROUTES, application
from digest.web.reception import Reception
from subscribers.tables import Subscription, SubscriptionState
from subscribers.tokens import Purpose, sign, sign_dated
from tests.web.signing_up import KEYS, SITE, House, settings

NUMBER, SEED = 10_000, 20261123
NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
MARK = "zqv"  # in no word of ours
METHODS = ("GET",) * 6 + ("POST",) * 8 + ("HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW", "get", "")
FIELDS = (
    *(
        "newsletters",
        "shown",
        "email",
        "name",
        "language",
        "time_zone",
        "page",
        "wording",
        "website",
        "stamp",
        "proof",
        "wish",
        "press",
        "reason",
        "do",
    ),
    *("had", "sure", "cadence-weekly", "sections-weekly", "pause-weekly", "List-Unsubscribe", "x" * 300, ""),
    *("had-cadence-weekly", "had-sections-weekly", "had-name"),
)
VALUES = (
    "weekly",
    "tides",
    "quick",
    "closed",
    "yes",
    "One-Click",
    "save",
    "leave",
    "data",
    "other",
    "monthly",
    "Kitchen",
    "de",
    "ar",
    "Europe/Rome",
    "0",
    "-1",
)
NASTY = (
    *(
        "<script>alert(1)</script>",
        "' OR 1=1 --",
        "{{7*7}}",
        "%(x)s{0}",
        "../../etc/passwd",
        "\r\nSet-Cookie: a=b",
        "\0",
        "\ud800",
        "\u202e",
        "😀" * 40,
    ),
    *("a@b.example\r\nBcc: c@d.example", '"a b"@example.org', "a" * 5_000, "https://evil.example/", "=?utf-8?q?x?=", "ⅳ", "٣", "9" * 400),
)
HEADERS = (
    *("accept", "accept-language", "accept-encoding", "accept-charset", "cookie", "referer", "origin", "user-agent", "x-forwarded-for", "forwarded"),
    *("x-forwarded-host", "x-forwarded-proto", "range", "if-none-match", "if-modified-since", "expect", "transfer-encoding", "te", "upgrade"),
    *("content-encoding", "authorization", "x-http-method-override", "x-original-url", "x-rewrite-url", "content-length", "sec-fetch-site"),
)
KINDS = (
    *("application/x-www-form-urlencoded",) * 4,
    *("multipart/form-data; boundary=b", "multipart/form-data", "multipart/form-data; boundary=b; charset=utf-16", "multipart/mixed; boundary=b"),
    *("application/x-www-form-urlencoded; charset=utf-7", "application/json", "text/plain; charset=no-such", "", "///", "\xff"),
)
ENCODINGS = ("utf-8", "utf-8", "utf-8", "latin-1", "utf-16", "cp037")


@dataclass(frozen=True)
class Asked:
    method: str
    path: str  # as it is sent: percent-encoded
    query: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Maker:
    """Makes requests by one seed, each with a mark that is its own."""

    def __init__(self, tokens: dict[str, list[str]]) -> None:
        self._dice = random.Random(SEED)
        self._tokens = tokens
        self._paths = sorted({route.path_format for route in ROUTES})

    def asked(self, mark: str) -> Asked:
        dice = self._dice
        kind = dice.choice(KINDS)
        headers = [(b"host", dice.choice([SITE[8:]] * 30 + ["", f"{mark}.example", "localhost"]).encode()), (b"content-type", kind.encode("latin-1"))]
        headers += [(dice.choice(HEADERS).encode(), self._text(mark).encode("utf-8", "replace")[:2_000]) for _ in range(dice.randrange(4))]
        query = quote_plus(self._text(mark), errors="replace").encode() if dice.random() < 0.3 else b""
        return Asked(method=dice.choice(METHODS), path=self._path(mark), query=query, headers=headers, body=self._body(kind, mark))

    def _path(self, mark: str) -> str:
        dice = self._dice
        path = dice.choice(self._paths) if dice.random() < 0.9 else "/" + quote(self._text(mark), errors="replace")
        tokens = self._tokens.get(path.split("/")[1], []) if dice.random() < 0.6 else []
        filled = path.replace("{token}", dice.choice(tokens) if tokens else quote(self._text(mark), safe="", errors="replace"))
        for hole, good in (("{slug}", "weekly"), ("{slot}", "20261123T0700Z"), ("{hash}", "0")):
            filled = filled.replace(hole, good if dice.random() < 0.5 else quote(self._text(mark), safe="", errors="replace"))
        return filled + dice.choice(("", "", "", "/", "//", "/..", f"/{mark}", "%00"))

    def _body(self, kind: str, mark: str) -> bytes:
        dice = self._dice
        fields = [(dice.choice(FIELDS), self._value(mark)) for _ in range(dice.choice((0, 1, 3, 6, 12, 250)) if dice.random() < 0.9 else 0)]
        coding = dice.choice(ENCODINGS)
        if kind.startswith("multipart"):
            parts = [f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields]
            return ("".join(parts) + dice.choice(("--b--\r\n", "", "--b"))).encode(coding, "replace")
        if "urlencoded" in kind:
            return "&".join(f"{quote_plus(name)}={quote_plus(value, errors='replace')}" for name, value in fields).encode(coding, "replace")
        return dice.randbytes(dice.choice((0, 10, 500))) + mark.encode()

    def _value(self, mark: str) -> str:
        return self._dice.choice(VALUES) if self._dice.random() < 0.6 else self._text(mark)

    def _text(self, mark: str) -> str:
        dice = self._dice
        some = "".join(dice.choices(string.printable, k=dice.randrange(20)))
        return dice.choice(
            (f"{mark}@example.org", f"https://{mark}.example/{mark}", mark, f"{dice.choice(NASTY)}{mark}", some + mark, f"{mark}{some}")
        )


async def answered(app: Starlette, asked: Asked) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """The answer of the application itself: by a client much of this could not even be sent."""
    told: list[Message] = []
    pending = iter([{"type": "http.request", "body": asked.body, "more_body": False}])

    async def receive() -> Message:
        return next(pending, {"type": "http.disconnect"})

    async def send(message: Message) -> None:
        told.append(message)

    path = bytes(_unquoted(asked.path)).decode("utf-8", "replace")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "https",
        "root_path": "",
        "extensions": {},
        "method": asked.method,
        "path": path,
        "raw_path": asked.path.encode(),
        "query_string": asked.query,
        "headers": asked.headers,
        "client": ("203.0.113.7", 50_000),
        "server": ("127.0.0.1", 8010),
    }
    await app(scope, receive, send)
    if not told:  # whoever announces a body and hangs up gets no answer
        return 0, [], b""
    return told[0]["status"], told[0]["headers"], b"".join(message.get("body", b"") for message in told[1:])


def _unquoted(path: str) -> Iterator[int]:
    said = path.encode()
    place = 0
    while place < len(said):
        coded = said[place : place + 1] == b"%" and len(said) >= place + 3
        yield int(said[place + 1 : place + 3], 16) if coded else said[place]
        place += 3 if coded else 1


@pytest.fixture
def house(sqlite_template: Path, tmp_path: Path) -> Iterator[House]:
    path = tmp_path / "any.db"
    path.write_bytes(sqlite_template.read_bytes())
    engine: Engine = open_database(f"sqlite:///{path}")
    yield House(engine=engine, now=NOW, settings=settings(minimum_seconds=0, sign_ups_per_client=1_000_000))
    engine.dispose()


def tokens(house: House) -> dict[str, list[str]]:
    """Good links of a hundred readers, by page; whoever is erased on the way is one of many."""
    found: dict[str, list[str]] = {"leave": [], "preferences": [], "view": [], "confirm": [], "data": []}
    for number in range(100):
        state = SubscriptionState.PENDING if number % 2 else SubscriptionState.CONFIRMED
        reader = house.reader("weekly", "tides", state=state, address=f"reader{number}@example.org")
        found["preferences"].append(sign(Purpose.PREFERENCES, reader, KEYS))
        found["confirm"].append(sign_dated(Purpose.CONFIRM, reader, NOW, KEYS))
        found["data"].append(sign_dated(Purpose.DATA, reader, NOW, KEYS))
    with house.store() as connection:
        subscriptions = connection.scalars(select(Subscription.public_id)).all()
    found["leave"] = [sign(Purpose.LEAVE, one, KEYS) for one in subscriptions]
    found["view"] = [sign(Purpose.VIEW, one, KEYS) for one in subscriptions]
    return found


def test_no_request_is_a_fault_of_ours_and_none_is_reflected(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    app = application(Reception(engine=house.engine, settings=house.settings, keys=KEYS, clock=lambda: NOW))
    maker, statuses = Maker(tokens(house)), Counter[int]()

    async def all_of_them() -> None:
        for number in range(NUMBER):
            mark = f"{MARK}{number}q"
            asked = maker.asked(mark)
            status, headers, body = await answered(app, asked)
            statuses[status] += 1
            assert status < 500, asked
            assert b"Traceback" not in body, asked
            own_page = asked.path.startswith("/preferences/") and status == 200  # shows its own reader the name they just gave
            assert own_page or mark.encode() not in body, asked
            assert mark not in str(headers), asked
            assert b"set-cookie" not in dict(headers), asked

    with ThreadPoolExecutor(1) as apart:  # a browser of another test may have its loop in this thread
        apart.submit(asyncio.run, all_of_them()).result()
    assert {200, 400, 404, 405} <= statuses.keys()
    logging.getLogger(__name__).info("answers by status: %s", dict(statuses))
    said = [record.getMessage() for record in caplog.records if record.name.startswith("digest")]
    assert [line for line in said if MARK in line or "203.0.113.7" in line or "failed" in line] == []
