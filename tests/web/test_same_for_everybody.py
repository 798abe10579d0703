"""No answer, and no work behind it, tells whether an address is known here."""

import logging
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from statistics import median
from typing import Any

import pytest
from sqlalchemy import Engine, event

from digest.sign_up import take_up
from subscribers.address import parse_address
from subscribers.erase import erase
from subscribers.suppression import suppress
from subscribers.tables import SubscriptionState, SuppressionReason
from tests.web.signing_up import KEYS, House, hidden, settings

ROUNDS = 20
PEOPLE = ("nobody", "known", "waiting", "gone", "bounced", "erased", "asked")


@pytest.fixture
def house(engine: Engine, now: datetime) -> House:
    """With one of each kind of reader; all names are of one length."""
    house = House(engine=engine, now=now, settings=settings(sign_ups_per_client=10_000))
    house.reader("weekly", address=address("known"))
    house.reader("weekly", address=address("waiting"), state=SubscriptionState.PENDING)
    house.reader("weekly", address=address("gone"), state=SubscriptionState.UNSUBSCRIBED)
    house.reader("weekly", address=address("erased"))
    with house.store() as connection:
        suppress(connection, parse_address(address("bounced")), reason=SuppressionReason.BOUNCE, keys=KEYS, now=now)
        erase(connection, parse_address(address("erased")), keys=KEYS, now=now)
    house.subscribe(address("asked"))
    return house


def address(who: str) -> str:
    return f"{who:-<8}@example.org"


@pytest.fixture
def work(engine: Engine) -> Iterator[list[str]]:
    """The statements that went to the database, and where transactions began and ended."""
    seen: list[str] = []
    heard: list[tuple[str, Callable[..., None]]] = [
        ("before_cursor_execute", lambda *said: seen.append(f"{said[2]} ({_shape(said[3])})")),
        ("begin", lambda connection: seen.append("begin")),
        ("commit", lambda connection: seen.append("commit")),
        ("rollback", lambda connection: seen.append("rollback")),
    ]
    for name, hear in heard:
        event.listen(engine, name, hear)
    yield seen
    for name, hear in heard:
        event.remove(engine, name, hear)


def _shape(given: Any) -> str:
    """The kinds of a statement's values, and how long its texts are."""
    values = given.values() if isinstance(given, dict) else given
    return ", ".join(f"text of {len(one)}" if isinstance(one, str) else type(one).__name__ for one in values)


def asked(house: House, who: str, accept: str) -> Any:
    stamp = house.client.get("/stamp").json()["stamp"]
    house.wait(3)
    form = {"email": address(who), "newsletters": "weekly", "stamp": stamp, "name": "Ann", "page": "https://lantern.example/", "language": "en"}
    return house.client.post("/subscribe", data=form, headers={"Accept": accept})


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_every_address_gets_the_same_bytes_for_the_same_work(house: House, work: list[str], accept: str) -> None:
    answers, done = [], []
    for who in PEOPLE:
        work.clear()
        answers.append(asked(house, who, accept))
        done.append(list(work))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert len({tuple(answer.headers.raw) for answer in answers}) == 1
    assert done[0]
    assert [who for who, one in zip(PEOPLE, done, strict=True) if one != done[0]] == []


def test_so_does_the_press_on_the_page_in_between(house: House, work: list[str]) -> None:
    answers, done, early = [], [], set()
    for who in PEOPLE:
        first = house.client.post("/subscribe", data={"email": address(who), "newsletters": "weekly", "language": "en"})
        wish = hidden(first.text)["wish"]
        early.add((first.text.replace(wish, ""), house.client.post("/subscribe", data={"wish": wish}).text.replace(wish, "")))
        house.wait(3)
        work.clear()
        answers.append(house.client.post("/subscribe", data={"wish": wish}))
        done.append(list(work))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert len(early) == 1
    assert [who for who, one in zip(PEOPLE, done, strict=True) if one != done[0]] == []


def test_it_stays_so_when_wishes_were_taken_up(house: House, work: list[str]) -> None:
    """What a sign-up leads to is done by somebody else, later."""
    for who in PEOPLE:
        asked(house, who, "text/html")
    take_up(house.engine, house.settings, keys=KEYS, now=house.now)
    done = []
    for who in PEOPLE:
        work.clear()
        asked(house, who, "text/html")
        done.append(list(work))
    assert [who for who, one in zip(PEOPLE, done, strict=True) if one != done[0]] == []


def test_how_long_it_takes_is_told_and_not_judged(house: House) -> None:
    """In turns, so that what else the machine does is everybody's. The medians go to the log (--log-cli-level=INFO)."""
    taken: dict[str, list[float]] = {who: [] for who in PEOPLE}
    for _ in range(ROUNDS):
        for who in PEOPLE:
            begun = time.perf_counter()
            assert asked(house, who, "application/json").status_code == 200
            taken[who].append(time.perf_counter() - begun)
    medians = {who: f"{median(times) * 1_000:.2f} ms" for who, times in taken.items()}
    logging.getLogger(__name__).info("median of %d sign-ups on %s: %s", ROUNDS, house.engine.dialect.name, medians)
