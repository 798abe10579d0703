"""The statements by which a subscription changes its state: guarded, each leaving its `Consent` row.

Whoever changes a person's rows takes the person first (`hold`): so two who change several of them never wait for each other in a ring.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, select, update
from sqlalchemy import insert as plain_insert

from subscribers.tables import Consent, Subscriber, Subscription, SubscriptionState
from subscribers.upsert import insert

FORM = "form"  # `Proof.how` of what a form brought, whoever filled it in


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """How a yes or a no was given: `how` in one or two words ("form", "one-click", "import"), `origin` the page or the
    file and its line, `wording` the words that were agreed to, or their version."""

    how: str
    origin: str = ""
    wording: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a person wants of a newsletter: a cadence it offers (empty: the publisher's default), the sections and authors they follow (neither: all),
    those they leave out, and the hour of their day."""

    cadence: str = ""
    sections: frozenset[str] = frozenset()
    authors: frozenset[str] = frozenset()
    muted_sections: frozenset[str] = frozenset()
    muted_authors: frozenset[str] = frozenset()
    hour: int | None = None  # None: the newsletter's

    @property
    def columns(self) -> dict[str, Any]:
        """As a `Subscription` keeps it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


ALL = Choice()


# Put together once: to build one of these takes several times as long as to execute it.
_IS_THEIRS = Subscription.public_id == bindparam("who")
# Not the lock of a deletion: the foreign keys of rows that are added meanwhile need not wait for it.
_HELD = select(Subscriber.id).with_for_update(key_share=True)
_WHO = _HELD.where(Subscriber.public_id == bindparam("who"))
_WHOSE = _HELD.where(Subscriber.id == select(Subscription.subscriber_id).where(_IS_THEIRS).scalar_subquery())
_ACTED = update(Subscriber).where(Subscriber.id == bindparam("who")).values(acted_at=bindparam("now"))
_SAID = {name: bindparam(f"this_{name}", type_=getattr(Consent, name).type) for name in ("state", "at", "how", "origin", "wording")}
_RECORD = plain_insert(Consent).from_select(
    ["subscription_id", "address_hash", *_SAID],
    select(Subscription.id, Subscriber.address_hash, *_SAID.values())
    .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
    .where(Subscription.id.in_(bindparam("subscriptions", expanding=True)))
    .order_by(Subscription.id),
)


def public_id() -> str:
    """22 characters of a URL, 128 random bits."""
    return secrets.token_urlsafe(16)


def hold(connection: Connection, *, subscriber: str = "", subscription: str = "") -> int | None:
    """The number of the person with this public id, or of the person whose subscription has it, theirs being the caller's until the transaction ends.
    None when there is none."""
    query, who = (_WHOSE, subscription) if subscription else (_WHO, subscriber)
    held = connection.scalar(query, {"who": who})
    # Whoever merged two people while we waited has given the subscription to the other one.
    return connection.scalar(query, {"who": who}) if held is None and subscription else held


def acted(connection: Connection, subscriber_id: int, now: datetime) -> None:
    """Notes that this person did something themselves."""
    connection.execute(_ACTED, {"who": subscriber_id, "now": now})


def change(
    connection: Connection, state: SubscriptionState, *where: ColumnElement[bool], proof: Proof, now: datetime, **values: Any
) -> tuple[str, ...]:
    """Gives the subscriptions that meet `where` this state, and these values; the newsletters of those that it changed."""
    statement = update(Subscription).where(*where).values(state=state, **values)
    changed = connection.execute(statement.returning(Subscription.id, Subscription.newsletter)).all()
    if changed:
        record(connection, [row.id for row in changed], state, proof, now)
    return tuple(sorted(row.newsletter for row in changed))


def record(connection: Connection, subscriptions: Sequence[int], state: SubscriptionState, proof: Proof, now: datetime) -> None:
    """Adds the `Consent` row of each."""
    said = {"this_state": state, "this_at": now, "this_how": proof.how, "this_origin": proof.origin, "this_wording": proof.wording}
    connection.execute(_RECORD, {"subscriptions": list(subscriptions), **said})


def make(
    connection: Connection, subscriber_id: int, newsletter: str, state: SubscriptionState, choice: Choice, *, proof: Proof, now: datetime
) -> str | None:
    """The public id of the new subscription; None when there is one already, which stays as it is."""
    row = {
        "public_id": public_id(),
        "subscriber_id": subscriber_id,
        "newsletter": newsletter,
        "state": state,
        "created_at": now,
        "confirmed_at": now if state == SubscriptionState.CONFIRMED else None,
        "unsubscribed_at": now if state == SubscriptionState.UNSUBSCRIBED else None,
        "unsubscribed_how": "",
        **choice.columns,
    }
    statement = insert(connection, Subscription).values(**row).on_conflict_do_nothing(index_elements=["subscriber_id", "newsletter"])
    made = connection.execute(statement.returning(Subscription.id, Subscription.public_id)).one_or_none()
    if made is None:
        return None
    record(connection, [made.id], state, proof, now)
    return str(made.public_id)
