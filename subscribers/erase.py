"""The right to be forgotten: a person's rows go, and only a keyed hash stays, so that no later list brings them back."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete

from subscribers.address import Address
from subscribers.suppression import suppress
from subscribers.tables import Subscriber, SuppressionReason


def erase(connection: Connection, address: Address, *, keys: Sequence[str], now: datetime, note: str = "") -> bool:
    """Deletes the person with all subscriptions and consents, and suppresses the address. True when there was somebody to delete.

    Rows elsewhere that point at a subscription keep their history and lose the pointer (ON DELETE SET NULL).
    """
    suppress(connection, address, reason=SuppressionReason.ERASED, keys=keys, now=now, note=note)
    return connection.execute(delete(Subscriber).where(Subscriber.address_key == address.key)).rowcount > 0
