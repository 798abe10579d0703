"""The connections that a recipient domain takes at once, from all workers together: a seat for each, and a worker uses those that it holds.

A seat is held until it is given up, or its worker is dead; so no message costs a statement, and the limit holds while workers come and go.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, select, update

from digest.delivery.tables import DomainSeatRow
from digest.delivery.workers import alive
from subscribers.upsert import insert


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A domain's seats as one worker sees them."""

    mine: tuple[int, ...] = ()
    others: int = 0


def look(connection: Connection, worker_id: str, limits: Mapping[str, int], now: datetime) -> dict[str, Held]:
    """By the domain's name, of all in `limits`. The seats of the dead are free."""
    mine: defaultdict[str, list[int]] = defaultdict(list)
    others: defaultdict[str, int] = defaultdict(int)
    held = (DomainSeatRow.worker_id == worker_id) | alive(DomainSeatRow.worker_id, now)
    query = select(DomainSeatRow.name, DomainSeatRow.seat, DomainSeatRow.worker_id).where(DomainSeatRow.name.in_(limits), held)
    for name, seat, holder in connection.execute(query.order_by(DomainSeatRow.name, DomainSeatRow.seat)):
        if seat >= limits[name]:  # of a time when more were allowed
            continue
        if holder == worker_id:
            mine[name].append(seat)
        else:
            others[name] += 1
    return {name: Held(mine=tuple(mine[name]), others=others[name]) for name in limits}


def take(connection: Connection, worker_id: str, name: str, number: int, *, among: int, now: datetime) -> tuple[int, ...]:
    """Up to `number` seats more, of the first `among` that the domain has. Which: fewer where others hold them."""
    _make(connection, name, among)
    free = select(DomainSeatRow.seat).where(DomainSeatRow.name == name, DomainSeatRow.seat < among, DomainSeatRow.worker_id != worker_id)
    free = free.where(~alive(DomainSeatRow.worker_id, now).correlate(DomainSeatRow)).order_by(DomainSeatRow.seat).limit(number)
    taking = update(DomainSeatRow).where(DomainSeatRow.name == name, DomainSeatRow.seat.in_(_locked(connection, free)))
    return tuple(connection.scalars(taking.values(worker_id=worker_id).returning(DomainSeatRow.seat)))


def give_up(connection: Connection, worker_id: str, name: str, seats: Sequence[int]) -> None:
    where = (DomainSeatRow.name == name, DomainSeatRow.seat.in_(seats), DomainSeatRow.worker_id == worker_id)
    connection.execute(update(DomainSeatRow).where(*where).values(worker_id=""))


def give_up_all(connection: Connection, worker_id: str) -> None:
    connection.execute(update(DomainSeatRow).where(DomainSeatRow.worker_id == worker_id).values(worker_id=""))


def _make(connection: Connection, name: str, number: int) -> None:
    """Those that are there already are not inserted again: PostgreSQL would wait for whoever is just taking one."""
    there = connection.scalars(select(DomainSeatRow.seat).where(DomainSeatRow.name == name)).all()
    rows = [{"name": name, "seat": seat, "worker_id": ""} for seat in range(number) if seat not in there]
    if rows:
        connection.execute(insert(connection, DomainSeatRow).values(rows).on_conflict_do_nothing(index_elements=["name", "seat"]))


def _locked(connection: Connection, query: Select[int]) -> Select[int]:
    """As in `queue`: two workers do not take the same seat, and neither waits for the other."""
    if connection.dialect.name == "postgresql":
        return select(query.with_for_update(skip_locked=True).cte("free").c.seat)
    return query
