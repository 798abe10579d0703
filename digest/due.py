"""Which slots are due, and publishing them: the latest of each newsletter in each of its cadences, if it has no edition yet.

Earlier missed slots are not made up for: their time joins the next window. Asking is harmless, however late, doubled or overlapping.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Engine

from digest.editions import store
from digest.editions.met import meet_cadence
from digest.errors import DatabaseError, DigestError, NothingNew
from digest.newsletter import Newsletter
from digest.publish import Dispatch, Published, Recheck, nobody, publish
from digest.settings import Settings
from digest.wiring import require_sendable

# A newsletter, or a cadence of it, that is met for the first time does not send for a slot that is long past; an hour forgives a first `cron` run
# that is a little late.
FIRST_GRACE = timedelta(hours=1)

log = logging.getLogger(__name__)


def due_slots(engine: Engine, settings: Settings, now: datetime) -> list[tuple[Newsletter, datetime]]:
    """The newsletters to publish now, each in the cadence in which it stands, with their slot."""
    due = []
    with engine.begin() as connection:
        for newsletter in (letter for declared in settings.newsletters.values() for letter in declared.in_every_cadence()):
            first_met = meet_cadence(connection, newsletter.slug, newsletter.cadence, now)
            slot = newsletter.slot_at(now)
            if slot >= first_met - FIRST_GRACE and store.find(connection, newsletter.slug, newsletter.cadence, slot) is None:
                due.append((newsletter, slot))
    return due


def publish_due(
    engine: Engine, settings: Settings, *, now: datetime, recheck: Recheck, dispatch: Dispatch = nobody
) -> Iterator[tuple[str, Published | DigestError]]:
    """Publishes all that is due, newsletter by newsletter and cadence by cadence; one that cannot be published does not stop the others."""
    for newsletter, slot in due_slots(engine, settings, now):
        try:
            require_sendable(settings, newsletter.slug)
            yield newsletter.label, publish(engine, settings, newsletter, slot, now=now, recheck=recheck, dispatch=dispatch)
        except DatabaseError:
            raise
        except NothingNew:
            continue
        except DigestError as error:
            yield newsletter.label, error
        except Exception as error:  # a fault of ours in one newsletter must not keep the others from their readers
            log.exception("%s: publishing it failed unexpectedly", newsletter.label)
            yield newsletter.label, DigestError(f"“{newsletter.label}” could not be published ({type(error).__name__}); the log has the details.")
