"""The right to be forgotten: a person's rows go, and only a keyed hash stays, so that no later list brings them back."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, exists, select

from subscribers.address import Address
from subscribers.signup import waiting_of
from subscribers.suppression import address_hash, suppress_all
from subscribers.tables import Consent, SignUp, Subscriber, Subscription, Suppression, SuppressionReason
from subscribers.upsert import insert


def erase(connection: Connection, address: Address, *, keys: Sequence[str], now: datetime, note: str = "") -> bool:
    """Deletes the person with all subscriptions, consents and waiting wishes, and suppresses their addresses. True when there was somebody to delete.

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
    former = _former_hashes(connection, address)
    gone = connection.execute(delete(Subscriber).where(Subscriber.address_key == address.key)).rowcount
    suppress_all(connection, [(digest, SuppressionReason.ERASED, note) for digest in former], now=now)
    return gone + wishes > 0


def _former_hashes(connection: Connection, address: Address) -> Sequence[str]:
    """Of the addresses that the person had before, and nobody else has now: an old list may still hold one of them."""
    theirs = select(Consent.address_hash).join(Subscription).join(Subscriber).where(Subscriber.address_key == address.key)
    taken = exists().where(Subscriber.address_hash == Consent.address_hash).correlate(Consent)
    return connection.scalars(theirs.where(Consent.address_hash != "", ~taken).distinct()).all()
