"""All that is kept of one person, with what was sent to them: ready for JSON."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, select

from digest.delivery.tables import DeliveryRow
from digest.editions.tables import EditionRow
from subscribers.address import Address
from subscribers.dossier import dossier as of_subscribers
from subscribers.dossier import plain
from subscribers.tables import Subscriber, Subscription


def dossier(engine: Engine, who: Address | str, *, keys: Sequence[str]) -> dict[str, Any]:
    """Of a mailbox, or of the person with this public id, as `subscribers.dossier` tells, and `deliveries`: editions and letters, oldest first."""
    with engine.begin() as connection:
        told = of_subscribers(connection, who, keys=keys)
        whose = Subscriber.address_key == who.key if isinstance(who, Address) else Subscriber.public_id == who
        return {**told, "deliveries": [plain(row._mapping) for row in connection.execute(_deliveries(whose))]}


def _deliveries(whose: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    what = (Subscription.newsletter, EditionRow.slot, EditionRow.subject, DeliveryRow.letter)
    names = ("state", "next_at", "attempts", "begun_at", "settled_at", "relay", "code", "text")
    query = select(*what, *(getattr(DeliveryRow, name) for name in names)).join_from(DeliveryRow, Subscription)
    query = query.join(Subscriber, Subscriber.id == Subscription.subscriber_id).outerjoin(EditionRow, EditionRow.id == DeliveryRow.edition_id)
    return query.where(whose).order_by(DeliveryRow.id)
