"""Which ways into the desk are open, and where it does not start at all."""

from datetime import datetime
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine

from digest.accounts.roles import DeskRole
from digest.desk.door.entrance import is_loopback, open_entrance
from digest.errors import SettingsError
from digest.listen import close_socket, open_socket, parse_listen
from digest.publication import Desk
from tests.desk.entering import House


@pytest.fixture
def house(engine: Engine, tmp_path: Path, now: datetime) -> House:
    return House(engine=engine, folder=tmp_path, now=now)


def ways(house: House, **desk: object) -> tuple[bool, bool]:
    settings = Desk.model_validate(desk)
    found = open_entrance(house.engine, settings, parse_listen(settings.listen), keys=["key"], clock=house.clock)
    return found.local, found.passwords


@pytest.mark.parametrize(("listen", "loopback"), [
    ("127.0.0.1:8020", True), ("127.1.2.3:1", True), ("[::1]:8020", True), ("localhost:8020", True), ("LOCALHOST:8020", True),
    (":8020", False), ("0.0.0.0:8020", False), ("[::]:8020", False), ("192.168.0.9:8020", False), ("desk.lantern.example:80", False),
    ("localhost.evil.example:80", False), ("unix:/run/desk.sock", False),
])  # fmt: skip
def test_what_only_this_machine_can_reach(listen: str, loopback: bool) -> None:
    assert is_loopback(parse_listen(listen)) is loopback


def test_on_ones_own_machine_a_link_is_enough(house: House) -> None:
    assert ways(house) == (True, False)


def test_once_there_is_an_account_no_link_opens_it(house: House) -> None:
    house.account("Ana", DeskRole.ADMIN)
    assert ways(house) == (False, True)


@pytest.mark.parametrize("listen", [":8020", "0.0.0.0:8020", "unix:/run/desk.sock"])
def test_a_desk_that_others_could_reach_does_not_start_open(house: House, listen: str) -> None:
    with pytest.raises(SettingsError, match="digest editors add"):
        ways(house, listen=listen, url="https://desk.lantern.example")
    house.account("Ana", DeskRole.ADMIN)
    with pytest.raises(SettingsError, match="url is empty"):
        ways(house, listen=listen)
    assert ways(house, listen=listen, url="https://desk.lantern.example") == (False, True)


@pytest.mark.parametrize(("section", "mode"), [("desk", 0o660), ("pages", 0o666)])
def test_a_unix_socket_of_the_desk_is_for_its_own_user_and_group(tmp_path: Path, section: str, mode: int) -> None:
    """Who may open it may say who asks."""
    listen = parse_listen(f"unix:{tmp_path}/desk.sock", section)
    opened = open_socket(listen)
    assert Path(listen.path).stat().st_mode & 0o777 == mode
    close_socket(opened, listen)


def test_an_address_that_is_none_is_told_with_its_section() -> None:
    with pytest.raises(SettingsError, match=r"\[desk\] listen"):
        parse_listen("nowhere", "desk")


def test_behind_a_proxy_on_the_same_machine_no_link_opens_it_either(house: House) -> None:
    assert ways(house, user_header="Remote-User", url="https://desk.lantern.example") == (False, False)
    with pytest.raises(SettingsError, match="digest editors add"):
        ways(house, url="https://desk.lantern.example")


@pytest.mark.parametrize(
    "desk",
    [
        {"url": "http://desk.lantern.example"},
        {"user_header": "Cookie"},
        {"user_header": "X_Forwarded_User"},
        {"user_header": "X-Forwarded-For"},
        {"user_header": "Two words"},
        {"role_header": "Remote-Groups"},
        {"trusted_proxies": ["everybody"]},
        {"default_role": "owner"},
    ],
    ids=str,
)
def test_settings_that_would_let_strangers_in_are_refused(desk: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Desk.model_validate(desk)


def test_the_roles_of_the_settings_are_those_there_are() -> None:
    assert [Desk(default_role=role.value).default_role for role in DeskRole] == [role.value for role in DeskRole]
