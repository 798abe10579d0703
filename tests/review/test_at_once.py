"""Many clockworks at once, on one store: one draft, one edition, one delivery for each reader."""

import threading
from datetime import datetime

from sqlalchemy import Engine, func, select

from digest.delivery.tables import DeliveryRow
from digest.editions.tables import EditionRow
from digest.editions.values import EditionState
from digest.errors import DigestError
from digest.review import steps
from tests.review.newsroom import CUTOFF, HOUR, NEXT, Newsroom, newsroom
from tests.test_deliver import SLOT

MANY = 4


def look_together(room: Newsroom, now: datetime) -> None:
    failed: list[object] = []

    def look() -> None:
        failed.extend(done for done in room.look(now) if isinstance(done, DigestError))

    threads = [threading.Thread(target=look) for _ in range(MANY)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_however_many_look_at_once_it_is_done_once(engine: Engine, database_url: str) -> None:
    room = newsroom(engine, database_url)
    look_together(room, CUTOFF)
    assert (room.there().state, room.there().chosen_at) == (EditionState.DRAFT, CUTOFF)
    steps.approve(engine, room.settings, room.letter, SLOT, who="Ana", now=CUTOFF)
    look_together(room, SLOT)
    with engine.begin() as connection:
        assert connection.scalar(select(func.count()).select_from(DeliveryRow)) == 3
    look_together(room, NEXT - 12 * HOUR)
    with engine.begin() as connection:
        assert connection.scalars(select(EditionRow.slot).order_by(EditionRow.slot)).all() == [SLOT, NEXT]


def test_what_lapses_under_many_eyes_lapses_once(engine: Engine, database_url: str) -> None:
    room = newsroom(engine, database_url)
    room.look(CUTOFF)
    look_together(room, NEXT - 12 * HOUR)
    assert room.state() is EditionState.CANCELLED
    assert [deed.what for deed in room.deeds()] == ["cancel"]
