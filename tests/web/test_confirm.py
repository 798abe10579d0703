"""/confirm/TOKEN: the second yes."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from digest.delivery.tables import DeliveryRow
from digest.limits import LimitRow
from digest.render.translation import translations
from digest.web.stamp import new_stamp
from subscribers.address import parse_address
from subscribers.people import history
from subscribers.tables import Subscription, SubscriptionState
from subscribers.tokens import Purpose, sign, sign_dated
from tests.web.pages import filled, heading
from tests.web.signing_up import ADDRESS, KEYS, SITE, House, hidden, settings, words

PENDING, CONFIRMED = SubscriptionState.PENDING, SubscriptionState.CONFIRMED


@pytest.fixture
def house(engine: Engine, now: datetime) -> House:
    return House(engine=engine, now=now)


def link(house: House, subscriber: str, *, age: timedelta = timedelta()) -> str:
    return f"/confirm/{sign_dated(Purpose.CONFIRM, subscriber, house.now - age, KEYS)}"


def pressed(house: House, path: str, newsletters: str | list[str] = "weekly", *, after: float = 5) -> Any:
    """The page is opened, and its button pressed so many seconds later with this choice."""
    page = house.client.get(path).text
    house.wait(after)
    return house.client.post(path, data={**hidden(page), "newsletters": newsletters})


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
    house.wait(2)
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
    pressed(house, path)
    with house.store() as connection:
        last = history(connection, parse_address(ADDRESS))[-1]
    assert (last.state, last.how, last.origin, last.at) == (CONFIRMED, "confirmation letter", f"{SITE}/confirm", house.now)


def test_of_several_only_the_ticked_are_confirmed(house: House) -> None:
    path = link(house, house.reader("weekly", "tides", state=PENDING))
    assert house.client.get(path).text.count(" checked") == 2
    answer = pressed(house, path, "tides")
    assert states(house) == {"weekly": PENDING, "tides": CONFIRMED}
    assert "The Lantern Weekly" in answer.text  # what is left is offered once more
    pressed(house, path, ["weekly", "closed", "nothing"])
    assert states(house) == {"weekly": CONFIRMED, "tides": CONFIRMED}


def test_opening_the_page_confirms_nothing(house: House) -> None:
    path = link(house, house.reader("weekly", state=PENDING))
    assert house.client.get(path).status_code == 200
    assert house.client.head(path).status_code == 200
    assert states(house) == {"weekly": PENDING}


def test_who_opens_the_page_and_presses_after_two_seconds_notices_nothing(house: House) -> None:
    path = link(house, house.reader("weekly", state=PENDING))
    assert heading(pressed(house, path, after=2).text) == "You are in"
    assert states(house) == {"weekly": CONFIRMED}


def test_16_a_press_in_no_time_is_asked_for_once_more(house: House) -> None:
    """Scanners of mail press the buttons behind its links, and nobody is signed up by one."""
    path = link(house, house.reader("weekly", state=PENDING))
    again = pressed(house, path, after=1)
    assert (again.status_code, heading(again.text)) == (200, "One more press")
    assert "press once more" in words(again.text)
    assert (states(house), letters(house), house.woken) == ({"weekly": PENDING}, [], 0)
    assert heading(house.client.post(path, data=hidden(again.text)).text) == "You are in"
    assert (states(house), letters(house)) == ({"weekly": CONFIRMED}, ["welcome"])


def test_a_double_click_is_asked_once_more_and_says_why_each_time(house: House) -> None:
    path = link(house, house.reader("weekly", state=PENDING))
    fields = hidden(house.client.get(path).text)
    for _ in range(2):
        answer = house.client.post(path, data=fields)
        assert heading(answer.text) == "One more press"
        assert "That press came at once" in words(answer.text)
    assert states(house) == {"weekly": PENDING}


def test_asked_once_more_the_choice_is_kept(house: House) -> None:
    path = link(house, house.reader("weekly", "tides", state=PENDING))
    again = pressed(house, path, "tides", after=0)
    assert filled(again.text)["newsletters"] == ["tides"]
    house.client.post(path, data=filled(again.text))
    assert states(house) == {"weekly": PENDING, "tides": CONFIRMED}


def test_19_a_press_of_another_page_another_person_or_nobody_is_none(house: House) -> None:
    ann, bob = house.reader("weekly", state=PENDING), house.reader("weekly", address="bob@example.org", state=PENDING)
    path, his = link(house, ann), link(house, bob)
    with house.store() as connection:
        subscription = connection.scalars(select(Subscription.public_id).where(Subscription.state == PENDING).order_by(Subscription.id)).first()
    leave = house.client.get(f"/leave/{sign(Purpose.LEAVE, str(subscription), KEYS)}").text
    foreign = [hidden(house.client.get(his).text)["press"], hidden(house.client.post(his).text)["press"], hidden(leave)["press"]]
    own = hidden(house.client.get(path).text)["press"]
    house.wait(60)
    forms = [{}, *({"press": press} for press in ("", "x", own[:-1], own.replace("~", "~0"), new_stamp(KEYS, house.now), *foreign))]
    for form in forms:
        assert heading(house.client.post(path, data={"newsletters": "weekly", **form}).text) == "One more press"
    assert states(house) == {"weekly": PENDING}
    with house.store() as connection:
        assert connection.scalars(select(Subscription.state)).all() == [PENDING, PENDING]


@pytest.mark.parametrize(("language", "said"), [("de", "noch einmal"), ("fr", "encore une fois"), ("es", "otra vez"), ("ar", "مرة أخرى")])
def test_why_it_is_asked_again_is_said_in_the_readers_language(house: House, language: str, said: str) -> None:
    path = link(house, house.reader("weekly", state=PENDING))
    answer = house.client.post(path, headers={"Accept-Language": language})
    assert heading(answer.text) == translations(language).gettext("One more press")
    assert said in words(answer.text)


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
