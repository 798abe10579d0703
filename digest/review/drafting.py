"""Drafts at their cut-offs, and what lapses then. Killed between any two steps, the next run goes on where this one stopped."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from digest.editions import store
from digest.editions.met import meet_cadence
from digest.editions.standing import STANDING, standing
from digest.editions.values import EditionState
from digest.newsletter import Newsletter
from digest.review.calendar import to_fix, to_lapse
from digest.review.lapse import lapse
from digest.settings import Settings
from digest.working import Working, draft_of, fix, working


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """A draft that was made at its cut-off, or the slot's edition that was skipped there, for there is too little to say."""

    edition: store.StoredEdition
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapsed:
    """An edition that nobody let go in time."""

    edition: store.StoredEdition


def drafts_due(engine: Engine, settings: Settings, now: datetime, grace: timedelta) -> list[tuple[Newsletter, datetime]]:
    """The newsletters of which a draft is to be made now, each in the cadence in which it stands, with their slot. One that was first met longer than
    `grace` after its slot begins with the next."""
    due = []
    with engine.begin() as connection:
        for newsletter in (one for declared in settings.newsletters.values() for one in declared.in_every_cadence() if one.reviewed):
            first_met, slot = meet_cadence(connection, newsletter.slug, newsletter.cadence, now), newsletter.slot_in_hand(now)
            if slot >= first_met - grace and to_fix(newsletter, store.find(connection, newsletter.slug, newsletter.cadence, slot)):
                due.append((newsletter, slot))
    return due


def draft(engine: Engine, settings: Settings, newsletter: Newsletter, slot: datetime, now: datetime) -> Drafted | None:
    """Makes the slot's draft, and fixes what is in it; or skips the slot, where there is too little to say. None: somebody else was quicker."""
    with engine.begin() as connection:
        found = working(connection, settings, newsletter, slot, now)
    if not found.chosen.choice.enough:
        return _skip(engine, newsletter, found, now)
    made = fix(engine, settings, newsletter, slot, now=now)
    return Drafted(edition=made.stored, notes=made.chosen.choice.notes) if made.stored else None


def lapse_late(engine: Engine, settings: Settings, now: datetime) -> Iterator[tuple[Newsletter, Lapsed]]:
    """Cancels what stands although the next one's cut-off has come."""
    with engine.begin() as connection:
        all_standing = standing(connection)
    for newsletter in (one for declared in settings.newsletters.values() for one in declared.in_every_cadence()):
        theirs = [one for one in all_standing if (one.newsletter, one.cadence) == (newsletter.slug, newsletter.cadence)]
        for edition in to_lapse(newsletter, theirs, now):
            with engine.begin() as connection:
                lapsed = lapse(connection, newsletter, edition, now)
            if lapsed:
                yield newsletter, Lapsed(edition=lapsed)


def _skip(engine: Engine, newsletter: Newsletter, found: Working, now: datetime) -> Drafted | None:
    with engine.begin() as connection:
        edition = store.take(connection, draft_of(connection, newsletter, found.slot, now))
        if edition.state not in STANDING or edition.chosen_at is not None:
            return None
        reason = " ".join(found.chosen.choice.notes)
        store.change_state(connection, edition.id, was=edition.state, becomes=EditionState.SKIPPED, now=now, reason=reason)
        return Drafted(edition=store.get(connection, edition.id))
