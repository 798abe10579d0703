"""The right to be forgotten: a person's rows go, and only a keyed hash stays, so that no later list brings them back."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, select

from subscribers.address import Address
from subscribers.signup import waiting_of
from subscribers.suppression import address_hash
from subscribers.tables import SignUp, Subscriber, Suppression, SuppressionReason
from subscribers.upsert import insert


def erase(connection: Connection, address: Address, *, keys: Sequence[str], now: datetime, note: str = "") -> bool:
    """Deletes the person with all subscriptions, consents and waiting wishes, and suppresses the address. True when there was somebody to delete.

    Rows elsewhere that point at a subscription keep their history and lose the pointer (ON DELETE SET NULL).
    """
    # Wishes first: one that is just being taken up is waited for, and what became of it goes with the person.
    wishes = connection.execute(delete(SignUp).where(SignUp.id.in_([row.id for row in waiting_of(connection, address)]))).rowcount
    # Then the person, as whoever acts for them does, and only then what forbids to write to them: else two wait for each other in a ring.
    connection.execute(select(Subscriber.id).where(Subscriber.address_key == address.key).with_for_update())
    row = {"address_hash": address_hash(address, keys), "reason": SuppressionReason.ERASED, "at": now, "note": note}
    # Who bounced, complained or was shut out stays so: being erased is no way around that. What was noted of them goes.
    kept = insert(connection, Suppression).values(**row).on_conflict_do_update(index_elements=["address_hash"], set_={"note": note})
    connection.execute(kept)
    return connection.execute(delete(Subscriber).where(Subscriber.address_key == address.key)).rowcount + wishes > 0
