"""The whole way of a reader over the pages: from the form to being forgotten."""

from datetime import datetime

import pytest
from sqlalchemy import Engine, select

from digest.delivery.tables import DeliveryRow
from digest.sign_up import take_up
from subscribers.tables import Subscriber
from subscribers.tokens import Purpose, sign_dated
from tests.web.pages import forms, heading
from tests.web.signing_up import ADDRESS, KEYS, SITE, House, hidden, words


@pytest.fixture
def house(engine: Engine, now: datetime) -> House:
    return House(engine=engine, now=now)


def the_reader(house: House) -> str:
    with house.store() as connection:
        found: str = connection.scalars(select(Subscriber.public_id)).one()
    return found


def letters(house: House) -> list[str]:
    with house.store() as connection:
        return list(connection.scalars(select(DeliveryRow.letter).order_by(DeliveryRow.id)))


def test_from_the_form_to_being_forgotten(house: House) -> None:
    house.subscribe(path="/subscribe/tides", name="Ann", page="https://lantern.example/a")
    assert take_up(house.engine, house.settings, keys=KEYS, now=house.now) == 1
    assert letters(house) == ["confirm"]

    confirm = f"/confirm/{sign_dated(Purpose.CONFIRM, the_reader(house), house.now, KEYS)}"
    fields = hidden(house.client.get(confirm).text)
    house.wait(2)
    page = house.client.post(confirm, data=fields).text
    assert heading(page) == "You are in"
    assert letters(house) == ["confirm", "welcome"]

    own = "/preferences/" + page.split('href="/preferences/')[1].split('"')[0]
    [(action, kept), *_] = forms(house.client.get(own).text).items()
    assert (action, kept) == (own, {"had": "tides", "had-name": "Ann", "had-language": "en", "had-time_zone": ""})
    assert heading(house.client.post(own, data={"do": "data"}).text) == "Your newsletters"
    assert letters(house) == ["confirm", "welcome", "data"]
    data = f"/data/{sign_dated(Purpose.DATA, the_reader(house), house.now, KEYS)}"
    said = words(house.client.get(data).text)
    for text in (ADDRESS, "Yes, the tides.", "https://lantern.example/a", f"{SITE}/confirm"):
        assert text in said

    assert heading(house.client.post(data, data={"sure": "yes"}).text) == "You are forgotten"
    assert house.people() == 0
    assert heading(house.client.get(own).text) == "Nobody is kept here any more"

    house.subscribe(path="/subscribe/tides")
    take_up(house.engine, house.settings, keys=KEYS, now=house.now)
    assert house.people() == 1
