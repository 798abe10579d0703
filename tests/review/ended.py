"""What editors and the clockwork do, in a process that ends itself, as by `kill -9`, at a given step: before a statement, and before a commit."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine

from digest.database import open_database
from digest.review import steps
from digest.review.send_now import send_now
from tests.journeys.killed import Fuse
from tests.review.newsroom import CUTOFF, HOUR, Newsroom
from tests.test_deliver import SLOT

EVENING = CUTOFF + HOUR


def draft_until(url: str, folder: Path, end_at: int) -> None:
    _run(url, folder, end_at, lambda room: room.look(CUTOFF))


def approve_until(url: str, folder: Path, end_at: int) -> None:
    _run(url, folder, end_at, lambda room: steps.approve(room.engine, room.settings, room.letter, SLOT, who="Ana", now=EVENING))


def send_now_until(url: str, folder: Path, end_at: int) -> None:
    def send(room: Newsroom) -> None:
        send_now(room.engine, room.settings, room.letter, SLOT, who="Ana", now=EVENING, recheck=room.recheck)

    _run(url, folder, end_at, send)


def _run(url: str, folder: Path, end_at: int, work: Callable[[Newsroom], object]) -> None:
    engine: Engine = open_database(url)
    fuse = Fuse(end_at)
    fuse.watch(engine)
    work(Newsroom(engine, url))
    (folder / "steps").write_text(str(fuse.steps))
    engine.dispose()
