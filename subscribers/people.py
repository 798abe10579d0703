"""Looking people up, and counting them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, case, func, or_, select

from subscribers.address import Address
from subscribers.audience import mailable
from subscribers.tables import Consent, Subscriber, Subscription, SubscriptionState


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One subscription and its person. `mailable` is false of whoever is not confirmed, or is suppressed."""

    subscription: str  # its public id
    newsletter: str
    address: str
    name: str
    language: str
    time_zone: str
    state: SubscriptionState
    mailable: bool
    created_at: datetime
    confirmed_at: datetime | None
    unsubscribed_at: datetime | None
    unsubscribed_how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One line of a person's consent history."""

    newsletter: str
    state: SubscriptionState
    at: datetime
    how: str
    origin: str
    wording: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How the subscriptions of one newsletter stand. `suppressed` are those of `confirmed` that get nothing all the same."""

    pending: int = 0
    confirmed: int = 0
    unsubscribed: int = 0
    suppressed: int = 0


def find(
    connection: Connection, *, text: str = "", newsletter: str = "", state: SubscriptionState | None = None, after: int = 0, limit: int = 50
) -> tuple[Known, ...]:
    """Subscriptions in the order of their making, `text` being part of the address or name; `after` skips that many."""
    query = (
        select(Subscription, Subscriber.address, Subscriber.name, Subscriber.language, Subscriber.time_zone, mailable().label("mailable"))
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .order_by(Subscription.id)
        .offset(after)
        .limit(limit)
    )
    if text:
        part = text.strip().lower()
        places = (Subscriber.address_key, func.lower(Subscriber.address), func.lower(Subscriber.name))
        query = query.where(or_(*(place.contains(part, autoescape=True) for place in places)))
    if newsletter:
        query = query.where(Subscription.newsletter == newsletter)
    if state is not None:
        query = query.where(Subscription.state == state)
    return tuple(_known(row) for row in connection.execute(query))


def _known(row: Row[*tuple[Any, ...]]) -> Known:
    names = (name for name in Known.__dataclass_fields__ if name != "subscription")
    return Known(subscription=row.public_id, **{name: getattr(row, name) for name in names})


def history(connection: Connection, address: Address) -> tuple[Record, ...]:
    """Every yes and no this person has given, oldest first."""
    query = (
        select(Subscription.newsletter, Consent.state, Consent.at, Consent.how, Consent.origin, Consent.wording)
        .join(Subscription, Subscription.id == Consent.subscription_id)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .where(Subscriber.address_key == address.key)
        .order_by(Consent.id)
    )
    return tuple(Record(**row._mapping) for row in connection.execute(query))


def count(connection: Connection) -> Mapping[str, Count]:
    """By newsletter, in one query."""
    held_back = func.sum(case((mailable(), 0), else_=1))
    query = (
        select(Subscription.newsletter, Subscription.state, func.count(), held_back)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .group_by(Subscription.newsletter, Subscription.state)
    )
    counts: dict[str, dict[str, int]] = {}
    for newsletter, state, number, not_mailable in connection.execute(query):
        here = counts.setdefault(newsletter, {})
        here[state.value] = number
        if state == SubscriptionState.CONFIRMED:
            here["suppressed"] = not_mailable
    return {newsletter: Count(**here) for newsletter, here in sorted(counts.items())}
