"""One message of an edition, as it was or would be sent, without storing anything."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Engine, func, select

from digest.delivery.tables import DeliveryRow, PlanRow
from digest.delivery.values import Claimed, Envelope
from digest.editions import store
from digest.editions.values import Edition
from digest.errors import NothingNew
from digest.newsletter import Newsletter
from digest.personal import Writer
from digest.prepare import Chosen, Prepared, prepare
from digest.settings import Settings
from digest.sheets import NothingLeft
from digest.wanted import Asking, wanted
from digest.working import Looked, look_up, work_out
from subscribers.tables import Subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class Previewed:
    """The envelope, and where its bytes are from: `published` when the slot's edition is fixed already, `queued` when it is this reader's, too."""

    envelope: Envelope
    published: bool
    enough: bool
    notes: tuple[str, ...]
    queued: bool = False
    edition: Edition | None = None  # its value, of one that is not out yet


def preview_message(
    engine: Engine, settings: Settings, newsletter: Newsletter, slot: datetime, reader: Claimed, *, keys: list[str], readers: Asking | None = None
) -> Previewed:
    """The message that `reader` gets, or would get, of `slot`'s edition as it stands: the same path and the same bytes as the send.

    Whoever is queued for it gets what they wanted then. Too few new articles stop a send, not a preview: `enough` tells. Raises `NothingNew` where
    the edition holds nothing for this reader. `readers`: what the others want, where that is known already.
    """
    looked = _look_up(engine, newsletter, slot, reader, readers)
    if isinstance(looked, _Out):
        stored, theirs = looked.stored, looked.theirs
        envelope = _envelope(Writer(newsletter, settings, keys=keys, slot=slot, stored=stored), theirs or reader)
        notes = (*_pool_of(stored, reader), *_frames_of(stored, newsletter, reader)) if theirs is None else ()
        return Previewed(envelope=envelope, published=True, enough=True, notes=notes, queued=theirs is not None)
    chosen = work_out(looked, settings, allow_few=True).chosen
    return preview_prepared(prepare(chosen, settings), chosen, settings, reader, keys=keys)


def preview_prepared(prepared: Prepared, chosen: Chosen, settings: Settings, reader: Claimed, *, keys: list[str]) -> Previewed:
    """The message that `reader` would get of an edition that is not out, made for them among others. Raises as `preview_message`."""
    newsletter, choice, stored = chosen.gathered.newsletter, chosen.choice, prepared.stored
    envelope = _envelope(Writer(newsletter, settings, keys=keys, slot=chosen.gathered.slot, stored=stored), reader)
    notes = (*choice.notes, *prepared.notes, *_frames_of(stored, newsletter, reader))
    enough = choice.new_articles >= newsletter.limits.min_new
    return Previewed(envelope=envelope, published=False, enough=enough, notes=notes, edition=prepared.edition)


def _envelope(writer: Writer, reader: Claimed) -> Envelope:
    try:
        return writer.envelope(reader)
    except NothingLeft as nothing:
        raise NothingNew("There is nothing new for this reader in it: they get no mail.") from nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class _Out:
    """An edition that is out: its bytes, and the reader as they were queued, if they were."""

    stored: store.Bytes
    theirs: Claimed | None


def _look_up(engine: Engine, newsletter: Newsletter, slot: datetime, reader: Claimed, readers: Asking | None) -> _Out | Looked:
    with engine.begin() as connection:
        found = store.find(connection, newsletter.slug, newsletter.cadence, slot)
        if found and found.is_out:
            return _Out(stored=store.load_bytes(connection, found.id), theirs=queued(connection, found.id, reader))
        demand = wanted(connection, newsletter, slot, slot, reader.plan, readers=readers)
        if reader.language:
            demand = replace(demand, languages=demand.languages | {reader.language})
        return look_up(connection, newsletter, slot, slot, demand)


def queued(connection: Connection, edition_id: int, reader: Claimed) -> Claimed | None:
    """The reader with the plan and the moment they were queued with; None where they were not."""
    query = select(func.coalesce(PlanRow.key, ""), DeliveryRow.next_at).outerjoin_from(DeliveryRow, PlanRow, PlanRow.id == DeliveryRow.plan_id)
    query = query.join(Subscription, Subscription.id == DeliveryRow.subscription_id)
    row = connection.execute(query.where(DeliveryRow.edition_id == edition_id, Subscription.public_id == reader.subscription_token)).one_or_none()
    return reader._replace(plan=row[0], due=row[1]) if row else None


def _pool_of(stored: store.Bytes, reader: Claimed) -> Iterator[str]:
    """What an edition that is fixed cannot know of this reader's choice."""
    if reader.plan and stored.pool:
        yield "It was chosen for the readers there were: of what nobody followed then, it holds what everybody got."
    elif reader.plan:
        yield "When it was published nobody followed or muted anything: everybody got the same."


def _frames_of(stored: store.Bytes, newsletter: Newsletter, reader: Claimed) -> Iterator[str]:
    if not reader.language:
        return
    # Imported here: whoever writes to nobody in another language needs no Babel.
    from digest.render.translation import languages, pick  # noqa: PLC0415

    if pick([reader.language], {newsletter.language, *stored.frames}, ""):
        return
    if pick([reader.language], languages(), ""):
        yield f"It was published without a frame in “{reader.language}”: nobody read it in that language."
    else:
        yield f"There are no texts in “{reader.language}”: the frame is in the newsletter’s language, {newsletter.language}."
