"""Who may be written to, as SQL: for queueing, and again for claiming."""

from sqlalchemy import ColumnElement, Select, and_, exists, select

from subscribers.tables import Subscriber, Subscription, SubscriptionState, Suppression


def mailable() -> ColumnElement[bool]:
    """True of a `Subscription` joined with its `Subscriber` that is confirmed and whose address is not suppressed."""
    suppressed = exists().where(Suppression.address_hash == Subscriber.address_hash)
    return and_(Subscription.state == SubscriptionState.CONFIRMED, ~suppressed)


def audience(newsletter: str) -> Select[int]:
    """The ids of the subscriptions an edition of `newsletter` goes to, at the moment the statement runs."""
    joined = select(Subscription.id).join(Subscriber, Subscriber.id == Subscription.subscriber_id)
    return joined.where(Subscription.newsletter == newsletter, mailable())
