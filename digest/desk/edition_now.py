"""An edition as it stands now, chosen once for as long as nothing that it depends on changes: every page of it asks for it."""

from datetime import datetime

from digest.desk.pulse import edition_stamp, files_stamp, store_stamp
from digest.desk.studio import Studio
from digest.editions.values import Edition
from digest.newsletter import Newsletter
from digest.prepare import composed
from digest.working import Working, working

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
        with studio.reads.begin() as connection:
            return working(connection, studio.settings, newsletter, slot, studio.clock())

    return studio.shelf.get(("working", key_of(studio, newsletter, slot)), make)


def edition_now(studio: Studio, newsletter: Newsletter, slot: datetime) -> Edition:
    """Its value: everything that the templates show, before anything is shortened for the size of the mail."""
    return composed(working_now(studio, newsletter, slot).chosen, studio.settings, newsletter.language)
