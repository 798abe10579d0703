"""Links from mails to an address that turned out to be somebody's second one: they go on working, for the one person there is."""

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from digest.merge import merge
from subscribers.address import parse_address
from subscribers.people import Known
from subscribers.tables import SubscriptionState
from subscribers.tokens import Purpose, sign
from tests.web.conftest import KEYS, Clock, Readers


@pytest.fixture
def pair(readers: Readers, engine: Engine, clock: Clock) -> tuple[Known, Known]:
    """The subscription of the address that went, and that of the one that stayed."""
    goes, stays = readers.join(address="ann@old.example"), readers.join(address="ann@new.example")
    merge(engine, parse_address("ann@old.example"), parse_address("ann@new.example"), keys=KEYS, now=clock.now, shut=False)
    return goes, stays


def test_the_oldest_mail_still_leaves(client: TestClient, readers: Readers, pair: tuple[Known, Known]) -> None:
    goes, stays = pair
    path = f"/leave/{sign(Purpose.LEAVE, goes.subscription_token, KEYS)}"
    assert "Week" in client.get(path).text
    assert client.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert readers.state(stays) is SubscriptionState.UNSUBSCRIBED


def test_the_old_way_to_the_preferences_leads_to_the_person(client: TestClient, pair: tuple[Known, Known]) -> None:
    goes, stays = pair
    old, new = (client.get(f"/preferences/{sign(Purpose.PREFERENCES, one.subscriber_token, KEYS)}") for one in (goes, stays))
    assert old.status_code == new.status_code == 200
    assert "a•••@new.example" in old.text
