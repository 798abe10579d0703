"""How many there are, and lists and exports of some of them."""

import io
from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import Connection, update

from subscribers.census import Census, census
from subscribers.consent import add
from subscribers.export import HEADER, export, write
from subscribers.people import find
from subscribers.segment import Defaults, Segment, condition
from subscribers.suppression import suppress
from subscribers.tables import Subscriber, Subscription, SubscriptionState, SuppressionReason
from tests.subscribers.conftest import KEYS, OPERATOR, person

CONFIRMED, PENDING, UNSUBSCRIBED = SubscriptionState.CONFIRMED, SubscriptionState.PENDING, SubscriptionState.UNSUBSCRIBED
DEFAULTS = {slug: Defaults(language="en", time_zone="UTC", cadence="weekly") for slug in ("weekly", "daily")}


@pytest.fixture
def crowd(connection: Connection, now: datetime) -> Connection:
    rows = [
        ("ann", "weekly", CONFIRMED),
        ("ann", "daily", CONFIRMED),
        ("bob", "weekly", CONFIRMED),
        ("cleo", "weekly", PENDING),
        ("dan", "weekly", UNSUBSCRIBED),
        ("dan", "daily", PENDING),
    ]
    for name, newsletter, state in rows:
        add(connection, person(f"{name}@{name}.example"), newsletter=newsletter, state=state, proof=OPERATOR, keys=KEYS, now=now)
    suppress(connection, person("bob@bob.example").address, reason=SuppressionReason.BOUNCE, keys=KEYS, now=now)
    return connection


def test_everybody_is_counted_once_and_in_one_statement(crowd: Connection, statements: Callable[[], int]) -> None:
    statements()
    found = census(crowd)
    assert statements() == 1
    assert found == {
        "daily": Census(mailable=1, suppressed=0, pending=1, unsubscribed=0),
        "weekly": Census(mailable=1, suppressed=1, pending=1, unsubscribed=1),
    }
    assert census(crowd, newsletter="daily") == {"daily": found["daily"]}
    assert census(crowd, newsletter="monthly") == {}


def test_counts_lists_and_exports_of_a_segment(crowd: Connection, now: datetime) -> None:
    among = condition(Segment(domains=["ann.example", "dan.example"]), defaults=DEFAULTS, now=now)
    assert census(crowd, among=among) == {"daily": Census(mailable=1, pending=1), "weekly": Census(mailable=1, unsubscribed=1)}
    assert [(one.address[:3], one.newsletter) for one in find(crowd, among=among, state=CONFIRMED)] == [("ann", "weekly"), ("ann", "daily")]
    rows = [dict(zip(HEADER, row, strict=True)) for row in export(crowd, "daily", among=among)]
    assert [(row["email"], row["newsletter"]) for row in rows] == [("ann@ann.example", "daily"), ("dan@dan.example", "daily")]


def test_an_export_of_all_has_a_row_for_each_subscription(crowd: Connection, now: datetime) -> None:
    crowd.execute(update(Subscriber).where(Subscriber.address_key == "ann@ann.example").values(attributes={"plan": "gold", "=town": "Ä"}))
    crowd.execute(update(Subscription).where(Subscription.newsletter == "daily").values(sections=frozenset({"B", "A"}), cadence="monthly"))
    rows = [dict(zip(HEADER, row, strict=True)) for row in export(crowd)]
    assert len(rows) == 6
    ann, other = rows[1], rows[2]
    assert (ann["newsletter"], ann["attributes"], ann["sections"], ann["cadence"]) == ("daily", '{"=town": "Ä", "plan": "gold"}', "A\nB", "monthly")
    assert (other["newsletter"], other["attributes"], other["sections"], other["paused until"]) == ("weekly", "", "", "")
    with io.StringIO(newline="") as file:
        assert write(export(crowd), file) == 6
