"""Addresses nobody may write to, kept as keyed hashes only.

The key is the *oldest* of the signing keys: a new key put in front of the list changes no hash. When the oldest is
taken off the list, the people's rows are hashed anew (`rehash`), and the suppressions of people who have no row any
more are lost: keep the oldest key for as long as an erased person must stay erased.
"""

import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select, update

from subscribers.address import Address
from subscribers.errors import SubscribersError
from subscribers.tables import Consent, Subscriber, Subscription, Suppression, SuppressionReason
from subscribers.upsert import insert

PURPOSE = b"subscribers.suppression:"  # the same key signs links: what is hashed for one use says nothing in the other


def address_hash(address: Address, keys: Sequence[str]) -> str:
    """64 hexadecimal digits. `keys` newest first, as the settings list them."""
    return _hash(address.key, keys)


def suppress(connection: Connection, address: Address, *, reason: SuppressionReason, keys: Sequence[str], now: datetime, note: str = "") -> None:
    """From now on nothing is sent to the address. Said twice, the later reason stands."""
    row = {"reason": reason, "at": now, "note": note}
    statement = insert(connection, Suppression).values(address_hash=address_hash(address, keys), **row)
    connection.execute(statement.on_conflict_do_update(index_elements=["address_hash"], set_=row))


def suppress_all(connection: Connection, listed: Iterable[tuple[str, SuppressionReason, str]], *, now: datetime) -> int:
    """Puts hashes on the list, each with its reason and a note, in one statement; how many were not on it before. An earlier reason stands."""
    rows = [{"address_hash": digest, "reason": reason, "at": now, "note": note} for digest, reason, note in sorted(listed)]
    statement = insert(connection, Suppression).on_conflict_do_nothing(index_elements=["address_hash"])
    return len(connection.execute(statement.returning(Suppression.address_hash), rows).all()) if rows else 0


def lift(connection: Connection, address: Address, *, keys: Sequence[str]) -> bool:
    """Takes the address off the list. True when it was on it."""
    done = connection.execute(delete(Suppression).where(Suppression.address_hash == address_hash(address, keys)))
    return done.rowcount > 0


def is_suppressed(connection: Connection, address: Address, *, keys: Sequence[str]) -> bool:
    digest = address_hash(address, keys)
    return digest in suppressed_among(connection, [digest])


def suppressed_among(connection: Connection, hashes: Iterable[str]) -> frozenset[str]:
    """Those of `hashes` that are on the list, in one query: a batch at a time, please (a few thousand)."""
    return frozenset(connection.scalars(select(Suppression.address_hash).where(Suppression.address_hash.in_(list(hashes)))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An address on the list."""

    reason: SuppressionReason
    at: datetime
    note: str


def listed(connection: Connection, address: Address, *, keys: Sequence[str]) -> Listed | None:
    """What the list says of this address; None when it is not on it."""
    its = Suppression.address_hash == address_hash(address, keys)
    found = connection.execute(select(Suppression.reason, Suppression.at, Suppression.note).where(its)).one_or_none()
    return Listed(**found._mapping) if found else None


def reason_of(connection: Connection, digest: str) -> SuppressionReason | None:
    """Why nobody may write to the address with this hash; None: they may."""
    return connection.scalar(select(Suppression.reason).where(Suppression.address_hash == digest))


def rehash(connection: Connection, *, old: Sequence[str], new: Sequence[str]) -> int:
    """Moves every person, and every suppression of a person who still has a row, from the oldest key of `old` to that of `new`.

    Returns how many suppressions could not be moved: those of people without a row. They are kept, and match nobody under the new key.
    """
    people = [(id_, _hash(key, old), _hash(key, new)) for id_, key in connection.execute(select(Subscriber.id, Subscriber.address_key))]
    if people:
        by_id = update(Subscriber).where(Subscriber.id == bindparam("its")).values(address_hash=bindparam("fresh"))
        connection.execute(by_id, [{"its": id_, "fresh": fresh} for id_, _, fresh in people])
        by_hash = update(Suppression).where(Suppression.address_hash == bindparam("stale")).values(address_hash=bindparam("fresh"))
        connection.execute(by_hash, [{"stale": stale, "fresh": fresh} for _, stale, fresh in people])
        theirs = Consent.subscription_id.in_(select(Subscription.id).where(Subscription.subscriber_id == bindparam("its")))
        by_person = update(Consent).where(theirs, Consent.address_hash == bindparam("stale")).values(address_hash=bindparam("fresh"))
        connection.execute(by_person, [{"its": id_, "stale": stale, "fresh": fresh} for id_, stale, fresh in people])
    moved = {fresh for _, _, fresh in people}
    return sum(digest not in moved for digest in connection.scalars(select(Suppression.address_hash)))


def _hash(address_key: str, keys: Sequence[str]) -> str:
    if not keys:
        raise SubscribersError("There is no key yet: addresses cannot be hashed. Make one first (`digest init` does), and keep it.")
    return hmac.digest(keys[-1].encode(), PURPOSE + address_key.encode(), "sha256").hex()
