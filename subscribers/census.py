"""How many there are: subscriptions by newsletter and state, of everybody or of a segment."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, case, func, select, true

from subscribers.audience import mailable
from subscribers.tables import Subscriber, Subscription, SubscriptionState


@dataclass(frozen=True, slots=True, kw_only=True)
class Census:
    """The subscriptions to one newsletter."""

    mailable: int = 0  # confirmed, and their address is not suppressed
    suppressed: int = 0  # confirmed, and nothing is sent to them all the same
    pending: int = 0
    unsubscribed: int = 0


def census(connection: Connection, *, newsletter: str = "", among: ColumnElement[bool] | None = None) -> Mapping[str, Census]:
    """By newsletter, of one or of all; `among` is a condition like a segment's. A newsletter that nobody has is left out. One statement."""
    confirmed = Subscription.state == SubscriptionState.CONFIRMED
    writable = _count(mailable())
    query = (
        select(
            Subscription.newsletter,
            writable.label("mailable"),
            (_count(confirmed) - writable).label("suppressed"),
            _count(Subscription.state == SubscriptionState.PENDING).label("pending"),
            _count(Subscription.state == SubscriptionState.UNSUBSCRIBED).label("unsubscribed"),
        )
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .where(true() if among is None else among, Subscription.newsletter == newsletter if newsletter else true())
        .group_by(Subscription.newsletter)
        .order_by(Subscription.newsletter)
    )
    rows = connection.execute(query).mappings()
    return {row["newsletter"]: Census(**{name: count for name, count in row.items() if name != "newsletter"}) for row in rows}


def _count(which: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((which, 1), else_=0))
