"""Addresses nobody may write to, kept as keyed hashes only.

The key is the *oldest* of the signing keys: a new key put in front of the list changes no hash. When the oldest is
taken off the list, the people's rows are hashed anew (`rehash`), and the suppressions of people who have no row any
more are lost: keep the oldest key for as long as an erased person must stay erased.
"""

import hmac
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, MetaData, String, Table, delete, func, select, update
from sqlalchemy import insert as plain_insert

from subscribers.address import Address
from subscribers.errors import SubscribersError
from subscribers.tables import Consent, Subscriber, Suppression, SuppressionReason
from subscribers.upsert import insert

PURPOSE = b"subscribers.suppression:"  # the same key signs links: what is hashed for one use says nothing in the other
BATCH = 1_000  # people whose hashes are computed at a time
# Where hashes move to, for as long as they are being moved: in a table, because the consents are looked for by their hash alone.
MOVES = Table("moves_of_hashes", MetaData(), Column("stale", String(64), primary_key=True), Column("fresh", String(64)), prefixes=["TEMPORARY"])


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
    """Moves the hashes of every address that a person has today from the oldest key of `old` to that of `new`: theirs, the suppressions', and those
    in the records of consent. While nothing else runs, please. Takes no more memory for a million people than for a thousand.

    Of an address that nobody has any more only the hash is kept, and no hash leads to another. Suppressions of such addresses stay, match nobody
    under the new key, and are counted in the answer: whoever was erased comes back with the next list, and a mailbox that bounced is written to once
    more. Consents that their person gave by an address they have changed since stay, too: they prove what they did, but no longer by which address;
    and when the person is erased, that older address is not kept away from later lists.
    """
    MOVES.create(connection)
    for pairs in _moves(connection, old, new):
        connection.execute(plain_insert(MOVES), pairs)
    stale, fresh = MOVES.c.stale, MOVES.c.fresh
    # Suppressed again under the new key already: said twice, the later reason stands.
    twice = select(stale).join(Suppression, Suppression.address_hash == fresh).where(stale != fresh)
    connection.execute(delete(Suppression).where(Suppression.address_hash.in_(twice)))
    for table in (Suppression, Consent, Subscriber):
        moved = select(fresh).where(stale == table.address_hash).scalar_subquery()
        connection.execute(update(table).where(table.address_hash.in_(select(stale))).values(address_hash=moved))
    left = connection.scalar(select(func.count()).select_from(Suppression).where(Suppression.address_hash.not_in(select(fresh))))
    MOVES.drop(connection)
    return left or 0


def _moves(connection: Connection, old: Sequence[str], new: Sequence[str]) -> Iterator[list[dict[str, str]]]:
    """Of everybody, what their address's hash was and becomes: `BATCH` at a time."""
    query = select(Subscriber.id, Subscriber.address_key).order_by(Subscriber.id).limit(BATCH)
    people = connection.execute(query).all()
    while people:
        yield [{"stale": _hash(key, old), "fresh": _hash(key, new)} for _, key in people]
        people = connection.execute(query.where(Subscriber.id > people[-1].id)).all()


def _hash(address_key: str, keys: Sequence[str]) -> str:
    if not keys:
        raise SubscribersError("There is no key yet: addresses cannot be hashed. Make one first (`digest init` does), and keep it.")
    return hmac.digest(keys[-1].encode(), PURPOSE + address_key.encode(), "sha256").hex()
