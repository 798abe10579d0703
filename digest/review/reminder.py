"""Of which standing editions the editors are to be told now, and what. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from digest.editions.store import StoredEdition
from digest.editions.values import EditionState
from digest.newsletter import Newsletter
from digest.review.calendar import goes_at, lapses_at, let_go


class Occasion(StrEnum):
    READY = "ready"  # a draft was made
    SOON = "soon"  # its time is near, and nobody has let it go
    WAITS = "waits"  # its time has come, and nobody has let it go


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """`kind` tells the occasions of one edition apart, so that each is spoken of once. `by` is when it lapses."""

    newsletter: Newsletter
    edition: StoredEdition
    occasion: Occasion
    kind: str
    at: datetime
    by: datetime


def reminder_of(newsletter: Newsletter, edition: StoredEdition, now: datetime) -> Reminder | None:
    """The one thing that is to be said of an edition now, if there is any. Whoever is told late is told the latest only."""
    found = next(_occasions(newsletter, edition, now), None)
    if found is None:
        return None
    occasion, kind = found
    at, by = goes_at(newsletter, edition), lapses_at(newsletter, edition)
    return Reminder(newsletter=newsletter, edition=edition, occasion=occasion, kind=kind, at=at, by=by)


def _occasions(newsletter: Newsletter, edition: StoredEdition, now: datetime) -> Iterator[tuple[Occasion, str]]:
    """The latest first."""
    at, made = goes_at(newsletter, edition), edition.chosen_at or edition.created_at
    if not let_go(newsletter, edition):
        if now >= at > made:
            yield Occasion.WAITS, "waits"
        for minutes in sorted(newsletter.remind_minutes):
            if made < at - timedelta(minutes=minutes) <= now < at:
                yield Occasion.SOON, f"soon {minutes}"
    if edition.chosen_at and edition.state is not EditionState.APPROVED:
        yield Occasion.READY, "ready"


def moments(newsletter: Newsletter, slot: datetime) -> tuple[datetime, ...]:
    """When something is to be done or said of the edition of a slot, in order: at its cut-off, before it, and at the slot itself."""
    if not newsletter.reviewed:
        return (slot,)
    cutoff = newsletter.cutoff_of(slot)
    before = (slot - timedelta(minutes=minutes) for minutes in newsletter.remind_minutes)
    return (cutoff, *sorted(moment for moment in before if moment > cutoff), slot)


def next_moment(newsletter: Newsletter, after: datetime) -> datetime:
    """The first moment after this one at which something is to be done or said of an edition."""
    return min(moment for moment in moments(newsletter, newsletter.slot_after(after)) if moment > after)
