"""The reader whose mail is shown: what is theirs alone, address and links, is the sample reader's instead, so that no page can show it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from digest.delivery.values import Claimed
from digest.desk.mail.viewer import Viewer
from digest.desk.pulse import store_stamp
from digest.desk.studio import Studio
from digest.editions import store
from digest.errors import DigestError
from digest.invented import invented
from digest.newsletter import Newsletter
from digest.personal import SAMPLE, addressed
from digest.preview import queued
from digest.wiring import people_in
from digest.wish_words import words
from subscribers.people import Known, find, find_reader, reader
from subscribers.tables import SubscriptionState
from subscribers.wish import Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenAs:
    """`words`: who that is, for the page. `queued`: with what they wanted when they were queued for this very edition."""

    reader: Claimed
    words: str
    queued: bool = False


def seen_as(studio: Studio, newsletter: Newsletter, slot: datetime, viewer: Viewer, host: str) -> SeenAs:
    """Whom the viewer stands for, at the desk of `host`. `DigestError` where there is nobody like that."""
    with studio.reads.begin() as connection:
        if viewer.guest:
            found = _guest(studio, connection, newsletter, viewer.guest, host)
            return _stand_in(connection, newsletter, slot, found, "a subscriber you named", name=found.name)
        if viewer.segment:
            found = _member(studio, connection, newsletter, viewer.segment)
            return _stand_in(connection, newsletter, slot, found, f"somebody in “{viewer.segment}”", name="")
        if not viewer.invention:
            return SeenAs(reader=SAMPLE, words="a reader who chose nothing")
        said = viewer.invention
        lists = {key: (said[key],) for key in ("sections", "authors", "mute") if key in said}
        # To know every name that there is takes a look at all articles.
        key = ("invented", newsletter.label, studio.read_at, store_stamp(connection), *said.items())
        made = studio.shelf.get(key, lambda: invented(connection, newsletter, **lists, language=said.get("language", ""), zone=said.get("zone", "")))
        return SeenAs(reader=made, words=f"a reader{_chosen(made)}")


def find_guest(connection: Connection, newsletter: Newsletter, address: str) -> str:
    """The subscription's public id of this very address. `DigestError` where it does not get the newsletter; it does not name the address."""
    found = find_reader(connection, newsletter.slug, address)
    if found is None or not found.mailable:
        raise DigestError(f"This address does not get “{newsletter.slug}”.")
    return found.subscription_token


def _guest(studio: Studio, connection: Connection, newsletter: Newsletter, name: str, host: str) -> Known:
    subscription = studio.guests.find(name, host, studio.clock())
    found = reader(connection, subscription) if subscription else None
    if found is None or found.newsletter != newsletter.slug:
        raise DigestError("The subscriber you looked as is not remembered any more: type the address once more.")
    return found


def _member(studio: Studio, connection: Connection, newsletter: Newsletter, segment: str) -> Known:
    among = people_in(studio.settings, segment, studio.clock())
    found = find(connection, newsletter=newsletter.slug, state=SubscriptionState.CONFIRMED, among=among, limit=1)
    if not found:
        raise DigestError(f"Nobody who gets “{newsletter.slug}” is in the segment “{segment}” now.")
    return found[0]


def _stand_in(connection: Connection, newsletter: Newsletter, slot: datetime, found: Known, who: str, *, name: str) -> SeenAs:
    """With what they wanted when they were queued for it, if they were; else with what they want now."""
    theirs = addressed(found)
    edition = store.find(connection, newsletter.slug, newsletter.cadence, slot)
    then = queued(connection, edition.id, theirs) if edition else None
    theirs = then or theirs
    made = SAMPLE._replace(name=name, language=theirs.language, time_zone=theirs.time_zone, plan=theirs.plan, hour=theirs.hour, due=theirs.due)
    return SeenAs(reader=made, words=f"{who}{_chosen(made)}", queued=then is not None)


def _chosen(reader: Claimed) -> str:
    parts = [words(Wish.parse(reader.plan))] if reader.plan else []
    parts += [f"reads {reader.language}"] if reader.language else []
    parts += [f"lives in {reader.time_zone}"] if reader.time_zone else []
    return f" ({'; '.join(parts)})" if parts else ""
