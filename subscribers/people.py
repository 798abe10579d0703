"""Looking people up, and counting them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, case, func, not_, or_, select

from subscribers.address import Address, parse_address
from subscribers.audience import mailable
from subscribers.tables import Consent, Subscriber, Subscription, SubscriptionState
from subscribers.wishes import wish_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One subscription and its person. `mailable` is false of whoever is not confirmed, or is suppressed."""

    subscription_token: str  # the subscription's public id
    subscriber_token: str  # the subscriber's public id
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
    wish: str = ""  # the key of what they follow and mute
    hour: int | None = None  # of their own day, at which they want it


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One line of a person's consent history."""

    newsletter: str
    state: SubscriptionState
    at: datetime
    how: str
    origin: str
    wording: str


_COLUMNS = {
    "subscription_token": Subscription.public_id,
    "subscriber_token": Subscriber.public_id,
    "mailable": mailable(),
    "wish": wish_key(),
    "hour": Subscription.hour,
    **{name: getattr(Subscriber, name) for name in ("address", "name", "language", "time_zone")},
    **{name: getattr(Subscription, name) for name in ("newsletter", "state", "created_at", "confirmed_at", "unsubscribed_at", "unsubscribed_how")},
}
# Put together once: to build such a statement takes five times as long as to execute it.
_KNOWN: Select[*tuple[Any, ...]] = select(*(column.label(name) for name, column in _COLUMNS.items())).join_from(
    Subscription, Subscriber, Subscriber.id == Subscription.subscriber_id
)
_IS_IT = Subscription.public_id == bindparam("subscription")
_READER = _KNOWN.where(_IS_IT)
_WHOSE = select(Subscription.subscriber_id).where(_IS_IT).scalar_subquery()
_WITH_OTHERS = _KNOWN.where(Subscription.subscriber_id == _WHOSE).order_by(not_(_IS_IT), Subscription.id)


def find(
    connection: Connection,
    *,
    text: str = "",
    newsletter: str = "",
    state: SubscriptionState | None = None,
    among: ColumnElement[bool] | None = None,
    after: int = 0,
    limit: int = 50,
) -> tuple[Known, ...]:
    """Subscriptions in the order of their making, `text` being part of the address or name, `among` a condition like a segment's; `after` skips that
    many."""
    query = _KNOWN.order_by(Subscription.id).offset(after).limit(limit)
    if text:
        part = text.strip().lower()
        places = (Subscriber.address_key, func.lower(Subscriber.address), func.lower(Subscriber.name))
        query = query.where(or_(*(place.contains(part, autoescape=True) for place in places)))
    if newsletter:
        query = query.where(Subscription.newsletter == newsletter)
    if state is not None:
        query = query.where(Subscription.state == state)
    if among is not None:
        query = query.where(among)
    return tuple(Known(**row._mapping) for row in connection.execute(query))


def find_reader(connection: Connection, newsletter: str, address: str) -> Known | None:
    """The subscription of this very address, in whatever state; None when there is none. `BadAddress` when it is no address."""
    theirs = (Subscription.newsletter == newsletter, Subscriber.address_key == parse_address(address).key)
    found = connection.execute(_KNOWN.where(*theirs)).one_or_none()
    return Known(**found._mapping) if found else None


def reader(connection: Connection, subscription: str) -> Known | None:
    """The subscription with this public id, in whatever state; None when there is none (any more)."""
    found = connection.execute(_READER, {"subscription": subscription}).one_or_none()
    return Known(**found._mapping) if found else None


def with_others(connection: Connection, subscription: str) -> tuple[Known, ...]:
    """The same first, and then what else its person has or had, in the order of its making. Empty when there is none (any more)."""
    return tuple(Known(**row._mapping) for row in connection.execute(_WITH_OTHERS, {"subscription": subscription}))


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


def count_by_state(connection: Connection, newsletter: str) -> Mapping[str, int]:
    """Subscriptions by state, and as `suppressed` the confirmed who get nothing all the same. What there is none of is left out."""
    held_back = func.sum(case((mailable(), 0), else_=1))
    query = (
        select(Subscription.state, func.count(), held_back)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .where(Subscription.newsletter == newsletter)
        .group_by(Subscription.state)
    )
    counts: dict[str, int] = {}
    for state, number, not_mailable in connection.execute(query):
        counts[state.value] = number
        if state == SubscriptionState.CONFIRMED and not_mailable:
            counts["suppressed"] = not_mailable
    return counts
