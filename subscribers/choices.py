"""What a person sees and changes on their own page, and by the links in their mails: choices, pauses, the second yes, coming back."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Update, and_, case, delete, literal, select, update

from subscribers import form_text
from subscribers.change import ALL, Choice, Proof, acted, change, hold, make
from subscribers.tables import Subscriber, Subscription, SubscriptionState, Suppression, SuppressionReason

CONFIRMED, PENDING, UNSUBSCRIBED = SubscriptionState.CONFIRMED, SubscriptionState.PENDING, SubscriptionState.UNSUBSCRIBED
# Leaving is undone on the page that says it is done. Later a link in an old mail, which anybody may have by then, leads nobody back.
UNDO = timedelta(days=1)
HOURS = range(24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """One subscription of a person, in whatever state."""

    newsletter: str
    subscription: str  # its public id
    state: SubscriptionState
    choice: Choice
    paused_until: datetime | None  # may lie in the past: then the pause is over


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """A person, and all their subscriptions in the order of their making."""

    subscriber: str  # the public id
    address: str
    name: str
    language: str
    time_zone: str
    subscriptions: tuple[Chosen, ...]


def load(connection: Connection, subscriber: str) -> Choices | None:
    """What this person has chosen; None when there is no such person. Two queries."""
    columns = (Subscriber.address, Subscriber.name, Subscriber.language, Subscriber.time_zone)
    found = connection.execute(select(*columns).where(Subscriber.public_id == subscriber)).one_or_none()
    if found is None:
        return None
    return Choices(subscriber=subscriber, **found._mapping, subscriptions=_chosen(connection, Subscriber.public_id == subscriber))


def pending(connection: Connection, subscriber: str) -> tuple[Chosen, ...]:
    """What the person was asked to confirm and has not."""
    return _chosen(connection, Subscriber.public_id == subscriber, Subscription.state == PENDING)


def save_person(connection: Connection, subscriber: str, *, name: str, language: str, time_zone: str, now: datetime) -> bool:
    """Keeps what the person says of themself, as far as it is fit to be kept; empty takes it back. False when there is no such person."""
    told = {
        "name": form_text.line(name, form_text.NAME_CHARACTERS),
        "language": form_text.language(language),
        "time_zone": form_text.time_zone(time_zone),
    }
    statement = update(Subscriber).where(Subscriber.public_id == subscriber).values(**told, acted_at=now)
    return connection.execute(statement).rowcount > 0


def choose(connection: Connection, subscription: str, choice: Choice, *, now: datetime, served: str | None = None, by_operator: bool = False) -> bool:
    """Keeps the whole choice; what a newsletter offers, the caller knows, and where its reader stands when the cadence changes (`served`: see
    `wish.py`; None leaves it). An operator's doing is none of the person's own. False when there is no such subscription, or it has been left."""
    subscriber_id = hold(connection, subscription=subscription)
    wanted = {name: _fit(value) for name, value in choice.columns.items()}
    statement = _theirs(subscription).where(Subscription.state != UNSUBSCRIBED).values(**wanted, **_served(served))
    return _done(connection, subscriber_id, statement, None if by_operator else now)


def pause(
    connection: Connection, subscription: str, *, until: datetime | None, now: datetime, served: str | None = None, by_operator: bool = False
) -> bool:
    """No edition is queued before `until`; None goes on at once, and so does a moment that has come. `served` and `by_operator` as in `choose`. False
    when there is no such subscription, or it is not confirmed."""
    subscriber_id = hold(connection, subscription=subscription)
    goes_on = and_(Subscription.paused_until.is_not(None), Subscription.paused_until > now)
    began = case((goes_on, Subscription.paused_from), else_=literal(now, Subscription.paused_from.type))
    began_then = {"paused_from": began} if until is not None and until > now else {}
    statement = _theirs(subscription).where(Subscription.state == CONFIRMED).values(paused_until=until, **began_then, **_served(served))
    return _done(connection, subscriber_id, statement, None if by_operator else now)


def confirm(connection: Connection, subscriber: str, newsletters: Collection[str], *, proof: Proof, now: datetime) -> tuple[str, ...]:
    """The second yes. Which of the newsletters became confirmed by it: not those that were already, or were left since.

    Somebody who had themself erased is no longer kept away by that.
    """
    subscriber_id = hold(connection, subscriber=subscriber)
    if subscriber_id is None:
        return ()
    acted(connection, subscriber_id, now)
    where = (
        Subscription.subscriber_id == subscriber_id,
        Subscription.newsletter.in_(form_text.lines(newsletters, 64)),
        Subscription.state == PENDING,
    )
    became = change(connection, CONFIRMED, *where, proof=proof, now=now, confirmed_at=now)
    if became:
        _welcome_back(connection, subscriber_id)
    return became


def join(connection: Connection, subscriber: str, newsletter: str, *, proof: Proof, now: datetime) -> bool:
    """A yes on the person's own page, which nobody has to confirm: new, pending or left before, it is confirmed now. False when it was already."""
    subscriber_id = hold(connection, subscriber=subscriber)
    if subscriber_id is None:
        return False
    acted(connection, subscriber_id, now)
    _welcome_back(connection, subscriber_id)
    if make(connection, subscriber_id, newsletter, CONFIRMED, ALL, proof=proof, now=now):
        return True
    theirs = (Subscription.subscriber_id == subscriber_id, Subscription.newsletter == newsletter)
    # Who comes back after a while begins anew; who only undoes their leaving (`stay`) stands where they stood.
    return _return(connection, *theirs, Subscription.state != CONFIRMED, proof=proof, now=now, served="")


def stay(connection: Connection, subscription: str, *, proof: Proof, now: datetime) -> bool:
    """Undoes the person's leaving of a moment ago: what was confirmed is so again. False when there is nothing to undo, or it is too late."""
    subscriber_id = hold(connection, subscription=subscription)
    if subscriber_id is None:
        return False
    acted(connection, subscriber_id, now)
    where = (Subscription.public_id == subscription, Subscription.state == UNSUBSCRIBED, Subscription.unsubscribed_at >= now - UNDO)
    return _return(connection, *where, Subscription.confirmed_at.is_not(None), proof=proof, now=now)


def _return(connection: Connection, *where: ColumnElement[bool], proof: Proof, now: datetime, served: str | None = None) -> bool:
    fresh = {"confirmed_at": now, "unsubscribed_at": None, "unsubscribed_how": "", "paused_until": None, **_served(served)}
    return bool(change(connection, CONFIRMED, *where, proof=proof, now=now, **fresh))


def _fit(value: Any) -> Any:
    """A part of a choice, as it is fit to be kept: the cadence, a set of names, the hour."""
    if isinstance(value, str):
        return form_text.line(value, form_text.WORD_CHARACTERS)
    if isinstance(value, frozenset):
        return form_text.lines(value, form_text.NAME_CHARACTERS)
    return value if value in HOURS else None


def _served(text: str | None) -> dict[str, str]:
    return {} if text is None else {"served": text}


def _done(connection: Connection, subscriber_id: int | None, statement: Update, now: datetime | None) -> bool:
    """`now` where the person themself does it."""
    if subscriber_id is None or connection.execute(statement).rowcount == 0:
        return False
    if now is not None:
        acted(connection, subscriber_id, now)
    return True


def _theirs(subscription: str) -> Update:
    return update(Subscription).where(Subscription.public_id == subscription)


def _welcome_back(connection: Connection, subscriber_id: int) -> None:
    theirs = select(Subscriber.address_hash).where(Subscriber.id == subscriber_id).scalar_subquery()
    connection.execute(delete(Suppression).where(Suppression.address_hash == theirs, Suppression.reason == SuppressionReason.ERASED))


def _chosen(connection: Connection, *where: ColumnElement[bool]) -> tuple[Chosen, ...]:
    columns = (Subscription.newsletter, Subscription.public_id.label("subscription"), Subscription.state, Subscription.paused_until)
    query = select(*columns, *(getattr(Subscription, name) for name in ALL.columns))
    query = query.join(Subscriber, Subscriber.id == Subscription.subscriber_id).where(*where).order_by(Subscription.id)
    return tuple(_one(dict(row)) for row in connection.execute(query).mappings())


def _one(row: dict[str, Any]) -> Chosen:
    choice = Choice(**{name: row.pop(name) for name in ALL.columns})
    return Chosen(**row, choice=choice)
