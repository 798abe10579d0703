"""What is known here of the people in a batch of a list, and the end of what only a list began."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, exists, false, func, select, update
from sqlalchemy.orm import aliased

from subscribers.tables import Consent, Subscriber, Subscription, SubscriptionState

IMPORT = "import"  # `Consent.how` of what a list said


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """A person who is known, and their subscription to the newsletter in hand, if there is one."""

    subscription: int
    state: SubscriptionState | None
    by_themselves: bool  # something else than a list stands behind this subscription
    confirmed_by_themselves: bool  # … behind one of their confirmed subscriptions


def known(connection: Connection, keys: Collection[str], newsletter: str) -> dict[str, Here]:
    """Those of these address keys that are known, in one query."""
    joined = and_(Subscription.subscriber_id == Subscriber.id, Subscription.newsletter == newsletter)
    query = (
        select(
            Subscriber.address_key,
            Subscription.id,
            Subscription.state,
            func.coalesce(_by_themselves(), false()).label("by_themselves"),
            _confirmed_by_themselves().label("confirmed_by_themselves"),
        )
        .outerjoin(Subscription, joined)
        .where(Subscriber.address_key.in_(keys))
    )
    return {
        row.address_key: Here(
            subscription=row.id or 0,
            state=row.state,
            by_themselves=bool(row.by_themselves),
            confirmed_by_themselves=bool(row.confirmed_by_themselves),
        )
        for row in connection.execute(query)
    }


def end(connection: Connection, subscriptions: Sequence[int], now: datetime) -> frozenset[int]:
    """Ends those of these subscriptions that only lists began; which they were. Their consents are the caller's to write."""
    open_ = Subscription.state != SubscriptionState.UNSUBSCRIBED
    statement = update(Subscription).where(Subscription.id.in_(subscriptions), open_, ~_by_themselves())
    values = {"state": SubscriptionState.UNSUBSCRIBED, "unsubscribed_at": now, "unsubscribed_how": IMPORT}
    return frozenset(connection.scalars(statement.values(**values).returning(Subscription.id)))


def _by_themselves() -> ColumnElement[bool]:
    return exists().where(Consent.subscription_id == Subscription.id, Consent.how != IMPORT).correlate(Subscription)


def _confirmed_by_themselves() -> ColumnElement[bool]:
    other = aliased(Subscription)
    theirs = and_(other.subscriber_id == Subscriber.id, other.state == SubscriptionState.CONFIRMED)
    return exists().where(theirs, Consent.subscription_id == other.id, Consent.how != IMPORT).correlate(Subscriber)
