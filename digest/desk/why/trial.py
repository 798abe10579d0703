"""The edition of a slot as it would be with other weights: chosen as of now, with the editors' changes on top, and never stored."""

import email
import email.policy
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from digest.desk.edition_now import asking_now, key_of
from digest.desk.mail.pictures import pictures_of
from digest.desk.studio import Studio
from digest.desk.why.weights_tried import tried
from digest.editions import change_store, store
from digest.editions.changes import UNCHANGED
from digest.material import gather_for
from digest.newsletter import Newsletter
from digest.personal import SAMPLE, Writer
from digest.prepare import Chosen, choose_from, prepare
from digest.wanted import wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The HTML of a mail, and the addresses of its pictures."""

    html: str
    pictures: frozenset[str]


def trial(studio: Studio, newsletter: Newsletter, slot: datetime, values: Mapping[str, float]) -> Chosen:
    """What would be chosen with these weights; none: with those there are. An edition that is fixed, or out, is chosen anew for this, and stays what
    it is. Raises `NoSuchWeight`."""
    letter = tried(newsletter, values)

    def make() -> Chosen:
        readers = asking_now(studio, newsletter)
        with studio.reads.begin() as connection:
            found = store.find(connection, letter.slug, letter.cadence, slot)
            changes = change_store.load(connection, found.id) if found else UNCHANGED
            gathered = gather_for(connection, letter, slot, wanted(connection, letter, slot, studio.clock(), readers=readers), changes=changes)
        return choose_from(gathered, site=studio.settings.publication.url, allow_few=True, changes=changes)

    key = ("trial", key_of(studio, newsletter, slot), tuple(sorted(values.items())))
    return studio.shelf.get(key, make)


def trial_page(studio: Studio, newsletter: Newsletter, slot: datetime, values: Mapping[str, float]) -> Page:
    """The mail that a sample reader would get of it."""
    chosen = trial(studio, newsletter, slot, values)
    prepared = prepare(chosen, studio.settings, languages=())
    writer = Writer(chosen.gathered.newsletter, studio.settings, keys=studio.keys, slot=slot, stored=prepared.stored)
    body = email.message_from_bytes(writer.envelope(SAMPLE).data, policy=email.policy.default).get_body(("html",))
    html: str = body.get_content() if body else ""
    return Page(html=html, pictures=pictures_of(prepared.edition, studio.settings.publication))
