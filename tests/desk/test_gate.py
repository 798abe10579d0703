"""Nobody gets past the gate who did not come by one of its ways, and nothing changes that no page of ours asked for."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from digest.accounts.roles import DeskRole
from tests.desk.entering import House, csrf


@pytest.fixture
def house(engine: Engine, tmp_path: Path, now: datetime) -> House:
    return House(engine=engine, folder=tmp_path, now=now)


def test_the_link_opens_the_desk_once(house: House) -> None:
    entrance = house.entrance()
    link = entrance.links.make(house.now)
    first, second = house.client(entrance), house.client(entrance)
    assert first.get("/").status_code == 403
    opened = first.get(link)
    assert (opened.status_code, opened.headers["location"]) == (303, "/")
    assert "httponly" in opened.headers["set-cookie"].lower()
    assert "samesite=strict" in opened.headers["set-cookie"].lower()
    assert first.get("/").status_code == 200
    again = second.get(link)
    assert again.status_code == 403
    assert "used already" in again.text
    assert second.get("/").status_code == 403


def test_a_post_needs_what_only_our_page_knows(house: House) -> None:
    client = house.local()
    token = csrf(client.get("/").text)
    assert client.post("/sign-out", data={}).status_code == 403
    assert client.post("/sign-out", data={"csrf": token}, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert client.get("/").status_code == 200
    assert client.post("/sign-out", data={"csrf": token}).status_code == 303
    assert client.get("/").status_code == 403


def test_a_desk_with_accounts_asks_for_a_password(house: House) -> None:
    house.account("Ana", DeskRole.ADMIN)
    client = house.client()
    turned = client.get("/?a=b")
    assert (turned.status_code, turned.headers["location"]) == (303, "/sign-in?next=%2F%3Fa%3Db")
    page = client.get(turned.headers["location"])
    assert page.status_code == 200
    assert client.post("/sign-in", data={"name": "ana", "password": "wrong words in a row"}).status_code == 403
    entered = client.post("/sign-in", data={"name": "ANA", "password": "four words in a row", "next": "/?a=b"})
    assert (entered.status_code, entered.headers["location"]) == (303, "/?a=b")
    assert client.get("/").status_code == 200
