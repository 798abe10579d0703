"""What is due, and doing it: the latest slot of each newsletter in each of its cadences is published, if it has no edition yet.

Where editors look first, what is due at the cut-off is a draft, and at the slot what they let go; what they did not lapses when the next cut-off
comes. Earlier missed slots are not made up for: their time joins the next window. Asking is harmless, however late, doubled or overlapping.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from sqlalchemy import Engine

from digest.editions import store
from digest.editions.met import meet_cadence
from digest.editions.standing import standing
from digest.errors import DatabaseError, DigestError, NothingNew
from digest.newsletter import Newsletter
from digest.publish import Dispatch, Published, Recheck, nobody, publish
from digest.review.calendar import to_send
from digest.review.drafting import Drafted, Lapsed, draft, drafts_due, lapse_late
from digest.settings import Settings
from digest.wiring import require_sendable

# A newsletter, or a cadence of it, that is met for the first time does not send for a slot that is long past; an hour forgives a first `cron` run
# that is a little late.
FIRST_GRACE = timedelta(hours=1)
Done = Published | Drafted | Lapsed

log = logging.getLogger(__name__)


def due_slots(engine: Engine, settings: Settings, now: datetime) -> list[tuple[Newsletter, datetime]]:
    """The newsletters to publish now, each in the cadence in which it stands, with their slot."""
    due = []
    with engine.begin() as connection:
        all_standing = standing(connection)
        for newsletter in (letter for declared in settings.newsletters.values() for letter in declared.in_every_cadence()):
            first_met = meet_cadence(connection, newsletter.slug, newsletter.cadence, now)
            slot = newsletter.slot_at(now)
            theirs = [one for one in all_standing if (one.newsletter, one.cadence) == (newsletter.slug, newsletter.cadence)]
            due += [(newsletter, one.slot) for one in to_send(newsletter, theirs, now)]
            missing = not newsletter.reviewed and slot >= first_met - FIRST_GRACE
            if missing and store.find(connection, newsletter.slug, newsletter.cadence, slot) is None:
                due.append((newsletter, slot))
    return due


def publish_due(
    engine: Engine, settings: Settings, *, now: datetime, recheck: Recheck, dispatch: Dispatch = nobody
) -> Iterator[tuple[str, Done | DigestError]]:
    """Publishes all that is due, lets lapse what nobody let go, and makes the drafts that are due, newsletter by newsletter and cadence by cadence;
    one with which that fails does not stop the others."""

    def send(newsletter: Newsletter, slot: datetime) -> Published:
        require_sendable(settings, newsletter.slug)
        return publish(engine, settings, newsletter, slot, now=now, recheck=recheck, dispatch=dispatch)

    for newsletter, slot in due_slots(engine, settings, now):
        yield from _tried(newsletter, slot, send, "published")
    for newsletter, lapsed in lapse_late(engine, settings, now):
        yield newsletter.label, lapsed
    for newsletter, slot in drafts_due(engine, settings, now, FIRST_GRACE):
        yield from _tried(newsletter, slot, lambda letter, slot: draft(engine, settings, letter, slot, now), "drafted")


def _tried(
    newsletter: Newsletter, slot: datetime, work: Callable[[Newsletter, datetime], Done | None], done: str
) -> Iterator[tuple[str, Done | DigestError]]:
    try:
        result = work(newsletter, slot)
        if result is not None:
            yield newsletter.label, result
    except DatabaseError:
        raise
    except NothingNew:
        return
    except DigestError as error:
        yield newsletter.label, error
    except Exception as error:  # a fault of ours in one newsletter must not keep the others from their readers
        log.exception("%s: it could not be %s", newsletter.label, done)
        yield newsletter.label, DigestError(f"“{newsletter.label}” could not be {done} ({type(error).__name__}); the log has the details.")
