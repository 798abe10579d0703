"""Publishing and delivering in a process that ends itself, as by `kill -9`, at a given step: before a statement, before a commit, and
right before and after the server took a mail. No step: it runs to its end."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, event

from digest.database import open_database
from digest.deliver import Delivered, deliver
from digest.delivery.steps import Steps, at_once
from digest.delivery.values import Envelope, Outcome, OutcomeKind
from digest.publish import Published, publish
from tests.test_deliver import SLOT, room_with, settings_for


@dataclass
class Fuse:
    """Counts steps; ends the process at one of them."""

    end_at: int = 0
    steps: int = 0

    def step(self, *what: object) -> None:
        self.steps += 1
        if self.steps == self.end_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self, engine: Engine) -> None:
        for name in ("before_cursor_execute", "commit"):
            event.listen(engine, name, self.step)


@dataclass
class Server:
    """Takes mails by adding their recipients to a file, which outlives any process."""

    file: Path
    fuse: Fuse

    def hand_over(self, envelope: Envelope, following: Envelope | None = None) -> Steps[Outcome]:
        self.fuse.step()
        with self.file.open("a") as file:
            file.write(f"{envelope.recipient}\n")
        self.fuse.step()
        return at_once(Outcome(kind=OutcomeKind.ACCEPTED, code=250))

    def leave(self) -> Steps[None]:
        return at_once(None)

    def close(self) -> None:
        return None


def publishing(engine: Engine, url: str) -> Published:
    settings = settings_for(url)
    return publish(engine, settings, settings.newsletter("weekly"), SLOT, now=SLOT)


def delivering(engine: Engine, url: str, folder: Path, fuse: Fuse, now: datetime = SLOT) -> tuple[Delivered, ...]:
    """Over one connection, so that the order of the steps is always the same."""
    settings = settings_for(url)
    one = settings.model_copy(update={"delivery": settings.delivery.model_copy(update={"connections": 1, "batch": 2})})
    return deliver(room_with(engine, one, lambda: Server(folder / "taken", fuse), lambda: now))


def publish_until(url: str, folder: Path, end_at: int) -> None:
    _run(url, folder, end_at, lambda engine, fuse: publishing(engine, url))


def deliver_until(url: str, folder: Path, end_at: int) -> None:
    _run(url, folder, end_at, lambda engine, fuse: delivering(engine, url, folder, fuse))


def _run(url: str, folder: Path, end_at: int, work: Callable[[Engine, Fuse], object]) -> None:
    engine, fuse = open_database(url), Fuse(end_at)
    fuse.watch(engine)
    work(engine, fuse)
    (folder / "steps").write_text(str(fuse.steps))
    engine.dispose()
