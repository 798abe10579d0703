"""The ways into the desk: which of them are open is settled when it starts."""

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from sqlalchemy import Engine
from starlette.requests import Request

from digest.accounts.accounts import any_open
from digest.accounts.passwords import prepare
from digest.database import reading
from digest.desk.door.links import Links
from digest.errors import SettingsError
from digest.listen import Listen
from digest.publication import Desk
from digest.web.app import HERE

BEYOND = "The desk on {listen} could be reached by others, and"  # by its own address, or through a web server before it


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Entrance:
    """`local`: by one-time links only, for whoever sits at this machine. Else by a password where `passwords`, and by a proxy's word where the
    settings name its header."""

    engine: Engine
    clock: Callable[[], datetime]
    keys: Sequence[str]  # newest first
    desk: Desk
    local: bool
    passwords: bool
    links: Links = field(default_factory=Links)

    @property
    def secure(self) -> bool:
        """Whether it is reached by https."""
        return self.desk.url.startswith("https://")

    @property
    def root(self) -> str:
        """The path below which the desk lives, mostly empty."""
        return urlsplit(self.desk.url).path

    @property
    def hosts(self) -> frozenset[str]:
        """The names the desk answers to, in lower case: on one's own machine only that machine's own, lest a name that a stranger points there
        (DNS rebinding) is taken for it."""
        named = urlsplit(self.desk.url).hostname
        return HERE | ({f"[{named}]" if ":" in named else named} if named else set())

    def csrf(self, whom: str) -> str:
        """What the forms of `whom` (a session's hash, a name that a proxy vouches for) bring back."""
        return _code(self.keys[0], whom)

    def is_csrf(self, given: str, whom: str) -> bool:
        said = given.encode("utf-8", "replace")
        return any(hmac.compare_digest(said, _code(key, whom).encode()) for key in self.keys)


def open_entrance(engine: Engine, desk: Desk, listen: Listen, *, keys: Sequence[str], clock: Callable[[], datetime]) -> Entrance:
    """The ways in for a desk at `listen`. `SettingsError` where others could reach it, but nobody could be told from anybody."""
    with reading(engine).begin() as connection:
        passwords = any_open(connection)
    if passwords:
        prepare()
    shared = not is_loopback(listen) or bool(desk.url) or bool(desk.user_header)
    if shared:
        _require_sound(desk, listen, passwords=passwords)
    return Entrance(engine=engine, clock=clock, keys=tuple(keys), desk=desk, local=not shared and not passwords, passwords=passwords)


def is_loopback(listen: Listen) -> bool:
    """Whether only this machine can reach it, as a browser does: by a port of the loopback."""
    if listen.path or not listen.host:
        return False
    try:
        return ip_address(listen.host).is_loopback
    except ValueError:
        return listen.host.lower() == "localhost"


def entrance_of(request: Request) -> Entrance:
    entrance: Entrance = request.app.state.entrance
    return entrance


def _require_sound(desk: Desk, listen: Listen, *, passwords: bool) -> None:
    beyond = BEYOND.format(listen=listen)
    if not passwords and not desk.user_header:
        raise SettingsError(f"{beyond} there is no account yet: run `digest editors add NAME --role admin`, or name a proxy's [desk] user_header.")
    if not desk.url:
        raise SettingsError(f"{beyond} [desk] url is empty: name the https:// address by which editors reach it.")


def _code(key: str, whom: str) -> str:
    return hmac.digest(key.encode(), f"desk.csrf:{whom}".encode(), "sha256").hex()
