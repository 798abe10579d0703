"""An edition as it stands now, chosen once for as long as nothing that it depends on changes: every page of it asks for it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.desk.pulse import edition_stamp, files_stamp, store_stamp
from digest.desk.studio import Studio
from digest.editions import store
from digest.editions.values import Edition
from digest.newsletter import Newsletter
from digest.prepare import Prepared, composed, prepare
from digest.wanted import Asking, asking, wanted
from digest.working import Working, look_up, work_out

# For so long it is good what the readers want: of a million, half of whom chose something, to ask takes two seconds.
ASKED_FOR = timedelta(minutes=5)  # then whoever has a page open asks anew, and nobody waits for it
AT_MOST = timedelta(hours=1)  # then whoever asks waits

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
    """What the readers want beyond what everybody gets, as of a while ago: it decides what is chosen for others than is looked at."""
    return _asked(studio, newsletter, AT_MOST).asking


def ask_again(studio: Studio, newsletter: Newsletter) -> None:
    """Asks it anew, where that was done a while ago, for those who look next."""
    _asked(studio, newsletter, ASKED_FOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    asking: Asking
    at: datetime


def _asked(studio: Studio, newsletter: Newsletter, good_for: timedelta) -> _Asked:
    key = ("asked", newsletter.label, studio.read_at)

    def ask() -> _Asked:
        with studio.reads.begin() as connection:
            return _Asked(asking=asking(connection, newsletter, now), at=now)

    now = studio.clock()
    found = studio.shelf.get(key, ask)
    if now - found.at < good_for:
        return found
    studio.shelf.renew(key, ask)
    return studio.shelf.get(key, ask)


def edition_now(studio: Studio, newsletter: Newsletter, slot: datetime) -> Edition:
    """Its value: everything that the templates show, before anything is shortened for the size of the mail."""
    return composed(working_now(studio, newsletter, slot).chosen, studio.settings, newsletter.language)
