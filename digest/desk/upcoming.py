"""What goes out next of each newsletter in each of its cadences, and what that waits for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from digest.editions.standing import standing
from digest.editions.store import StoredEdition
from digest.newsletter import Newsletter
from digest.review.calendar import let_go, waits
from digest.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcoming:
    """`stored` is None where nothing has been made of it yet."""

    newsletter: Newsletter
    slot: datetime
    stored: StoredEdition | None
    now: datetime

    @property
    def cutoff(self) -> datetime:
        return self.newsletter.cutoff_of(self.slot)

    @property
    def waits(self) -> str:
        """What it waits for, in a few words."""
        if self.stored:
            return waits(self.newsletter, self.stored)
        review = self.newsletter.review
        return {"none": "goes out by itself", "window": "goes out unless it is held", "approve": "will need approval"}[review]

    @property
    def wanted(self) -> bool:
        """Whether somebody has to do something for it to go out: it is drafted, and nobody has let it go."""
        return self.stored is not None and not let_go(self.newsletter, self.stored) and self.cutoff <= self.now


def upcoming(connection: Connection, settings: Settings, now: datetime) -> list[Upcoming]:
    """The editions that stand and the next slots, what is wanted of somebody first, then in the order of their time."""
    made = {(one.newsletter, one.cadence, one.slot): one for one in standing(connection)}
    found = {(one.newsletter.slug, one.newsletter.cadence, one.slot): one for one in _next(settings, made, now)}
    return sorted(found.values(), key=lambda one: (not one.wanted, one.slot, one.newsletter.label))


def _next(settings: Settings, made: dict[tuple[str, str, datetime], StoredEdition], now: datetime) -> Iterator[Upcoming]:
    for declared in settings.newsletters.values():
        for newsletter in declared.in_every_cadence():
            standing_here = [slot for slug, cadence, slot in made if (slug, cadence) == (newsletter.slug, newsletter.cadence)]
            for slot in {newsletter.slot_after(now), *standing_here}:
                stored = made.get((newsletter.slug, newsletter.cadence, slot))
                yield Upcoming(newsletter=newsletter, slot=slot, stored=stored, now=now)
