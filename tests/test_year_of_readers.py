"""A year of a newsletter in four rhythms: whatever its readers choose, and change, each gets each article that is for them once."""

import random
import shutil
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, select

from digest.database import open_database
from digest.deliver import deliver
from digest.delivery.memory import MemoryTransport
from digest.delivery.tables import DeliveryRow
from digest.delivery.values import DeliveryState
from digest.editions.store import StoredEdition
from digest.local_time import FIRST
from subscribers.tables import Subscriber, Subscription
from tests.test_deliver import Clock, room_for
from tests.town_of_readers import HOUR, Town, gotten, live, settings_of

JANUARY = datetime(2026, 1, 12, 17, tzinfo=UTC)
FEBRUARY = datetime(2026, 2, 18, 17, tzinfo=UTC)


def hand_over(town: Town, edition: StoredEdition) -> int:
    """Through all the hours of all zones: one mail for each who is queued, with what is theirs and nothing else. How many mails."""
    with town.engine.begin() as connection:
        theirs = dict(gotten(connection, edition))
        rows = connection.execute(select(Subscription.id, Subscriber.address).join(Subscriber).where(Subscription.id.in_(theirs)))
        plans = {address: theirs[number] for number, address in rows}
    transport, clock = MemoryTransport(), Clock()
    for hour in range(0, 42, 6):
        clock.now = edition.slot + hour * HOUR
        deliver(room_for(town.engine, town.settings, transport, clock))
    sent = {mail.recipient: mail.data.replace(b"=\r\n", b"") for mail in transport.sent}
    assert len(sent) == len(transport.sent) and sent.keys() == plans.keys()
    for address, data in sent.items():
        shown = {number for number, key in town.keys.items() if f'lamp.example/{key}"'.encode() in data.replace(b"=3D", b"=")}
        assert shown == set(plans[address].ranked), (edition, address)
    return len(sent)


def check_hours(town: Town, edition: StoredEdition) -> None:
    """Each is written to at seven, or at their own hour, of the slot's day where they are, and never by night."""
    day = edition.slot.astimezone(ZoneInfo(FIRST)).date()
    query = select(DeliveryRow.next_at, Subscriber.time_zone, Subscription.hour).join_from(DeliveryRow, Subscription).join(Subscriber)
    with town.engine.begin() as connection:
        for at, zone, hour in connection.execute(query.where(DeliveryRow.edition_id == edition.id)):
            there = at.astimezone(ZoneInfo(zone or "Europe/Berlin"))
            if edition.cadence != "every article":
                assert (there.date(), there.hour, there.minute) == (day, max(6, 7 if hour is None else hour), 0), (edition, zone, hour)
            assert 6 <= there.hour < 22


def spend(town: Town, days: int, *, sample: int, quiet_days: int, busy: float) -> None:
    """One edition in so many is handed over for real."""
    handed = 0
    for number, edition in enumerate(live(town, days, quiet_days=quiet_days, busy=busy)):
        if edition.created_at - edition.slot < HOUR:
            check_hours(town, edition)
        if number % sample == sample - 1:
            handed += hand_over(town, edition)
        else:
            with town.engine.begin() as connection:
                town.settle(connection, edition)
    assert handed > len(town.readers) / 4
    assert all(town.counts[name] > 3 for name in ("cadence", "zone", "sections", "mute", "pause", "removed", "daily", "weekly", "every article"))
    with town.engine.begin() as connection:
        states = set(connection.scalars(select(DeliveryRow.state).distinct()))
    assert states == {DeliveryState.ACCEPTED}


@pytest.mark.timeout(600)
def test_in_a_year_each_of_500_gets_each_article_of_theirs_once(tmp_path: Path, sqlite_template: Path) -> None:
    """Over both changes of the clocks, with what was published late, and through outages."""
    path = tmp_path / "year.db"
    shutil.copy(sqlite_template, path)
    engine = open_database(f"sqlite:///{path}")
    settings = settings_of(f"sqlite:///{path}", blocks=["sections", "top_comments"])
    town = Town(engine=engine, settings=settings, chance=random.Random(1), begins=JANUARY)
    town.people(500)
    spend(town, 365, sample=40, quiet_days=21, busy=0.015)
    engine.dispose()
    assert town.counts["monthly"] > 9


@pytest.mark.timeout(300)
def test_in_six_weeks_each_of_60_gets_each_article_of_theirs_once(engine: Engine, database_url: str) -> None:
    town = Town(engine=engine, settings=settings_of(database_url), chance=random.Random(2), begins=FEBRUARY)
    town.people(60)
    spend(town, 45, sample=6, quiet_days=13, busy=0.08)
