"""All that is kept of one person here, ready for JSON: what they may ask for (GDPR, article 15)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, or_, select

from subscribers.address import Address, parse_address
from subscribers.signup import waiting_of
from subscribers.suppression import address_hash
from subscribers.tables import Consent, FormerId, Subscriber, Subscription, Suppression, Wording

# Numbers of rows say nothing of a person.
NUMBERS = frozenset({"id", "subscriber_id", "subscription_id"})


def dossier(connection: Connection, who: Address | str, *, keys: Sequence[str]) -> dict[str, Any]:
    """Of a mailbox, or of the person with this public id: `person` and `suppression` (None where there is none), `subscriptions`, each with its
    `consents` and the words agreed to, `former_ids` that lead to this person, and `sign_ups` that wait to be taken up."""
    whose = Subscriber.address_key == who.key if isinstance(who, Address) else Subscriber.public_id == who
    person = connection.execute(select(*Subscriber.__table__.columns).where(whose)).one_or_none()
    address = who if isinstance(who, Address) else parse_address(person.address) if person else None
    return {
        "person": plain(person._mapping) if person else None,
        "subscriptions": _subscriptions(connection, person.id) if person else [],
        "former_ids": _former_ids(connection, person.id) if person else [],
        "sign_ups": [plain(row._mapping) for row in waiting_of(connection, address)] if address else [],
        "suppression": _suppression(connection, address_hash(address, keys)) if address else None,
    }


def plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    """A row as JSON takes it."""
    return {name: _plain(value) for name, value in row.items() if name not in NUMBERS}


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    return value.isoformat() if isinstance(value, datetime) else value


def _subscriptions(connection: Connection, subscriber_id: int) -> list[dict[str, Any]]:
    ours = select(*Subscription.__table__.columns).where(Subscription.subscriber_id == subscriber_id).order_by(Subscription.id)
    found = {row.id: {**plain(row._mapping), "consents": []} for row in connection.execute(ours)}
    consents = select(*Consent.__table__.columns, Wording.text.label("words")).outerjoin(Wording, Wording.version == Consent.wording)
    for row in connection.execute(consents.where(Consent.subscription_id.in_(found)).order_by(Consent.id)):
        found[row.subscription_id]["consents"].append(plain(row._mapping))
    return list(found.values())


def _former_ids(connection: Connection, subscriber_id: int) -> list[str]:
    theirs = select(Subscription.id).where(Subscription.subscriber_id == subscriber_id)
    which = or_(FormerId.subscriber_id == subscriber_id, FormerId.subscription_id.in_(theirs))
    return list(connection.scalars(select(FormerId.public_id).where(which).order_by(FormerId.public_id)))


def _suppression(connection: Connection, digest: str) -> dict[str, Any] | None:
    row = connection.execute(select(*Suppression.__table__.columns).where(Suppression.address_hash == digest)).one_or_none()
    return plain(row._mapping) if row else None
