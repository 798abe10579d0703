"""The desk as an application in this process, and a browser that has been let in."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from html import unescape
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from starlette.testclient import TestClient

from digest.accounts import accounts, passwords, sessions
from digest.accounts.roles import DeskRole
from digest.desk import app
from digest.desk.door.entrance import Entrance, open_entrance
from digest.desk.studio import Studio
from digest.limits import Limit, allow
from digest.listen import parse_listen

HERE = "http://127.0.0.1:8020"
SHARED = "https://desk.lantern.example"
OURS = {"sec-fetch-site": "same-origin", "sec-fetch-mode": "navigate"}
KEYS = "a-key-of-the-tests"
DIGEST = """
[publication]
name = "The Lantern"
postal_address = "4 Lantern Quay, Pellowick"
[pages]
url = "https://letters.lantern.example"
[newsletters.weekly]
title = "The Lantern Weekly"
from_address = "weekly@lantern.example"
"""


@lru_cache
def kept(password: str) -> str:
    """Its hash, made once for all tests."""
    return passwords.hashed(password)


@dataclass(kw_only=True)
class House:
    """A desk on a clock that is moved by hand. `settings` are the lines of digest.toml beside those of one newsletter."""

    engine: Engine
    folder: Path
    now: datetime
    settings: str = ""
    environment: Mapping[str, str] = field(default_factory=lambda: {"DIGEST_PAGES__KEYS": KEYS})

    def __post_init__(self) -> None:
        self.file = self.folder / "digest.toml"
        self.file.write_text(DIGEST + self.settings)
        self.studio = Studio(engine=self.engine, file=self.file, environment=self.environment, clock=self.clock)

    def clock(self) -> datetime:
        return self.now

    def wait(self, **time: float) -> None:
        self.now += timedelta(**time)

    def account(self, name: str, role: DeskRole, password: str = "four words in a row") -> int:
        with self.engine.begin() as connection:
            return accounts.add(connection, name, role, kept(password), now=self.now)

    def use_up(self, limit: Limit, who: str) -> None:
        """As if all had been tried that the limit allows but for one."""
        with self.engine.begin() as connection:
            assert all(allow(connection, limit, who, key=KEYS, now=self.now) for _ in range(limit.count - 1))

    def entrance(self) -> Entrance:
        desk = self.studio.settings.desk
        return open_entrance(self.engine, desk, parse_listen(desk.listen, "desk"), keys=self.studio.keys, clock=self.clock)

    def client(self, entrance: Entrance | None = None, *, base: str = "", peer: str = "127.0.0.1") -> TestClient:
        """A browser in front of the desk, not signed in, that sends what browsers send with a press on a page of ours."""
        entrance = entrance or self.entrance()
        base = base or (SHARED if entrance.secure else HERE)
        made = app.application(self.studio, entrance)
        return TestClient(made, base_url=base, follow_redirects=False, headers=OURS, client=(peer, 50_000), raise_server_exceptions=False)

    def local(self) -> TestClient:
        """A browser that opened the one-time link: an admin."""
        entrance = self.entrance()
        client = self.client(entrance)
        assert client.get(entrance.links.make(self.now)).status_code == 303
        return client

    def as_role(self, role: DeskRole, entrance: Entrance | None = None) -> TestClient:
        """A browser with a session of an account in that role, at a desk with accounts."""
        account = self.account(f"{role} of the tests", role)
        return self.signed_in(account, role, entrance)

    def signed_in(self, account: int, role: DeskRole, entrance: Entrance | None = None) -> TestClient:
        with self.engine.begin() as connection:
            token = sessions.begin(connection, who=f"{role} of the tests", role=role, account=account, now=self.now)
        client = self.client(entrance)
        client.cookies.set("__Host-desk" if str(client.base_url).startswith("https") else "desk-8020", token)
        return client


def csrf(html: str) -> str:
    """What a page's forms bring back."""
    found = re.search(r'name="csrf" value="([^"]+)"', html)
    assert found is not None
    return unescape(found[1])


def press(client: TestClient, page: str, action: str, fields: Mapping[str, Any] | None = None) -> Any:
    """Fetches the page, and sends its form to `action` with its token."""
    return client.post(action, data={"csrf": csrf(client.get(page).text), **(fields or {})})


Opened = Callable[..., House]
