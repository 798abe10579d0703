"""kill -9 at every single step of making a draft, of approving it, and of sending it now: what is left is whole, and the next look goes on."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine, delete, func, select, update

from digest.accounts.tables import DeedRow
from digest.delivery.tables import DeliveryRow
from digest.editions.tables import EditionItem, EditionRow
from digest.editions.values import EditionState
from digest.review import steps
from digest.review.send_now import send_now
from tests.journeys.test_kill_everywhere import killed, settle_down
from tests.journeys.test_kill_everywhere import steps as steps_of
from tests.review.ended import EVENING, approve_until, draft_until, send_now_until
from tests.review.newsroom import CUTOFF, HOUR, Newsroom, newsroom
from tests.test_deliver import SLOT

READERS = 3
Work = Callable[[str, Path, int], None]


def clear(engine: Engine) -> None:
    with engine.begin() as connection:
        for table in (DeliveryRow, EditionItem, DeedRow, EditionRow):
            connection.execute(delete(table))


def as_drafted(engine: Engine) -> None:
    """As right after the cut-off."""
    with engine.begin() as connection:
        for table in (DeliveryRow, EditionItem, DeedRow):
            connection.execute(delete(table))
        connection.execute(update(EditionRow).values(state=EditionState.DRAFT, moved_to=None, sending_at=None, revision=0, body=b""))


def deeds(engine: Engine) -> list[str]:
    with engine.begin() as connection:
        return list(connection.scalars(select(DeedRow.what).order_by(DeedRow.id)))


def queued(engine: Engine) -> int:
    with engine.begin() as connection:
        return connection.scalar(select(func.count()).select_from(DeliveryRow)) or 0


def go_out(room: Newsroom) -> None:
    """Approved if nobody had, and looked at again at the slot: one edition, one delivery for each reader."""
    if room.state() is EditionState.DRAFT:
        steps.approve(room.engine, room.settings, room.letter, SLOT, who="Ben", now=SLOT - HOUR)
    room.look(SLOT)
    assert (room.state(), queued(room.engine)) == (EditionState.SENDING, READERS)


def each_step(room: Newsroom, folder: Path, work: Work, look: Callable[[], None], begin: Callable[[Engine], None]) -> int:
    """Looks at what each of them leaves, each time begun anew; how many there are."""
    number = steps_of(work, room.url, folder)
    for step in range(1, number + 1):
        begin(room.engine)
        killed(work, room.url, folder, step)
        settle_down(room.engine)
        look()
    return number


def test_killed_at_any_step_of_making_a_draft(engine: Engine, database_url: str, tmp_path: Path) -> None:
    room = newsroom(engine, database_url, articles=30)
    left: list[bool | None] = []

    def look() -> None:
        found = room.edition()
        left.append(found.chosen_at is not None if found else None)
        assert found is None or (found.state is EditionState.DRAFT and found.chosen_at in (None, CUTOFF))
        room.look(CUTOFF)
        assert (room.there().state, room.there().chosen_at) == (EditionState.DRAFT, CUTOFF)
        if left.count(left[-1]) == 1:
            go_out(room)

    assert each_step(room, tmp_path, draft_until, look, clear) > 15
    assert set(left) >= {None, False}, "there is no row yet, or one that still follows the store"


def test_killed_at_any_step_of_approving(engine: Engine, database_url: str, tmp_path: Path) -> None:
    room = newsroom(engine, database_url, articles=30)
    room.look(CUTOFF)

    def look() -> None:
        done = room.state() is EditionState.APPROVED
        assert room.state() in (EditionState.DRAFT, EditionState.APPROVED)
        assert deeds(engine) == (["approve"] if done else []), "the step and its line of the log are one"

    assert each_step(room, tmp_path, approve_until, look, as_drafted) > 8


def test_killed_at_any_step_of_sending_now(engine: Engine, database_url: str, tmp_path: Path) -> None:
    room = newsroom(engine, database_url, articles=30)
    room.look(CUTOFF)
    left: list[EditionState] = []

    def look() -> None:
        found = room.there()
        first = found.state not in left
        left.append(found.state)
        if found.state is EditionState.DRAFT:
            assert (found.moved_to, deeds(engine), queued(engine)) == (None, [], 0)
        else:
            assert (found.state, found.moved_to, deeds(engine), queued(engine)) == (EditionState.APPROVED, EVENING, ["send"], 0)
        if first and found.state is EditionState.DRAFT:
            send_now(engine, room.settings, room.letter, SLOT, who="Ana", now=EVENING, recheck=room.recheck)
        elif first:
            room.look(EVENING + HOUR)
            assert (room.state(), room.there().moved_to, queued(engine)) == (EditionState.SENDING, EVENING, READERS)

    assert each_step(room, tmp_path, send_now_until, look, as_drafted) > 25
    assert set(left) == {EditionState.DRAFT, EditionState.APPROVED}
