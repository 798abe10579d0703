"""Requests of any kind to every address of the desk, by strangers and by an admin: no fault of ours, and nothing of theirs in the log."""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from digest.accounts import sessions
from digest.accounts.roles import DeskRole
from digest.database import open_database
from digest.desk.app import ROUTES, application
from digest.desk.door.entrance import Entrance
from tests.desk.entering import SHARED, House
from tests.web.test_any_request import NASTY, Asked, answered

NUMBER, SEED = 1_500, 20261123
NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
MARK = "zqv"  # in no word of ours
METHODS = ("GET",) * 8 + ("POST",) * 10 + ("HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW", "get", "")
FIELDS = (
    "name",
    "password",
    "role",
    "account",
    "next",
    "old",
    "new",
    "again",
    "who",
    "what",
    "before",
    "seen",
    "change",
    "address",
    "text",
    "id",
    "article",
)
VALUES = ("weekly", "admin", "writer", "1", "0", "-1", "9" * 30, "approve", "Ana", "ann@example.org", "20261130T0700Z", "0.5", "nan", "")
HEADERS = (
    "accept",
    "origin",
    "sec-fetch-site",
    "sec-fetch-mode",
    "x-forwarded-for",
    "remote-user",
    "remote-groups",
    "cookie",
    "range",
    "if-none-match",
)
KINDS = ("application/x-www-form-urlencoded",) * 4 + ("multipart/form-data; boundary=b", "multipart/form-data", "application/json", "\xff")
HOLES = {"newsletter": "weekly", "cadence": "weekly", "slot": "20261130T0700Z", "theme": "classic", "article": "1"}


class Maker:
    """Makes requests by one seed; some are an admin's, and most of those bring the token."""

    def __init__(self) -> None:
        self._dice = random.Random(SEED)
        self._cookie = self._csrf = ""
        self._paths = sorted({route.path for route in ROUTES if not route.path.endswith("/events")})  # which are told until somebody leaves

    def sign_in(self, token: str, entrance: Entrance) -> None:
        self._cookie, self._csrf = f"__Host-desk={token}", entrance.csrf(f"session:{sessions.hashed(token)}")

    def asked(self, mark: str) -> Asked:
        dice = self._dice
        kind = dice.choice(KINDS)
        signed_in = dice.random() < 0.7
        headers = [("host", SHARED[8:]), ("content-type", kind), ("sec-fetch-site", "same-origin")]
        headers += [("cookie", self._cookie)] if signed_in else []
        headers += [(dice.choice(HEADERS), self._text(mark)) for _ in range(dice.choice((0, 0, 0, 1, 3)))]
        query = f"{quote_plus(dice.choice(FIELDS))}={quote_plus(self._value(mark), errors='replace')}" if dice.random() < 0.4 else ""
        return Asked(
            method=dice.choice(METHODS),
            path=self._path(mark),
            query=query.encode(),
            headers=[(name.encode(), value.encode("utf-8", "replace")[:2_000]) for name, value in headers],
            body=self._body(kind, mark),
        )

    def _path(self, mark: str) -> str:
        dice = self._dice
        path = dice.choice(self._paths) if dice.random() < 0.95 else "/" + quote(self._text(mark), errors="replace")
        for hole in [part.strip("{}").partition(":")[0] for part in path.split("/") if part.startswith("{")]:
            good = HOLES.get(hole, "1")
            path = path.replace(f"{{{hole}}}", good if dice.random() < 0.7 else quote(self._text(mark), safe="", errors="replace"))
        return path + dice.choice(("", "", "", "", "/", "/..", f"/{mark}", "%00"))

    def _body(self, kind: str, mark: str) -> bytes:
        dice = self._dice
        fields = [(dice.choice(FIELDS), self._value(mark)) for _ in range(dice.choice((0, 1, 3, 6)))]
        fields += [("csrf", self._csrf)] if dice.random() < 0.8 else []
        if kind.startswith("multipart"):
            parts = [f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields]
            return ("".join(parts) + dice.choice(("--b--\r\n", "", "--b"))).encode("utf-8", "replace")
        return "&".join(f"{quote_plus(name)}={quote_plus(value, errors='replace')}" for name, value in fields).encode()

    def _value(self, mark: str) -> str:
        return self._dice.choice(VALUES) if self._dice.random() < 0.6 else self._text(mark)

    def _text(self, mark: str) -> str:
        return self._dice.choice((mark, f"{mark}@example.org", f"{self._dice.choice(NASTY)}{mark}"))


@pytest.fixture
def house(sqlite_template: Path, tmp_path: Path) -> Iterator[House]:
    path = tmp_path / "any.db"
    path.write_bytes(sqlite_template.read_bytes())
    engine = open_database(f"sqlite:///{path}")
    yield House(engine=engine, folder=tmp_path, now=NOW, settings=f'[desk]\nurl = "{SHARED}"\nuser_header = "Remote-User"\n')
    engine.dispose()


def test_no_request_is_a_fault_of_ours_and_none_is_told_of(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    account = house.account("Ana", DeskRole.ADMIN)
    entrance, statuses = house.entrance(), Counter[int]()
    app = application(house.studio, entrance)

    def begun() -> str:
        with house.engine.begin() as connection:
            return sessions.begin(connection, who="Ana", role=DeskRole.ADMIN, account=account, now=NOW)

    async def all_of_them() -> None:
        maker = Maker()
        for number in range(NUMBER):
            if number % 20 == 0:  # one of them may have signed the admin out
                maker.sign_in(begun(), entrance)
            mark = f"{MARK}{number}q"
            asked = maker.asked(mark)
            status, headers, body = await answered(app, asked)
            statuses[status] += 1
            assert status < 500 or status == 502, asked  # a relay took no test
            assert b"Traceback" not in body, asked
            assert f"<script>alert(1)</script>{mark}".encode() not in body, asked
            assert mark not in str([value for name, value in headers if name != b"location"]), asked

    with ThreadPoolExecutor(1) as apart:  # a browser of another test may have its loop in this thread
        apart.submit(asyncio.run, all_of_them()).result()
    assert {200, 303, 400, 403, 404, 405} <= statuses.keys()
    said = [record.getMessage() for record in caplog.records if record.name.startswith("digest")]
    assert [line for line in said if MARK in line or "203.0.113.7" in line or "failed" in line] == []
