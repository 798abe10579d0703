"""The only place where a subscription changes its state: guarded statements, each leaving its `Consent` row."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, select, update
from sqlalchemy import insert as plain_insert

from subscribers.address import Address
from subscribers.errors import Suppressed
from subscribers.suppression import address_hash, suppressed_among
from subscribers.tables import Consent, Subscriber, Subscription, SubscriptionState
from subscribers.upsert import insert


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who is to get it. What is empty falls back on the newsletter's own language and time zone."""

    address: Address
    name: str = ""
    language: str = ""
    time_zone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """How a yes or a no was given: `how` in one or two words ("form", "one-click", "import"), `origin` the page or the
    file and its line, `wording` the words that were agreed to, or their version."""

    how: str
    origin: str = ""
    wording: str = ""


class Answer(StrEnum):
    """What became of a wish to subscribe."""

    NEW = "new"  # a subscription was made
    REVIVED = "revived"  # the person had left, and came back by their own act: pending again
    ALREADY = "already"  # pending or confirmed before: nothing changed
    LEFT = "left"  # the person had left: only they themself may come back, nothing changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    answer: Answer
    subscription: str  # its public id
    state: SubscriptionState  # as it now is


def public_id() -> str:
    """22 characters of a URL, 128 random bits."""
    return secrets.token_urlsafe(16)


def add(
    connection: Connection, person: Person, *, newsletter: str, state: SubscriptionState, proof: Proof, keys: Sequence[str], now: datetime
) -> Added:
    """An operator's act: a subscription in the state they can prove. Never revives someone who left, and says so (`Answer.LEFT`).

    An existing subscription keeps its state. `Suppressed` when nobody may write to the address.
    """
    subscriber_id = _subscriber(connection, person, keys=keys, now=now)
    made = _insert(connection, subscriber_id, newsletter, state, now)
    if made:
        _record(connection, [made[0]], state, proof, now)
        return Added(answer=Answer.NEW, subscription=made[1], state=state)
    where = (Subscription.subscriber_id == subscriber_id, Subscription.newsletter == newsletter)
    known = connection.execute(select(Subscription.public_id, Subscription.state).where(*where)).one()
    answer = Answer.LEFT if known.state == SubscriptionState.UNSUBSCRIBED else Answer.ALREADY
    return Added(answer=answer, subscription=known.public_id, state=known.state)


def subscribe(connection: Connection, person: Person, *, newsletter: str, proof: Proof, keys: Sequence[str], now: datetime) -> Added:
    """The person's own act: pending until they confirm; it also leads back someone who left. `Suppressed` as in `add`."""
    added = add(connection, person, newsletter=newsletter, state=SubscriptionState.PENDING, proof=proof, keys=keys, now=now)
    if added.answer != Answer.LEFT:
        return added
    values = {"state": SubscriptionState.PENDING, "confirmed_at": None, "unsubscribed_at": None, "unsubscribed_how": ""}
    where = (Subscription.public_id == added.subscription, Subscription.state == SubscriptionState.UNSUBSCRIBED)
    _change(connection, values, *where, proof=proof, now=now)
    return Added(answer=Answer.REVIVED, subscription=added.subscription, state=SubscriptionState.PENDING)


def confirm(connection: Connection, subscription: str, *, proof: Proof, now: datetime) -> bool:
    """The second yes, to the confirmation letter. False when there was nothing pending: said twice, or left since."""
    values = {"state": SubscriptionState.CONFIRMED, "confirmed_at": now}
    where = (Subscription.public_id == subscription, Subscription.state == SubscriptionState.PENDING)
    return _change(connection, values, *where, proof=proof, now=now) > 0


def unsubscribe(connection: Connection, subscription: str, *, how: str, now: datetime, origin: str = "") -> bool:
    """Ends one subscription at once. Said again it changes nothing and answers False; so does a public id that is not (or no longer) ours."""
    return _leave(connection, Subscription.public_id == subscription, Proof(how=how, origin=origin), now) > 0


def unsubscribe_from_all(connection: Connection, subscriber: str, *, how: str, now: datetime, origin: str = "") -> int:
    """Ends every subscription of the person with this public id; how many there were."""
    theirs = select(Subscriber.id).where(Subscriber.public_id == subscriber).scalar_subquery()
    return _leave(connection, Subscription.subscriber_id == theirs, Proof(how=how, origin=origin), now)


def _leave(connection: Connection, which: ColumnElement[bool], proof: Proof, now: datetime) -> int:
    values = {"state": SubscriptionState.UNSUBSCRIBED, "unsubscribed_at": now, "unsubscribed_how": proof.how}
    return _change(connection, values, which, Subscription.state != SubscriptionState.UNSUBSCRIBED, proof=proof, now=now)


def _change(connection: Connection, values: dict[str, Any], *where: ColumnElement[bool], proof: Proof, now: datetime) -> int:
    changed = connection.scalars(update(Subscription).where(*where).values(**values).returning(Subscription.id)).all()
    if changed:
        _record(connection, changed, values["state"], proof, now)
    return len(changed)


def _record(connection: Connection, subscriptions: Sequence[int], state: SubscriptionState, proof: Proof, now: datetime) -> None:
    row = {"state": state, "at": now, "how": proof.how, "origin": proof.origin, "wording": proof.wording}
    connection.execute(plain_insert(Consent), [{"subscription_id": id_, **row} for id_ in subscriptions])


def _subscriber(connection: Connection, person: Person, *, keys: Sequence[str], now: datetime) -> int:
    """The row of the person, made if there is none. An existing one keeps its name: an operator's list does not overwrite what a person said."""
    digest = address_hash(person.address, keys)
    if suppressed_among(connection, [digest]):
        raise Suppressed("Nobody may write to this address: it is on the suppression list. Lift it first, if you are sure.")
    row = {
        "public_id": public_id(),
        "address": person.address.address,
        "address_key": person.address.key,
        "address_hash": digest,
        "name": person.name,
        "language": person.language,
        "time_zone": person.time_zone,
        "created_at": now,
    }
    connection.execute(insert(connection, Subscriber).values(**row).on_conflict_do_nothing(index_elements=["address_key"]))
    return connection.scalars(select(Subscriber.id).where(Subscriber.address_key == person.address.key)).one()


def _insert(connection: Connection, subscriber_id: int, newsletter: str, state: SubscriptionState, now: datetime) -> tuple[int, str] | None:
    """The new subscription's id and public id; None when there is one already."""
    row = {
        "public_id": public_id(),
        "subscriber_id": subscriber_id,
        "newsletter": newsletter,
        "state": state,
        "created_at": now,
        "confirmed_at": now if state == SubscriptionState.CONFIRMED else None,
        "unsubscribed_at": now if state == SubscriptionState.UNSUBSCRIBED else None,
        "unsubscribed_how": "",
    }
    statement = insert(connection, Subscription).values(**row).on_conflict_do_nothing(index_elements=["subscriber_id", "newsletter"])
    made = connection.execute(statement.returning(Subscription.id, Subscription.public_id)).one_or_none()
    return (made.id, made.public_id) if made else None
