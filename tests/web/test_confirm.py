"""/confirm/TOKEN: the second yes."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from digest.delivery.tables import DeliveryRow
from digest.limits import LimitRow
from subscribers.address import parse_address
from subscribers.people import history
from subscribers.tables import Subscription, SubscriptionState
from subscribers.tokens import Purpose, sign, sign_dated
from tests.web.signing_up import ADDRESS, KEYS, SITE, House, hidden, settings

PENDING, CONFIRMED = SubscriptionState.PENDING, SubscriptionState.CONFIRMED


@pytest.fixture
def house(engine: Engine, now: datetime) -> House:
    return House(engine=engine, now=now)


def link(house: House, subscriber: str, *, age: timedelta = timedelta()) -> str:
    return f"/confirm/{sign_dated(Purpose.CONFIRM, subscriber, house.now - age, KEYS)}"


def states(house: House) -> dict[str, SubscriptionState]:
    with house.store() as connection:
        return {row.newsletter: row.state for row in connection.execute(select(Subscription.newsletter, Subscription.state))}


def letters(house: House) -> list[str]:
    with house.store() as connection:
        return list(connection.scalars(select(DeliveryRow.letter).where(DeliveryRow.edition_id.is_(None))))


def test_one_press_confirms_and_says_so_however_often(house: House) -> None:
    path = link(house, house.reader("weekly", state=PENDING))
    page = house.client.get(path)
    assert "The Lantern Weekly" in page.text
    assert states(house) == {"weekly": PENDING}
    for _ in range(2):
        answer = house.client.post(path, data=hidden(page.text))
        assert answer.status_code == 200
        assert "You are in" in answer.text
    assert states(house) == {"weekly": CONFIRMED}
    assert letters(house) == ["welcome"]
    assert house.woken == 2
    assert "You are in" in house.client.get(path).text


def test_what_was_said_and_how_is_on_record(house: House) -> None:
    path = link(house, house.reader("weekly", state=PENDING))
    house.client.post(path, data={"newsletters": "weekly"})
    with house.store() as connection:
        last = history(connection, parse_address(ADDRESS))[-1]
    assert (last.state, last.how, last.origin, last.at) == (CONFIRMED, "confirmation letter", f"{SITE}/confirm", house.now)


def test_of_several_only_the_ticked_are_confirmed(house: House) -> None:
    path = link(house, house.reader("weekly", "tides", state=PENDING))
    assert house.client.get(path).text.count(" checked") == 2
    answer = house.client.post(path, data={"newsletters": "tides"})
    assert states(house) == {"weekly": PENDING, "tides": CONFIRMED}
    assert "The Lantern Weekly" in answer.text  # what is left is offered once more
    house.client.post(path, data={"newsletters": ["weekly", "closed", "nothing"]})
    assert states(house) == {"weekly": CONFIRMED, "tides": CONFIRMED}


def test_opening_the_page_confirms_nothing(house: House) -> None:
    path = link(house, house.reader("weekly", state=PENDING))
    assert house.client.get(path).status_code == 200
    assert house.client.head(path).status_code == 200
    assert states(house) == {"weekly": PENDING}


def test_an_old_link_confirms_nothing_and_brings_a_new_letter(house: House) -> None:
    path = link(house, house.reader("weekly", state=PENDING), age=timedelta(hours=73))
    assert "too old" in house.client.get(path).text
    answer = house.client.post(path, data={"newsletters": "weekly"})
    assert "look into your mailbox" in answer.text
    assert ADDRESS not in answer.text
    assert states(house) == {"weekly": PENDING}
    assert [(wish.address, wish.newsletters) for wish in house.wishes()] == [(ADDRESS, {"weekly"})]


def test_new_letters_have_their_limit(engine: Engine, now: datetime) -> None:
    house = House(engine=engine, now=now, settings=settings(sign_ups_per_client=2))
    path = link(house, house.reader("weekly", state=PENDING), age=timedelta(days=9))
    assert [house.client.post(path).status_code for _ in range(3)] == [200, 200, 429]
    assert len(house.wishes()) == 2
    with house.store() as connection:
        assert all("example" not in name for name in connection.scalars(select(LimitRow.name)))


def test_an_old_link_of_somebody_confirmed_is_friendly(house: House) -> None:
    path = link(house, house.reader("weekly"), age=timedelta(days=90))
    assert "You are in" in house.client.get(path).text
    assert "You are in" in house.client.post(path).text
    assert house.wishes() == []


def test_where_nothing_waits_the_way_back_is_shown(house: House) -> None:
    path = link(house, house.reader("weekly", state=SubscriptionState.UNSUBSCRIBED))
    assert "Nothing waits" in house.client.get(path).text
    house.client.post(path, data={"newsletters": "weekly"})
    assert states(house) == {"weekly": SubscriptionState.UNSUBSCRIBED}
    assert "Nothing waits" in house.client.get(link(house, "nobody")).text


def test_a_link_made_for_something_else_opens_nothing(house: House) -> None:
    ann = house.reader("weekly", state=PENDING)
    for token in (sign(Purpose.PREFERENCES, ann, KEYS), sign(Purpose.CONFIRM, ann, KEYS), sign_dated(Purpose.DATA, ann, house.now, KEYS), "x"):
        assert house.client.get(f"/confirm/{token}").status_code == 404
        assert house.client.post(f"/confirm/{token}", data={"newsletters": "weekly"}).status_code == 404
    assert states(house) == {"weekly": PENDING}


def test_the_welcome_page_leads_to_the_readers_own(house: House) -> None:
    path = link(house, house.reader("weekly"))
    page = house.client.get(path).text
    own = page.split('href="/preferences/')[1].split('"')[0]
    assert house.client.get(f"/preferences/{own}").status_code == 200
