"""What people have asked for, and when, how and from where: what a letter to them tells of."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from subscribers.tables import Consent, Subscription, SubscriptionState


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A subscription that waits for its second yes, or has it: when and how it became so, and on which page."""

    newsletter: str
    state: SubscriptionState
    at: datetime
    how: str
    origin: str


def asked(connection: Connection, subscribers: Collection[int]) -> Mapping[int, tuple[Asked, ...]]:
    """By the subscriber's row number, in the order of asking. Whoever has neither pending nor confirmed subscriptions is left out. One query."""
    last = (
        select(func.max(Consent.id))
        .where(Consent.subscription_id == Subscription.id, Consent.state == Subscription.state)
        .correlate(Subscription)
        .scalar_subquery()
    )
    query = (
        select(Subscription.subscriber_id, Subscription.newsletter, Subscription.state, Consent.at, Consent.how, Consent.origin)
        .join(Consent, Consent.id == last)
        .where(Subscription.subscriber_id.in_(subscribers), Subscription.state.in_((SubscriptionState.PENDING, SubscriptionState.CONFIRMED)))
        .order_by(Consent.id)
    )
    found: dict[int, tuple[Asked, ...]] = {}
    for row in connection.execute(query):
        one = Asked(newsletter=row.newsletter, state=row.state, at=row.at, how=row.how, origin=row.origin)
        found[row.subscriber_id] = (*found.get(row.subscriber_id, ()), one)
    return found
