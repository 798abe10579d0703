"""One message of an edition, as it was or would be sent, without storing anything."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from digest.delivery.values import Claimed, Envelope
from digest.editions import store
from digest.editions.values import EditionState
from digest.errors import NothingNew
from digest.newsletter import Newsletter
from digest.personal import Writer
from digest.prepare import Gathered, choose_from, gather_for, prepare
from digest.settings import Settings
from digest.sheets import NothingLeft
from digest.wanted import wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Previewed:
    """The envelope, and where its bytes are from: `published` when the slot's edition is fixed already."""

    envelope: Envelope
    published: bool
    enough: bool
    notes: tuple[str, ...]


def preview_message(engine: Engine, settings: Settings, newsletter: Newsletter, slot: datetime, reader: Claimed, *, keys: list[str]) -> Previewed:
    """The message that `reader` gets, or would get, of `slot`'s edition: the same path and the same bytes as the send.

    Too few new articles stop a send, not a preview: `enough` tells. Raises `NothingNew` where the edition holds nothing for this reader.
    """
    stored, gathered = _look_up(engine, newsletter, slot, reader)
    if stored is not None:
        envelope = _envelope(Writer(newsletter, settings, keys=keys, slot=slot, stored=stored), reader)
        return Previewed(envelope=envelope, published=True, enough=True, notes=())
    chosen = choose_from(gathered, site=settings.publication.url, allow_few=True)
    prepared = prepare(chosen, settings)
    envelope = _envelope(Writer(newsletter, settings, keys=keys, slot=slot, stored=prepared.stored), reader)
    enough = chosen.choice.new_articles >= newsletter.limits.min_new
    return Previewed(envelope=envelope, published=False, enough=enough, notes=chosen.choice.notes + prepared.notes)


def _envelope(writer: Writer, reader: Claimed) -> Envelope:
    try:
        return writer.envelope(reader)
    except NothingLeft as nothing:
        raise NothingNew("There is nothing new for this reader in it: they get no mail.") from nothing


def _look_up(engine: Engine, newsletter: Newsletter, slot: datetime, reader: Claimed) -> tuple[store.Bytes | None, Gathered]:
    """The published bytes where there are any, and what the edition would be made of."""
    with engine.begin() as connection:
        found = store.find(connection, newsletter.slug, newsletter.cadence, slot)
        stored = store.load_bytes(connection, found.id) if found and found.state is not EditionState.SKIPPED else None
        return stored, gather_for(connection, newsletter, slot, wanted(connection, newsletter, slot, slot, reader.plan))
