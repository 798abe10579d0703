"""/data/TOKEN: all that is kept of a person, and its end."""

import json
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, event, select

from digest.delivery.tables import DeliveryRow
from subscribers.address import parse_address
from subscribers.edit import Changes, edit
from subscribers.errors import Nobody
from subscribers.suppression import is_suppressed
from subscribers.tokens import Purpose, sign, sign_dated
from tests.web.signing_up import ADDRESS, KEYS, House


@pytest.fixture
def house(engine: Engine, now: datetime) -> House:
    return House(engine=engine, now=now)


def link(house: House, subscriber: str, *, age: timedelta = timedelta()) -> str:
    return f"/data/{sign_dated(Purpose.DATA, subscriber, house.now - age, KEYS)}"


def test_everything_is_shown_in_words(house: House) -> None:
    page = house.client.get(link(house, house.reader("weekly", "tides"))).text
    for text in (ADDRESS, "Ann", "The Lantern Weekly", "Tides &amp; Winds", "It comes to you", "November 23, 2026"):
        assert text in page


def test_everything_can_be_taken_along(house: House) -> None:
    ann = house.reader("weekly", "tides")
    answer = house.client.get(f"{link(house, ann)}/my-data.json")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="my-data.json"'
    assert answer.headers["Content-Type"] == "application/json"
    kept = json.loads(answer.text)
    assert kept["person"]["address"] == ADDRESS
    assert [one["newsletter"] for one in kept["subscriptions"]] == ["weekly", "tides"]


def test_the_link_is_good_for_an_hour(house: House) -> None:
    ann = house.reader("weekly")
    path = link(house, ann, age=timedelta(minutes=61))
    for late in (path, f"{path}/my-data.json"):
        assert "too old" in house.client.get(late).text
        assert ADDRESS not in house.client.get(late).text
    answer = house.client.post(path, data={"sure": "yes"})
    assert "is on its way" in answer.text
    assert house.people() == 1
    with house.store() as connection:
        assert list(connection.scalars(select(DeliveryRow.letter))) == ["data"]


def test_forgetting_wants_to_be_sure(house: House) -> None:
    path = link(house, house.reader("weekly"))
    answer = house.client.post(path)
    assert answer.status_code == 400
    assert "Nothing was removed" in answer.text
    assert house.people() == 1


def test_forgotten_is_forgotten_and_stays_so(house: House) -> None:
    path = link(house, house.reader("weekly"))
    for _ in range(2):
        answer = house.client.post(path, data={"sure": "yes"})
        assert answer.status_code == 200
        assert "You are forgotten" in answer.text
    assert "You are forgotten" in house.client.get(path).text
    assert "You are forgotten" in house.client.get(f"{path}/my-data.json").text
    assert house.people() == 0
    with house.store() as connection:
        assert is_suppressed(connection, parse_address(ADDRESS), keys=KEYS)


def test_looking_changes_nothing(house: House) -> None:
    path = link(house, house.reader("weekly"))
    before = house.client.get(f"{path}/my-data.json").text
    assert house.client.head(path).status_code == 200
    assert house.client.get(path).status_code == 200
    assert house.client.get(f"{path}/my-data.json").text == before


def test_a_link_made_for_something_else_opens_nothing(house: House) -> None:
    ann = house.reader("weekly")
    for token in (sign(Purpose.PREFERENCES, ann, KEYS), sign(Purpose.DATA, ann, KEYS), sign_dated(Purpose.CONFIRM, ann, house.now, KEYS), "x"):
        assert house.client.get(f"/data/{token}").status_code == 404
        assert house.client.get(f"/data/{token}/my-data.json").status_code == 404
        assert house.client.post(f"/data/{token}", data={"sure": "yes"}).status_code == 404
    assert house.people() == 1


def test_forgotten_is_the_person_whatever_becomes_of_their_address_between_two_looks(house: House) -> None:
    path = link(house, house.reader("weekly"))
    address, looks, moving = ADDRESS, 0, False

    def move(*arguments: object) -> None:
        """Whenever the pages have looked at something, an operator gives the person another address, if they are still there."""
        nonlocal address, looks, moving
        if moving:
            return
        looks, moving, new = looks + 1, True, f"ann{looks}@new.example"
        with suppress(Nobody), house.store() as connection:
            edit(connection, parse_address(address), Changes(address=parse_address(new)), keys=KEYS)
            address = new
        moving = False

    event.listen(house.engine, "checkin", move)
    answer = house.client.post(path, data={"sure": "yes"})
    event.remove(house.engine, "checkin", move)
    assert looks > 1
    assert "You are forgotten" in answer.text
    assert house.people() == 0
