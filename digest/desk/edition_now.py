"""An edition as it stands now, chosen once for as long as nothing that it depends on changes: every page of it asks for it."""

from datetime import datetime

from digest.desk.pulse import edition_stamp, files_stamp, store_stamp
from digest.desk.studio import Studio
from digest.editions import store
from digest.editions.values import Edition
from digest.newsletter import Newsletter
from digest.prepare import Prepared, composed, prepare
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
        now = studio.clock()
        readers = None if is_out(studio, newsletter, slot) else asking_now(studio, newsletter)
        with studio.reads.begin() as connection:
            demand = wanted(connection, newsletter, slot, now, readers=readers) if readers else None
            looked = look_up(connection, newsletter, slot, now, demand)
        return work_out(looked, studio.settings)

    return studio.shelf.get(("working", key_of(studio, newsletter, slot)), make)


def prepared_now(studio: Studio, newsletter: Newsletter, slot: datetime) -> Prepared:
    """The same edition, drawn: what its mails are written from, as long as it is not out."""
    key = ("prepared", key_of(studio, newsletter, slot))
    return studio.shelf.get(key, lambda: prepare(working_now(studio, newsletter, slot).chosen, studio.settings))


def is_out(studio: Studio, newsletter: Newsletter, slot: datetime) -> bool:
    """Whether it went out, or is going out: then it is what its bytes are, whatever readers want."""
    with studio.reads.begin() as connection:
        found = store.find(connection, newsletter.slug, newsletter.cadence, slot)
    return found is not None and found.is_out


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
