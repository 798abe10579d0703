"""Which edition a command is about: the one that stands, unless a slot is named."""

import getpass
from collections.abc import Callable
from datetime import datetime
from typing import Any

import click
from rich.markup import escape

from digest.accounts.names import harmless
from digest.cli.console import MomentType, at_zone, moment, out, settings_of
from digest.editions import store
from digest.editions.standing import standing
from digest.errors import DigestError
from digest.wiring import clock, open_store

SLOT = "The slot of the edition, like 2026-11-23T07:00; default: the one that stands, or else the newsletter's next."


class Meant:
    """An edition that is still to go out, whether it is there already or not."""

    def __init__(self, context: click.Context, newsletter: str, cadence: str | None, at: datetime | None) -> None:
        self.settings = settings_of(context)
        self.engine = open_store(self.settings)
        self.letter = self.settings.newsletter(newsletter, cadence)
        self.now = clock()
        self.slot = at_zone(at, self.letter.zone) if at else self._standing() or self.letter.slot_after(self.now)

    def _standing(self) -> datetime | None:
        with self.engine.begin() as connection:
            return next((one.slot for one in standing(connection, self.letter.slug, self.letter.cadence)), None)

    @property
    def stored(self) -> store.StoredEdition | None:
        with self.engine.begin() as connection:
            return store.find(connection, self.letter.slug, self.letter.cadence, self.slot)

    @property
    def number(self) -> int:
        """Of an edition that is there already."""
        found = self.stored
        if found is None:
            raise DigestError(f"{self.name} is not made yet: `digest draft {self.letter.slug}` shows what it would hold.")
        return found.id

    @property
    def name(self) -> str:
        return f"{self.letter.label} {moment(self.slot, self.letter.zone)}"

    def say(self, sentence: str) -> None:
        out.print(f"[bold]{escape(self.name)}[/]: {escape(sentence)}")


def on_edition(work: Callable[..., Any]) -> Callable[..., Any]:
    """The argument and the options by which a command is told which edition is meant; it gets them behind its context."""
    at = click.option("--at", type=MomentType(), metavar="TIME", help=SLOT)
    cadence = click.option("--cadence", metavar="NAME", help="An edition of this cadence; default: the newsletter's own.")
    return click.argument("newsletter")(cadence(at(click.pass_context(work))))


def terminal_user() -> str:
    """Who sits at the terminal, for the log."""
    try:
        return harmless(getpass.getuser()) or "editor"
    except (OSError, KeyError):  # an account without a name, as in a container
        return "editor"
