"""Where readers stand who change to another cadence, so that they get nothing twice and miss nothing: docs/cadences.md has the rule.

It is kept as a `Served` in their subscription until an edition of the new cadence is queued for them.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, func, select

from digest.delivery.tables import DeliveryRow
from digest.editions import store
from digest.editions.met import await_publishing
from digest.editions.tables import EditionRow
from digest.newsletter import Newsletter
from subscribers.change import hold
from subscribers.tables import Subscription
from subscribers.wish import Served

Reader = Row[str, str, datetime | None, datetime | None, datetime | None]  # cadence, served, paused_from, paused_until, confirmed_at
A_MINUTE = timedelta(minutes=1)


def on_choice(connection: Connection, newsletter: Newsletter, subscription: str, cadence: str, now: datetime) -> str | None:
    """What `served` becomes when the reader chooses `cadence`; None: it stays as it is. To be asked in the transaction that keeps the choice."""
    hold(connection, subscription=subscription)
    reader = _reader(connection, subscription)
    if reader is None:
        return None
    old, new = newsletter.cadence_of(reader.cadence), newsletter.cadence_of(cadence)
    if old == new:
        return None
    if reader.served:
        return _went_on(connection, newsletter, reader, new, subscription=subscription, now=now)
    # An edition of the old cadence that is just being queued may have this reader among its own.
    await_publishing(connection, newsletter.slug)
    had = _newest_had(connection, newsletter.slug, old, subscription)
    if had is None:
        return ""
    passed = _passed(connection, newsletter.slug, old, _back_since(reader, now))
    until = max(moment for moment in (had, passed, _asleep_until(reader, newsletter.at(new), now)) if moment)
    return str(Served(cadence=old, until=_whole_minute(until)))


def _went_on(connection: Connection, newsletter: Newsletter, reader: Reader, new: str, *, subscription: str, now: datetime) -> str | None:
    """Whoever changes again before anything came stands where they stood; but in a pause, where it lets them come to."""
    stood = Served.parse(reader.served)
    if stood is None or reader.paused_until is None or reader.paused_until <= now:
        return None
    moments = [stood.until]
    if stood.until > now:  # only where the pause would have let them come to in the cadence they leave again
        passed = _passed(connection, newsletter.slug, newsletter.cadence_of(reader.cadence), now)
        moments = [moment for moment in (_newest_had(connection, newsletter.slug, stood.cadence, subscription), passed) if moment]
    # Whoever goes back where they stood was there while this pause went by: of which change it was the first, nothing tells.
    since = reader.paused_from if new == stood.cadence and reader.paused_from else now
    asleep = _asleep_until(reader, newsletter.at(new), since)
    return str(Served(cadence=stood.cadence, until=max([*map(_whole_minute, moments), *([asleep] if asleep else [])])))


def on_pause(connection: Connection, newsletter: Newsletter, subscription: str, until: datetime, now: datetime) -> str | None:
    """What `served` becomes when the reader's pause ends at `until`, now or later; None: it stays. What goes by in a pause is not owed, in whichever
    cadence; what went by before it is."""
    hold(connection, subscription=subscription)
    reader = _reader(connection, subscription)
    stood = Served.parse(reader.served) if reader else None
    if reader is None or stood is None:
        return None
    # Beyond this pause it is only where a longer one would have let them come to.
    had = stood.until if stood.until <= until else _newest_had(connection, newsletter.slug, stood.cadence, subscription) or stood.until
    pauses = reader.paused_until is not None and reader.paused_until >= now
    began = reader.paused_from if pauses and reader.paused_from else now
    going_by = newsletter.at(newsletter.cadence_of(reader.cadence)).slot_at(until - A_MINUTE)
    return str(Served(cadence=stood.cadence, until=max(_whole_minute(had), going_by) if going_by > began else _whole_minute(had)))


def on_merge(connection: Connection, *, goes: int, stays: int) -> str | None:
    """What `served` of the subscription that stays becomes when that which goes had later editions of another cadence; None: it stays. By their
    numbers, before one inherits the other's deliveries."""
    theirs, ours = _latest(connection, goes), _latest(connection, stays)
    if theirs is None or (ours is not None and (ours.cadence == theirs.cadence or ours.slot >= theirs.slot)):
        return None
    return str(Served(cadence=theirs.cadence, until=_whole_minute(theirs.slot)))


def _reader(connection: Connection, subscription: str) -> Reader | None:
    columns = (Subscription.cadence, Subscription.served, Subscription.paused_from, Subscription.paused_until, Subscription.confirmed_at)
    return connection.execute(select(*columns).where(Subscription.public_id == subscription)).one_or_none()


def _newest_had(connection: Connection, newsletter: str, cadence: str, subscription: str) -> datetime | None:
    """The slot of the newest edition that went out and had a delivery for this reader."""
    query = select(func.max(EditionRow.slot)).join(DeliveryRow, DeliveryRow.edition_id == EditionRow.id)
    query = query.join(Subscription, Subscription.id == DeliveryRow.subscription_id).where(Subscription.public_id == subscription)
    out = (EditionRow.newsletter == newsletter, EditionRow.cadence == cadence, EditionRow.state.in_(store.OUT))
    return connection.scalar(query.where(*out))


def _passed(connection: Connection, newsletter: str, cadence: str, back: datetime | None) -> datetime | None:
    """The last slot that went by while they were away."""
    last = store.last_out(connection, newsletter, cadence, back) if back else None
    return last.slot if last else None


def _back_since(reader: Reader, now: datetime) -> datetime | None:
    """Since when they get editions again, after a pause or after having left."""
    moments = (min(now, reader.paused_until) if reader.paused_until else None, reader.confirmed_at)
    return max((moment for moment in moments if moment), default=None)


def _asleep_until(reader: Reader, newsletter: Newsletter, since: datetime) -> datetime | None:
    """The last slot of the new cadence that goes by in a pause after `since`; those before were none of theirs."""
    slot = newsletter.slot_at(reader.paused_until - A_MINUTE) if reader.paused_until else since
    return slot if slot > since else None


def _whole_minute(moment: datetime) -> datetime:
    """The same or the next whole minute, which is all that `Served` keeps: an edition made by hand may lie between."""
    return moment if moment == (whole := moment.replace(second=0, microsecond=0)) else whole + A_MINUTE


def _latest(connection: Connection, subscription_id: int) -> Row[str, datetime] | None:
    query = select(EditionRow.cadence, EditionRow.slot).join(DeliveryRow, DeliveryRow.edition_id == EditionRow.id)
    query = query.where(DeliveryRow.subscription_id == subscription_id, EditionRow.state.in_(store.OUT))
    return connection.execute(query.order_by(EditionRow.slot.desc()).limit(1)).one_or_none()
