"""What a person was before: public ids that went when two turned out to be one (see `merge.py`), so that a link in the oldest mail still leads
somewhere, and the address by which their older consents were given."""

from sqlalchemy import Connection, bindparam, insert, select, union_all, update

from subscribers.tables import Consent, FormerId, Subscriber, Subscription

_BECAME = union_all(
    select(Subscription.public_id).join(FormerId, FormerId.subscription_id == Subscription.id).where(FormerId.public_id == bindparam("former")),
    select(Subscriber.public_id).join(FormerId, FormerId.subscriber_id == Subscriber.id).where(FormerId.public_id == bindparam("former")),
)


def today(connection: Connection, public_id: str) -> str:
    """The public id that stands for this one today: of what it was merged into, else itself. Ask for it with whatever a token says."""
    return connection.scalar(_BECAME, {"former": public_id}) or public_id


def succeed_subscription(connection: Connection, *, goes: int, stays: int) -> None:
    """Whatever led to the one that goes leads to the one that stays."""
    connection.execute(update(FormerId).where(FormerId.subscription_id == goes).values(subscription_id=stays))
    its = select(Subscription.public_id).where(Subscription.id == goes).scalar_subquery()
    connection.execute(insert(FormerId).values(public_id=its, subscription_id=stays))


def succeed_subscriber(connection: Connection, *, goes: int, stays: int) -> None:
    connection.execute(update(FormerId).where(FormerId.subscriber_id == goes).values(subscriber_id=stays))
    its = select(Subscriber.public_id).where(Subscriber.id == goes).scalar_subquery()
    connection.execute(insert(FormerId).values(public_id=its, subscriber_id=stays))


def remember_address(connection: Connection, subscriber_id: int) -> None:
    """Before a person's address changes: consents from before their address was kept with them get it now."""
    theirs = select(Subscription.id).where(Subscription.subscriber_id == subscriber_id)
    digest = select(Subscriber.address_hash).where(Subscriber.id == subscriber_id).scalar_subquery()
    nameless = update(Consent).where(Consent.subscription_id.in_(theirs), Consent.address_hash == "")
    connection.execute(nameless.values(address_hash=digest))
