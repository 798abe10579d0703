"""Who may be written to, as SQL: for queueing, and again for claiming."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select

from subscribers.tables import Subscriber, Subscription, SubscriptionState, Suppression


def mailable() -> ColumnElement[bool]:
    """True of a `Subscription` joined with its `Subscriber` that is confirmed and whose address is not suppressed."""
    suppressed = exists().where(Suppression.address_hash == Subscriber.address_hash)
    return and_(Subscription.state == SubscriptionState.CONFIRMED, ~suppressed)


def audience(newsletter: str, now: datetime, *, cadence: str = "", others: Collection[str] = ()) -> Select[int]:
    """The ids of the subscriptions an edition of `newsletter` goes to, at the moment the statement runs; whoever paused beyond `now` is left out.

    `cadence`: of those who chose it. Empty, it is the newsletter's own: of all who chose none of the `others`."""
    awake = or_(Subscription.paused_until.is_(None), Subscription.paused_until <= now)
    joined = select(Subscription.id).join(Subscriber, Subscriber.id == Subscription.subscriber_id)
    theirs = joined.where(Subscription.newsletter == newsletter, mailable(), awake)
    if cadence:
        return theirs.where(Subscription.cadence == cadence)
    return theirs.where(Subscription.cadence.not_in(sorted(others))) if others else theirs
