"""An edition as it stands now, chosen once for as long as nothing that it depends on changes: every page of it asks for it."""

from datetime import datetime

from digest.desk.pulse import edition_stamp, files_stamp, store_stamp
from digest.desk.studio import Studio
from digest.editions import store
from digest.editions.values import Edition
from digest.newsletter import Newsletter
from digest.prepare import composed
from digest.wanted import Asking, asking, wanted
from digest.working import Working, look_up, work_out

ASKED_SECONDS = 300  # for which it is good what a million readers want: to ask takes the better part of a second

Key = tuple[object, ...]


def key_of(studio: Studio, newsletter: Newsletter, slot: datetime) -> Key:
    """All that an edition depends on: files, store, what was done to it, and the minute, for a post of the future is published by the clock."""
    minute = studio.clock().replace(second=0, microsecond=0)
    with studio.reads.begin() as connection:
        stamps = (files_stamp(studio), store_stamp(connection), edition_stamp(connection, newsletter, slot))
    # The newsletter itself, too: whoever has it from a digest.toml that was changed this very moment must not be taken for the next one's.
    return (newsletter.label, newsletter.model_dump_json(), slot, minute, *stamps)


def working_now(studio: Studio, newsletter: Newsletter, slot: datetime) -> Working:
    """The slot's edition as it stands, with its editors' changes."""

    def make() -> Working:
        now, readers = studio.clock(), asking_now(studio, newsletter)
        with studio.reads.begin() as connection:
            found = store.find(connection, newsletter.slug, newsletter.cadence, slot)
            demand = None if found and found.is_out else wanted(connection, newsletter, slot, now, readers=readers)
            looked = look_up(connection, newsletter, slot, now, demand)
        return work_out(looked, studio.settings)

    return studio.shelf.get(("working", key_of(studio, newsletter, slot)), make)


def asking_now(studio: Studio, newsletter: Newsletter) -> Asking:
    """What the readers want beyond what everybody gets, as of some minutes ago at most: it decides what is chosen for others than is looked at."""
    now = studio.clock()
    key = ("asking", newsletter.label, studio.read_at, int(now.timestamp()) // ASKED_SECONDS)

    def make() -> Asking:
        with studio.reads.begin() as connection:
            return asking(connection, newsletter, now)

    return studio.shelf.get(key, make)


def edition_now(studio: Studio, newsletter: Newsletter, slot: datetime) -> Edition:
    """Its value: everything that the templates show, before anything is shortened for the size of the mail."""
    return composed(working_now(studio, newsletter, slot).chosen, studio.settings, newsletter.language)
