"""A reader has one newsletter otherwise from now on: what they choose of it, and their pause. On their own page, or by an operator."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection

from digest.newsletter import Newsletter
from digest.offered import plain
from digest.switching import on_choice, on_pause
from subscribers.change import Choice
from subscribers.choices import Chosen, choose, pause


class Done(StrEnum):
    """What became different."""

    JOINED = "joined"
    LEFT = "left"
    CHOSEN = "chosen"  # another cadence or hour, or other sections or authors
    PAUSED = "paused"
    RESUMED = "resumed"
    PERSON = "person"  # name, language or time zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    done: Done
    newsletter: str = ""
    until: datetime | None = None  # of a pause


def adjust(
    connection: Connection, newsletter: Newsletter, one: Chosen, choice: Choice, weeks: int | None, *, now: datetime, by_operator: bool = False
) -> Iterator[Change]:
    """Keeps `choice`, which the newsletter offers, and a pause of so many weeks from `now` (0: it goes on; None: as it is), and says what differs."""
    if choice != plain(newsletter, one.choice):
        served = on_choice(connection, newsletter, one.subscription, choice.cadence, now)
        if choose(connection, one.subscription, choice, now=now, served=served, by_operator=by_operator):
            yield Change(done=Done.CHOSEN, newsletter=one.newsletter)
    paused = one.paused_until is not None and one.paused_until > now
    if weeks is None or (weeks == 0 and not paused):
        return
    # A pause that is ended ends now: until when it lasted is needed when the cadence is changed later (see `switching.py`).
    until = now + timedelta(weeks=weeks)
    served = on_pause(connection, newsletter, one.subscription, until, now)
    if pause(connection, one.subscription, until=until, now=now, served=served, by_operator=by_operator):
        yield Change(done=Done.PAUSED if weeks else Done.RESUMED, newsletter=one.newsletter, until=until if weeks else None)
