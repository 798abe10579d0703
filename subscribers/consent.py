"""How a subscription comes about and ends: each act a guarded statement that leaves its `Consent` row (see `change.py`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, exists, select, update

from subscribers import form_text
from subscribers.address import Address
from subscribers.change import ALL, Choice, Proof, acted, change, hold, make, public_id, record
from subscribers.errors import Suppressed
from subscribers.suppression import address_hash, reason_of
from subscribers.tables import Consent, Subscriber, Subscription, SubscriptionState, SuppressionReason
from subscribers.upsert import insert

__all__ = [
    "ALL",
    "WHY",
    "Added",
    "Answer",
    "Choice",
    "Person",
    "Proof",
    "add",
    "confirm",
    "say_why",
    "subscribe",
    "unsubscribe",
    "unsubscribe_from_all",
]

WHY = "reason given"  # `Consent.how` of a row that says why somebody left, in their words


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who is to get it. What is empty falls back on the newsletter's own language and time zone."""

    address: Address
    name: str = ""
    language: str = ""
    time_zone: str = ""


class Answer(StrEnum):
    """What became of a wish to subscribe."""

    NEW = "new"  # a subscription was made
    REVIVED = "revived"  # the person had left, and came back by their own act: pending again
    ALREADY = "already"  # pending or confirmed before: its state stays
    LEFT = "left"  # the person had left: only they themself may come back, nothing changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    answer: Answer
    subscription: str  # its public id
    state: SubscriptionState  # as it now is


def add(
    connection: Connection, person: Person, *, newsletter: str, state: SubscriptionState, proof: Proof, keys: Sequence[str], now: datetime
) -> Added:
    """An operator's act: a subscription in the state they can prove. Never revives someone who left, and says so (`Answer.LEFT`).

    An existing subscription keeps its state. `Suppressed` when nobody may write to the address.
    """
    digest = address_hash(person.address, keys)
    if reason_of(connection, digest) is not None:
        raise Suppressed("Nobody may write to this address: it is on the suppression list. Lift it first, if you are sure.")
    subscriber_id = _person(connection, person, digest, now)
    return _add(connection, subscriber_id, newsletter, state, ALL, proof=proof, now=now)


def subscribe(
    connection: Connection,
    person: Person,
    *,
    newsletter: str,
    proof: Proof,
    keys: Sequence[str],
    now: datetime,
    choice: Choice = ALL,
    at_once: bool = False,
) -> Added:
    """A form's act: pending until the person confirms. It also leads back someone who left, or who had themself erased.

    `at_once`: who is new is confirmed without a second yes; who had left or was erased is not, for a stranger may have filled in the form. For the
    same reason a confirmed subscription and its person stay as they are. `Suppressed` when nobody may write to the address for another reason.
    """
    digest = address_hash(person.address, keys)
    reason = reason_of(connection, digest)
    if reason not in (None, SuppressionReason.ERASED):
        raise Suppressed("Nobody may write to this address: it is on the suppression list.")
    subscriber_id = _person(connection, person, digest, now)
    _introduce(connection, subscriber_id, person)
    state = SubscriptionState.CONFIRMED if at_once and reason is None else SubscriptionState.PENDING
    added = _add(connection, subscriber_id, newsletter, state, choice, proof=proof, now=now)
    theirs = Subscription.public_id == added.subscription
    if added.answer is Answer.LEFT:
        fresh = {"confirmed_at": None, "unsubscribed_at": None, "unsubscribed_how": "", "paused_until": None, "served": "", **choice.columns}
        left = Subscription.state == SubscriptionState.UNSUBSCRIBED
        change(connection, SubscriptionState.PENDING, theirs, left, proof=proof, now=now, **fresh)
        return Added(answer=Answer.REVIVED, subscription=added.subscription, state=SubscriptionState.PENDING)
    if added.answer is Answer.ALREADY:
        said = {"cadence": choice.cadence, "sections": choice.sections}  # a form asks for nothing else
        connection.execute(update(Subscription).where(theirs, Subscription.state == SubscriptionState.PENDING).values(**said))
    return added


def confirm(connection: Connection, subscription: str, *, proof: Proof, now: datetime) -> bool:
    """The second yes to one subscription. False when there was nothing pending: said twice, or left since."""
    subscriber_id = hold(connection, subscription=subscription)
    if subscriber_id is None:
        return False
    acted(connection, subscriber_id, now)
    where = (Subscription.public_id == subscription, Subscription.state == SubscriptionState.PENDING)
    return bool(change(connection, SubscriptionState.CONFIRMED, *where, proof=proof, now=now, confirmed_at=now))


def unsubscribe(connection: Connection, subscription: str, *, how: str, now: datetime, origin: str = "", by_operator: bool = False) -> bool:
    """Ends one subscription at once. Said again it changes nothing and answers False; so does a public id that is not (or no longer) ours."""
    subscriber_id = hold(connection, subscription=subscription)
    if subscriber_id is None:
        return False
    if not by_operator:
        acted(connection, subscriber_id, now)
    where = (Subscription.public_id == subscription, Subscription.state != SubscriptionState.UNSUBSCRIBED)
    return bool(_leave(connection, *where, proof=Proof(how=how, origin=origin), now=now))


def unsubscribe_from_all(connection: Connection, subscriber: str, *, how: str, now: datetime, origin: str = "") -> int:
    """Ends every subscription of the person with this public id; how many there were."""
    subscriber_id = hold(connection, subscriber=subscriber)
    if subscriber_id is None:
        return 0
    acted(connection, subscriber_id, now)
    where = (Subscription.subscriber_id == subscriber_id, Subscription.state != SubscriptionState.UNSUBSCRIBED)
    return len(_leave(connection, *where, proof=Proof(how=how, origin=origin), now=now))


def say_why(connection: Connection, subscription: str, reason: str, *, now: datetime) -> bool:
    """Keeps why somebody left, in their words, as a further consent row. False when they have not left, have said so before, or said nothing."""
    reason, subscriber_id = form_text.line(reason), hold(connection, subscription=subscription)
    since = exists().where(Consent.subscription_id == Subscription.id, Consent.how == WHY, Consent.at >= Subscription.unsubscribed_at)
    left = (Subscription.public_id == subscription, Subscription.state == SubscriptionState.UNSUBSCRIBED, ~since)
    found = connection.scalar(select(Subscription.id).where(*left)) if reason and subscriber_id is not None else None
    if found is None:
        return False
    record(connection, [found], SubscriptionState.UNSUBSCRIBED, Proof(how=WHY, wording=reason), now)
    return True


def _add(
    connection: Connection, subscriber_id: int, newsletter: str, state: SubscriptionState, choice: Choice, *, proof: Proof, now: datetime
) -> Added:
    made = make(connection, subscriber_id, newsletter, state, choice, proof=proof, now=now)
    if made:
        return Added(answer=Answer.NEW, subscription=made, state=state)
    where = (Subscription.subscriber_id == subscriber_id, Subscription.newsletter == newsletter)
    known = connection.execute(select(Subscription.public_id, Subscription.state).where(*where)).one()
    answer = Answer.LEFT if known.state == SubscriptionState.UNSUBSCRIBED else Answer.ALREADY
    return Added(answer=answer, subscription=known.public_id, state=known.state)


def _leave(connection: Connection, *where: ColumnElement[bool], proof: Proof, now: datetime) -> tuple[str, ...]:
    return change(connection, SubscriptionState.UNSUBSCRIBED, *where, proof=proof, now=now, unsubscribed_at=now, unsubscribed_how=proof.how)


def _person(connection: Connection, person: Person, digest: str, now: datetime) -> int:
    """The row of the person, made if there is none, and held. An existing one keeps its name: a list does not overwrite what a person said."""
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
    # An update that changes nothing, unlike none at all, holds the row and gives back its number, even when it is being erased this moment.
    upsert = insert(connection, Subscriber).values(**row)
    held = upsert.on_conflict_do_update(index_elements=["address_key"], set_={"created_at": Subscriber.created_at})
    return connection.scalars(held.returning(Subscriber.id)).one()


def _introduce(connection: Connection, subscriber_id: int, person: Person) -> None:
    """Takes over what a form says of a person who has confirmed nothing; whoever has says it on their own page."""
    told = {name: value for name in ("name", "language", "time_zone") if (value := getattr(person, name))}
    confirmed = exists().where(Subscription.subscriber_id == Subscriber.id, Subscription.state == SubscriptionState.CONFIRMED)
    if told:
        connection.execute(update(Subscriber).where(Subscriber.id == subscriber_id, ~confirmed).values(**told))
