"""Sign-ups that lapse beside the letters: in time, in batches, once an hour."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from digest import lapse as lapsing
from digest.deliver import new_shift
from digest.delivery.values import DeliveryState
from digest.lane import Lane
from digest.lapse import KEPT, lapse
from digest.sign_up import take_up
from subscribers.tables import Subscriber
from tests.letter_office import KEYS, NOW, office, room_of, rows, sign_up
from tests.test_deliver import Clock

LINK = timedelta(hours=72)
HOUR = timedelta(hours=1)


def people(engine: Engine) -> int:
    with engine.begin() as connection:
        return connection.scalar(select(func.count()).select_from(Subscriber)) or 0


def test_sign_ups_lapse_a_month_after_their_link_and_once_an_hour(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lapsing, "BATCH", 2)
    settings, clock = office(), Clock(NOW + LINK + KEPT)
    sign_up(engine, *(f"reader{number}@example.com" for number in range(5)))
    take_up(engine, settings, keys=KEYS, now=NOW)
    room = room_of(engine, settings, clock)
    with new_shift(room) as shift:
        assert lapse(room, shift) == 0
        clock.now += timedelta(seconds=1)
        assert (lapse(room, shift), people(engine)) == (0, 5)  # somebody has looked within the hour
        clock.now += HOUR
        assert (lapse(room, shift), people(engine)) == (5, 0)
    assert {(row.subscription_id, row.state) for row in rows(engine)} == {(None, DeliveryState.QUEUED)}


def test_a_lane_sees_to_it_by_itself(engine: Engine, tmp_path: Path) -> None:
    settings = office(delivery={"transport": "folder", "folder": str(tmp_path)})
    sign_up(engine, "ann@example.com")
    take_up(engine, settings, keys=KEYS, now=NOW)
    room = room_of(engine, settings, Clock(NOW + LINK + KEPT + HOUR))
    with new_shift(room) as shift, Lane(room, shift):
        pass
    assert people(engine) == 0
