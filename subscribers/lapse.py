"""Wishes that nobody confirmed: a form may hold anybody's address, so what it brought is not kept for good."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, or_, select, update

from subscribers.change import FORM, Proof, record
from subscribers.consent import WHY
from subscribers.tables import Consent, Subscriber, Subscription, SubscriptionState

PENDING, UNSUBSCRIBED = SubscriptionState.PENDING, SubscriptionState.UNSUBSCRIBED
HOW = "not confirmed"  # in the record of whoever had left before


def lapse(connection: Connection, *, before: datetime, now: datetime, limit: int) -> int:
    """Ends what a form began and nobody confirmed, where neither a wish nor a letter is younger than `before`: of `limit` people at most. How many.

    The subscription goes, and with their last one the person. Who had left before the form was sent has left again: that they did is not forgotten.
    What an operator added or a list brought along stays.
    """
    # As elsewhere the person is held first. Whoever is just being confirmed is passed over: PostgreSQL looks at the rest again.
    theirs = select(Subscription.subscriber_id).where(_unconfirmed(before))
    quiet = or_(Subscriber.letter_at.is_(None), Subscriber.letter_at < before)
    query = select(Subscriber.id).where(Subscriber.id.in_(theirs), quiet).order_by(Subscriber.id).limit(limit)
    people = connection.scalars(query.with_for_update(skip_locked=True)).all()
    if people:
        _leave_again(connection, Subscription.subscriber_id.in_(people), _unconfirmed(before), now=now)
        connection.execute(delete(Subscription).where(Subscription.subscriber_id.in_(people), _unconfirmed(before)))
        others = exists().where(Subscription.subscriber_id == Subscriber.id)
        connection.execute(delete(Subscriber).where(Subscriber.id.in_(people), ~others))
    return len(people)


def _unconfirmed(before: datetime) -> ColumnElement[bool]:
    asked = select(func.max(Consent.id)).where(Consent.subscription_id == Subscription.id, Consent.state == PENDING).correlate(Subscription)
    by_form = exists().where(Consent.id == asked.scalar_subquery(), Consent.how == FORM, Consent.at < before)
    return and_(Subscription.state == PENDING, by_form.correlate(Subscription))


def _leave_again(connection: Connection, *where: ColumnElement[bool], now: datetime) -> None:
    """Back to what they had said themselves, as of then."""
    leaving = (Consent.subscription_id == Subscription.id, Consent.state == UNSUBSCRIBED, Consent.how != WHY)
    left_at = select(func.max(Consent.at)).where(*leaving).correlate(Subscription).scalar_subquery()
    back = update(Subscription).where(*where, exists().where(*leaving).correlate(Subscription))
    back = back.values(state=UNSUBSCRIBED, unsubscribed_at=left_at, unsubscribed_how=HOW)
    ids = connection.scalars(back.returning(Subscription.id)).all()
    if ids:
        record(connection, ids, UNSUBSCRIBED, Proof(how=HOW), now)
