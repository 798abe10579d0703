"""One person as an operator sees them: what is known, what they subscribe to, and whether they may be written to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from subscribers.address import Address
from subscribers.suppression import Listed, listed
from subscribers.tables import Subscriber, Subscription, SubscriptionState


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One subscription of theirs."""

    newsletter: str
    state: SubscriptionState
    created_at: datetime
    confirmed_at: datetime | None
    unsubscribed_at: datetime | None
    unsubscribed_how: str
    cadence: str  # empty: the newsletter's own
    sections: tuple[str, ...]  # followed; with no authors either: all
    authors: tuple[str, ...]  # followed
    muted_sections: tuple[str, ...]
    muted_authors: tuple[str, ...]
    hour: int | None  # of their day; None: the newsletter's
    paused_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    address: str
    name: str
    language: str
    time_zone: str
    attributes: Mapping[str, str]
    created_at: datetime
    acted_at: datetime | None
    suppression: Listed | None
    subscriptions: tuple[Held, ...]


def profile(connection: Connection, address: Address, *, keys: Sequence[str]) -> Profile | None:
    """The person with this address; None when there is none. Three queries."""
    names = ("address", "name", "language", "time_zone", "attributes", "created_at", "acted_at")
    columns = (getattr(Subscriber, name) for name in names)
    found = connection.execute(select(Subscriber.id, *columns).where(Subscriber.address_key == address.key)).one_or_none()
    if found is None:
        return None
    person = {name: getattr(found, name) for name in names}
    return Profile(**person, suppression=listed(connection, address, keys=keys), subscriptions=_held(connection, found.id))


def _held(connection: Connection, subscriber_id: int) -> tuple[Held, ...]:
    columns = (getattr(Subscription, name) for name in Held.__dataclass_fields__)
    query = select(*columns).where(Subscription.subscriber_id == subscriber_id).order_by(Subscription.id)
    return tuple(_one(row) for row in connection.execute(query).mappings())


def _one(row: Mapping[Any, Any]) -> Held:
    told: dict[str, Any] = {name: tuple(sorted(value)) if isinstance(value, frozenset) else value for name, value in row.items()}
    return Held(**told)
