"""The page of the people who edit: an admin lets them in, gives them roles, signs them out and takes them off."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from digest.accounts import accounts
from digest.accounts.log import latest
from digest.accounts.roles import DeskRole
from tests.desk.entering import SHARED, House, press

PASSWORD = "four words in a row"


@pytest.fixture
def house(engine: Engine, tmp_path: Path, now: datetime) -> House:
    return House(engine=engine, folder=tmp_path, now=now)


def people(house: House) -> list[tuple[str, str]]:
    with house.engine.connect() as connection:
        return sorted((one.name, one.role.value) for one in accounts.everybody(connection, now=house.now) if one.closed_at is None)


def test_the_first_account_is_made_on_ones_own_machine(house: House) -> None:
    client = house.local()
    assert "No accounts yet" in client.get("/editors").text
    refused = press(client, "/editors", "/editors/add", {"name": "Ana", "role": "writer", "password": PASSWORD})
    assert (refused.status_code, "must be an admin" in refused.text, 'value="Ana"' in refused.text) == (409, True, True)
    assert PASSWORD not in refused.text
    assert press(client, "/editors", "/editors/add", {"name": "Ana", "role": "admin", "password": PASSWORD}).status_code == 303
    assert people(house) == [("Ana", "admin")]
    assert client.get("/editors").status_code == 200  # until its next start nobody is asked for a password
    assert house.client().get("/").headers["location"].startswith("/sign-in")


def test_roles_passwords_and_ends(engine: Engine, tmp_path: Path, now: datetime) -> None:
    house = House(engine=engine, folder=tmp_path, now=now, settings=f'[desk]\nurl = "{SHARED}"\n')
    ana = house.account("Ana", DeskRole.ADMIN)
    ben = house.account("Ben", DeskRole.WRITER)
    entrance = house.entrance()
    client, theirs = house.signed_in(ana, DeskRole.ADMIN, entrance), house.signed_in(ben, DeskRole.WRITER, entrance)
    assert theirs.get("/editors").status_code == 403
    assert "/editors" not in theirs.get("/").text
    assert press(client, "/editors", "/editors/role", {"account": ben, "role": "admin"}).headers["location"] == "/editors?done=role"
    assert theirs.get("/editors").status_code == 200
    assert press(client, "/editors", "/editors/password", {"account": ben, "password": "another four words"}).status_code == 303
    assert theirs.get("/").status_code == 303
    assert press(client, "/editors", "/editors/close", {"account": ben}).status_code == 303
    assert "only admin" in press(client, "/editors", "/editors/close", {"account": ana}).text
    assert people(house) == [("Ana", "admin")]
    with engine.connect() as connection:
        assert [line.detail["did"] for line in latest(connection)] == ["closed", "password", "role"]


@pytest.mark.parametrize(("fields", "status"), [
    ({"account": "x", "role": "admin"}, 400), ({"account": "", "role": "admin"}, 400), ({"account": "9" * 30, "role": "admin"}, 400),
    ({"account": "٣", "role": "admin"}, 400), ({"account": "1", "role": "owner"}, 400), ({"account": "1"}, 400),
    ({"account": "999", "role": "admin"}, 409),
])  # fmt: skip
def test_what_makes_no_sense_changes_nothing(house: House, fields: dict[str, str], status: int) -> None:
    client = house.local()
    assert press(client, "/editors", "/editors/role", fields).status_code == status
    with house.engine.connect() as connection:
        assert [line.what for line in latest(connection)] == ["sign in"]
