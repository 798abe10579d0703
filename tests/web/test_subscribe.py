"""To subscribe: forms, mistakes, programs kept out, and one answer for everybody."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine, select

from subscribers.address import parse_address
from subscribers.suppression import suppress
from subscribers.tables import SubscriptionState, SuppressionReason, Wording
from subscribers.wording import version
from tests.web.signing_up import ADDRESS, KEYS, House, hidden, settings


@pytest.fixture
def house(engine: Engine, now: datetime) -> House:
    return House(engine=engine, now=now)


def test_the_form_shows_what_is_open_and_ticks_nothing(house: House) -> None:
    page = house.client.get("/subscribe").text
    assert "The Lantern Weekly" in page
    assert "Tides &amp; Winds" in page
    assert "Closed" not in page
    assert " checked" not in page
    assert "It comes every day." in page
    assert "Tides &amp; Winds: Yes, the tides." in page


def test_a_closed_or_unknown_newsletter_has_no_form(house: House) -> None:
    assert house.client.get("/subscribe/closed").status_code == 404
    assert house.client.get("/subscribe/nothing").status_code == 404


def test_a_wish_is_taken_in_with_all_that_was_said(house: House) -> None:
    answer = house.subscribe(name="Ann", time_zone="Europe/Berlin", more={"cadence-weekly": "monthly", "sections-weekly": ["Council", "Kitchen"]})
    assert answer.status_code == 200
    assert "hello@lantern.example" in answer.text
    [wish] = house.wishes()
    assert (wish.address, wish.newsletters, wish.name, wish.language, wish.time_zone) == (ADDRESS, {"weekly"}, "Ann", "en", "Europe/Berlin")
    assert (wish.cadence, wish.sections) == ("monthly", {"Council", "Kitchen"})
    assert wish.origin == "https://letters.lantern.example/subscribe/weekly"
    assert house.woken == 1


def test_the_words_beside_the_button_are_kept_when_somebody_agrees_to_them(house: House) -> None:
    house.subscribe(path="/subscribe/tides")
    with house.store() as connection:
        texts = list(connection.scalars(select(Wording.text)))
    assert texts == ["Yes, the tides."]
    assert house.wishes()[0].wording == version("Yes, the tides.")


def test_several_newsletters_wanted_in_different_ways_are_one_wish_each(house: House) -> None:
    house.subscribe(path="/subscribe", newsletters=["weekly", "tides", "quick"], more={"cadence-weekly": "monthly"})
    assert [(wish.cadence, wish.newsletters) for wish in house.wishes()] == [("", {"tides", "quick"}), ("monthly", {"weekly"})]


def test_known_unknown_left_and_suppressed_are_answered_alike_at_the_same_price(house: House) -> None:
    house.reader("weekly", address="known@example.org")
    house.reader("weekly", address="waits@example.org", state=SubscriptionState.PENDING)
    house.reader("weekly", address="left@example.org", state=SubscriptionState.UNSUBSCRIBED)
    with house.store() as connection:
        suppress(connection, parse_address("bad@example.org"), reason=SuppressionReason.COMPLAINT, keys=KEYS, now=house.now)
    answers = [house.subscribe(f"{who}@example.org") for who in ("nobody", "known", "waits", "left", "bad")]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert "example.org" not in answers[0].text
    assert len(house.wishes()) == 5


@pytest.mark.parametrize("address", ["", "ann", "ann@", "@example.org", "ann example@example.org", "ann@localhost", "a" * 300 + "@example.org"])
def test_a_wrong_address_is_told_and_not_repeated(house: House, address: str) -> None:
    answer = house.subscribe(address)
    assert answer.status_code == 400
    assert "does not look like an e-mail address" in answer.text
    assert not address or f'"{address}"' not in answer.text
    assert house.wishes() == []


def test_after_a_mistake_what_was_ticked_is_still_ticked(house: House) -> None:
    answer = house.subscribe("wrong", path="/subscribe", newsletters=["tides"])
    assert answer.text.count(" checked") == 1
    assert 'value="tides" checked' in answer.text


def test_without_a_newsletter_nothing_is_asked_for(house: House) -> None:
    for slug in ("", "closed", "nothing"):
        answer = house.subscribe(path="/subscribe", newsletters=slug)
        assert answer.status_code == 400
        assert "tick at least one" in answer.text
    assert house.wishes() == []


def test_throw_away_mailboxes_are_not_taken(engine: Engine, now: datetime) -> None:
    house = House(engine=engine, now=now, settings=settings(refused_domains=["@Rival.example"]))
    for address in ("ann@mailinator.com", "ann@some.mailinator.com", "ann@rival.example"):
        answer = house.subscribe(address)
        assert answer.status_code == 400
        assert "Throw-away" in answer.text
    house.subscribe("ann@notmailinator.com")
    assert [wish.address for wish in house.wishes()] == ["ann@notmailinator.com"]


def test_throw_away_mailboxes_may_be_let_in(engine: Engine, now: datetime) -> None:
    house = House(engine=engine, now=now, settings=settings(disposable=True))
    assert house.subscribe("ann@mailinator.com").status_code == 200


@pytest.mark.parametrize("fields", [{"website": "https://spam.example"}, {"stamp": ""}, {"stamp": "forged.stamp"}, {"wait": 1.0}])
def test_what_may_be_a_program_is_asked_to_press_once_more(house: House, fields: dict[str, Any]) -> None:
    answer = house.subscribe(**fields)
    assert answer.status_code == 400
    assert "One more press" in answer.text
    assert ADDRESS not in answer.text
    assert house.wishes() == []
    early = house.client.post("/subscribe", data=hidden(answer.text))
    assert "One more press" in early.text
    assert "did not count" in early.text and "did not count" not in answer.text
    house.wait(2)
    for _ in range(3):
        assert house.client.post("/subscribe", data=hidden(early.text)).status_code == 200
    assert [wish.address for wish in house.wishes()] == [ADDRESS]


def test_what_was_closed_while_a_page_waited_is_not_taken_in(house: House) -> None:
    answer = house.subscribe(wait=0)
    left = {slug: one for slug, one in house.settings.newsletters.items() if slug != "weekly"}
    later = House(engine=house.engine, now=house.now, settings=house.settings.model_copy(update={"newsletters": left}))
    later.wait(5)
    again = later.client.post("/subscribe", data=hidden(answer.text))
    assert again.status_code == 400
    assert "tick at least one" in again.text
    assert house.wishes() == []


def test_a_form_that_lay_open_for_days_is_no_loss(house: House) -> None:
    answer = house.subscribe(wait=3 * 86_400)
    house.wait(3)
    assert house.client.post("/subscribe", data=hidden(answer.text)).status_code == 200
    assert len(house.wishes()) == 1


def test_a_stamp_is_good_for_one_sign_up(house: House) -> None:
    filled = {**house.form("/subscribe/weekly"), "email": ADDRESS}
    house.wait(3)
    assert house.client.post("/subscribe", data=filled).status_code == 200
    assert "One more press" in house.client.post("/subscribe", data={**filled, "email": "bob@example.org"}).text
    assert [wish.address for wish in house.wishes()] == [ADDRESS]


def test_a_double_click_is_one_wish(house: House) -> None:
    filled = {**house.form("/subscribe/weekly"), "email": ADDRESS}
    house.wait(3)
    first, second = (house.client.post("/subscribe", data=filled) for _ in range(2))
    assert (second.status_code, second.content) == (200, first.content)
    assert len(house.wishes()) == 1


def test_one_network_may_ask_only_so_often(engine: Engine, now: datetime) -> None:
    house = House(engine=engine, now=now, settings=settings(sign_ups_per_client=2))
    assert [house.subscribe(f"{number}@example.org", wait=3).status_code for number in range(3)] == [200, 200, 429]
    busy = house.subscribe("more@example.org")
    assert int(busy.headers["Retry-After"]) == 1801
    assert "patience" in busy.text
    assert len(house.wishes()) == 2
    house.wait(1801)
    assert house.subscribe("more@example.org").status_code == 200


def test_a_name_that_could_become_a_link_is_left_out(house: House) -> None:
    for name in ("Win at http://spam.example", "spam.example", "write to x@spam.example", "x" * 81):
        house.subscribe(f"a{len(name)}@example.org", name=name)
    house.subscribe("b@example.org", name="  Dr. Ann \t O’Neill ")
    assert [wish.name for wish in house.wishes()] == ["", "", "", "", "Dr. Ann O’Neill"]


@pytest.mark.parametrize(
    ("page", "headers", "origin"),
    [
        ("https://lantern.example/a/b?utm=1&who=ann@x.org#top", {}, "https://lantern.example/a/b"),
        ("https://ann:secret@lantern.example:8443/a", {}, "https://lantern.example:8443/a"),
        ("", {"Referer": "https://lantern.example/a/private?x=1"}, "https://lantern.example"),
        ("", {"Origin": "https://lantern.example"}, "https://lantern.example"),
        ("javascript:alert(1)", {"Origin": "null"}, ""),
        ("https://[broken", {}, ""),
    ],
)
def test_the_page_of_the_form_is_kept_without_what_it_need_not_tell(house: House, page: str, headers: dict[str, str], origin: str) -> None:
    filled = {**house.form("/subscribe/weekly"), "email": ADDRESS, "page": page}
    house.wait(3)
    house.client.post("/subscribe", data=filled, headers=headers)
    assert house.wishes()[0].origin == origin


def test_without_a_second_yes_no_letter_is_promised(house: House) -> None:
    answer = house.subscribe(path="/subscribe/quick")
    assert "Thank you" in answer.text
    assert "look into your mailbox" not in answer.text


def test_the_answer_speaks_the_language_of_the_form(house: House) -> None:
    german = house.client.get("/subscribe/weekly", headers={"Accept-Language": "de"}).text
    assert '<html lang="de"' in german
    house.wait(3)
    answer = house.client.post("/subscribe", data={**hidden(german), "email": ADDRESS}, headers={"Accept-Language": "fr"})
    assert '<html lang="de"' in answer.text
    assert house.wishes()[0].language == "de"


def test_opening_pages_changes_nothing(house: House) -> None:
    for path in ("/subscribe", "/subscribe/weekly", "/stamp", "/proof.js"):
        assert house.client.get(path).status_code == 200
        assert house.client.head(path).status_code == 200
    assert house.wishes() == []
    assert house.people() == 0
