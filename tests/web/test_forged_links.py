"""Links that nobody gave us: forged, cut, swapped, made for something else or somebody else, too old, from the future, or of a key that is gone.

Each is tried on every page that takes one, by every method: one answer for all of them, and no row of any table is different afterwards.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from starlette.testclient import TestClient

from digest.letter import DATA_LIFETIME
from digest.web.app import application
from digest.web.reception import Reception
from subscribers.tables import Base, Subscriber, Subscription, SubscriptionState
from subscribers.tokens import Purpose, sign, sign_dated
from tests.web.signing_up import KEYS, SITE, House

ANN, BOB = "ann@example.org", "bob@example.org"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
DATED = (Purpose.CONFIRM, Purpose.DATA, Purpose.STAMP, Purpose.WISH)
OF_SUBSCRIPTION = (Purpose.LEAVE, Purpose.VIEW)


@dataclass(frozen=True)
class Door:
    """A page that opens to a link: its purpose, its path after the token, and what would be done there."""

    purpose: Purpose
    path: str
    method: str = "POST"
    form: Mapping[str, str] | None = None


DOORS = (
    Door(Purpose.LEAVE, "/leave/{}", "GET"),
    Door(Purpose.LEAVE, "/leave/{}", form=ONE_CLICK),
    Door(Purpose.LEAVE, "/leave/{}", form={"press": "PRESS"}),
    *(Door(Purpose.LEAVE, f"/leave/{{}}/{act}", form={"press": "PRESS", "reason": "other"}) for act in ("why", "everything", "stay")),
    Door(Purpose.PREFERENCES, "/preferences/{}", "GET"),
    Door(Purpose.PREFERENCES, "/preferences/{}", form={"do": "save", "had": "weekly", "name": "Mallory", "newsletters": "tides"}),
    Door(Purpose.PREFERENCES, "/preferences/{}", form={"do": "leave"}),
    Door(Purpose.PREFERENCES, "/preferences/{}", form={"do": "data"}),
    Door(Purpose.CONFIRM, "/confirm/{}", "GET"),
    Door(Purpose.CONFIRM, "/confirm/{}", form={"press": "PRESS", "newsletters": "tides"}),
    Door(Purpose.DATA, "/data/{}", "GET"),
    Door(Purpose.DATA, "/data/{}/my-data.json", "GET"),
    Door(Purpose.DATA, "/data/{}", form={"sure": "yes"}),
    Door(Purpose.VIEW, "/view/weekly/20261123T0700Z/{}", "GET"),
)


def name(door: Door) -> str:
    return f"{door.method} {door.path} {' '.join((door.form or {}).values())}"


@dataclass(frozen=True)
class Ids:
    subscriber: str
    weekly: str  # her subscription

    def of(self, purpose: Purpose) -> str:
        return self.weekly if purpose in OF_SUBSCRIPTION else self.subscriber


@pytest.fixture
def house(engine: Engine, now: datetime) -> House:
    """Ann and Bob get the weekly, and have asked for the tides."""
    house = House(engine=engine, now=now)
    for address in (ANN, BOB):
        house.reader("weekly", address=address)
        house.reader("tides", address=address, state=SubscriptionState.PENDING)
    return house


def ids(house: House, address: str) -> Ids:
    query = select(Subscriber.public_id, Subscription.public_id).join(Subscription).where(Subscription.newsletter == "weekly")
    with house.store() as connection:
        found = connection.execute(query.where(Subscriber.address_key == address)).one()
    return Ids(*found)


def rows(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    with engine.begin() as connection:
        return {name: sorted(map(tuple, connection.execute(select(table))), key=repr) for name, table in Base.metadata.tables.items()}


def token(purpose: Purpose, said: str, at: datetime, keys: list[str] = KEYS) -> str:
    return sign_dated(purpose, said, at, keys) if purpose in DATED else sign(purpose, said, keys)


def knock(client: TestClient, door: Door, link: str) -> Any:
    return client.request(door.method, door.path.format(link), data=door.form)


def forged(purpose: Purpose, ann: Ids, bob: Ids, now: datetime) -> Iterator[str]:
    """Whatever can be made of a good link, and of others' good links, without a key."""
    good = token(purpose, ann.of(purpose), now)
    said, _, signature = good.rpartition(".")
    yield from (good[:-1], good[1:], good[: len(good) // 2], said, f"{said}.", f".{signature}", signature)
    yield from (good + "A", "A" + good, f"{good}.{signature}", good.swapcase(), good.upper(), f"{said}.{signature[::-1]}")
    yield from (good[:-1] + ("A" if good[-1] != "A" else "B"), f"{said}.{'A' * 43}", f"{said}.{signature}%20", f"{said}%00.{signature}", good + "%0A")
    others = token(purpose, bob.of(purpose), now)
    yield f"{said}.{others.rpartition('.')[2]}"  # his signature under her name
    yield f"{others.rpartition('.')[0]}.{signature}"
    for other in Purpose:  # made for something else
        if other is not purpose:
            yield from (token(other, ann.subscriber, now), token(other, ann.weekly, now))
    yield token(purpose, ann.of(purpose), now, ["a-key-of-somebody-else"])
    yield from ("%00", "%F0%9F%A6%86", "~", ".", "x" * 4_000, "..%2F..%2Fhealthz", ann.of(purpose))
    if purpose in DATED:
        yield from (sign(purpose, ann.of(purpose), KEYS), f"{ann.of(purpose)}~{int(now.timestamp()) + 60:x}.{signature}")


@pytest.mark.parametrize("door", DOORS, ids=name)
def test_19_one_page_for_all_of_them_and_nothing_changes(house: House, door: Door) -> None:
    before = rows(house.engine)
    nowhere = house.client.get("/nowhere")
    answers = [(link, knock(house.client, door, link)) for link in forged(door.purpose, ids(house, ANN), ids(house, BOB), house.now)]
    assert [link for link, answer in answers if (answer.status_code, answer.text) != (404, nowhere.text)] == []
    assert len({tuple(sorted(answer.headers.items())) for _, answer in answers}) == 1
    assert rows(house.engine) == before


@pytest.mark.parametrize("door", DOORS, ids=name)
def test_19_a_good_link_opens_so_the_others_were_closed_for_a_reason(house: House, door: Door) -> None:
    answer = knock(house.client, door, token(door.purpose, ids(house, ANN).of(door.purpose), house.now))
    assert answer.status_code == (404 if door.purpose is Purpose.VIEW else 200)  # no edition of that slot was sent
    assert answer.text != house.client.get("/nowhere").text or door.purpose is Purpose.VIEW


@pytest.mark.parametrize("door", [door for door in DOORS if door.method == "GET"], ids=name)
def test_18_looking_changes_nothing_not_even_when_it_was_looked_at(house: House, door: Door) -> None:
    before = rows(house.engine)
    for method in ("GET", "HEAD"):
        for query in ("", "?List-Unsubscribe=One-Click", "?do=leave&sure=yes&newsletters=tides"):
            link = token(door.purpose, ids(house, ANN).of(door.purpose), house.now)
            house.client.request(method, door.path.format(link) + query)
    assert rows(house.engine) == before


@pytest.mark.parametrize("door", DOORS, ids=name)
def test_19_somebody_elses_link_reaches_none_of_her_rows(house: House, door: Door) -> None:
    """Bob's good links, with all of Ann's ids in the form."""
    ann, bob = ids(house, ANN), ids(house, BOB)
    before = {name: [row for row in found if _hers(row, ann)] for name, found in rows(house.engine).items()}
    hers = {"subscriber": ann.subscriber, "subscription": ann.weekly, "token": token(door.purpose, ann.of(door.purpose), house.now), "email": ANN}
    link = door.path.format(token(door.purpose, bob.of(door.purpose), house.now))
    answer = house.client.request(door.method, link, data={**(door.form or {}), **hers} if door.form else None)
    assert "ann@" not in answer.text
    assert {name: [row for row in found if _hers(row, ann)] for name, found in rows(house.engine).items()} == before


def _hers(row: tuple[Any, ...], ann: Ids) -> bool:
    return bool({ann.subscriber, ann.weekly, ANN} & {value for value in row if isinstance(value, str)})


@pytest.mark.parametrize(
    "door", [door for door in DOORS if door.purpose in (Purpose.CONFIRM, Purpose.DATA)], ids=lambda door: f"{door.method} {door.path}"
)
def test_too_old_or_from_the_future_it_opens_nothing(house: House, door: Door) -> None:
    """What it does on a press is to ask for a new letter, which goes to nobody but the link's own reader."""
    ann, lifetime = ids(house, ANN).subscriber, timedelta(hours=house.settings.letters.confirm_hours)
    ages = (max(lifetime, DATA_LIFETIME) + timedelta(seconds=1), timedelta(days=4_000), -timedelta(minutes=2), -timedelta(days=4_000))
    before, pages = rows(house.engine), set()
    for age in ages:
        answer = knock(house.client, door, sign_dated(door.purpose, ann, house.now - age, KEYS))
        assert ANN not in answer.text
        pages.add((answer.status_code, answer.text.replace(sign_dated(door.purpose, ann, house.now - age, KEYS), "")))
    after = rows(house.engine)
    assert len(pages) == 1
    asked = {"sign_ups", "limits"} if door.purpose is Purpose.CONFIRM else {"deliveries", "limits", "subscribers"}
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= (asked if door.method == "POST" else set())
    assert {row[1] for row in after["sign_ups"]} <= {house.now}
    assert len(after["deliveries"]) <= 1


@pytest.mark.parametrize("door", DOORS[:-1], ids=name)
def test_keys_are_turned_over_and_old_mails_go_on_working(house: House, door: Door) -> None:
    old, newer = KEYS[-1], "a-key-of-tomorrow"

    def opened(keys: list[str]) -> int:
        reception = Reception(engine=house.engine, settings=house.settings, keys=keys, clock=lambda: house.now)
        with TestClient(application(reception), base_url=SITE, follow_redirects=False) as client:
            status: int = knock(client, door, token(door.purpose, ids(house, ANN).of(door.purpose), house.now, [old])).status_code
            return status

    before = rows(house.engine)
    assert opened([newer]) == 404
    assert rows(house.engine) == before
    assert opened([newer, KEYS[0], old]) == 200


@pytest.mark.parametrize("kind", ["stamp", "wish", "press"])
def test_stamps_wishes_and_presses_of_our_forms_cannot_be_made_up(house: House, kind: str) -> None:
    """A form with one that is not ours takes nothing in; and no press on one button is one on another."""
    ann, before = ids(house, ANN), rows(house.engine)
    for purpose in Purpose:
        for said in (ann.weekly, f"leave-{ann.weekly}", "x"):
            made_up = token(purpose, said, house.now - timedelta(minutes=1), ["a-key-of-somebody-else"])
            link = f"/leave/{token(Purpose.LEAVE, ann.weekly, house.now)}" if kind == "press" else "/subscribe"
            house.client.post(link, data={"email": ANN, "newsletters": "weekly", kind: made_up})
            if purpose is not Purpose.STAMP and kind != "wish":
                house.client.post(link, data={"email": ANN, "newsletters": "weekly", kind: token(purpose, said, house.now - timedelta(minutes=1))})
    assert rows(house.engine) == before
