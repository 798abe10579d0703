"""How often something may be done by whom: kept in the database, so that it holds for all processes and over a restart.

The generic cell rate algorithm (ITU-T I.371, annex A), one guarded upsert a question. Of who asks only a keyed hash is kept, and that no longer than
it matters.
"""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from sqlalchemy import BigInteger, Connection, Index, String, bindparam, case, delete, select
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.dml import ReturningInsert

from subscribers.tables import Base
from subscribers.upsert import insert_on

MILLISECOND = timedelta(milliseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class LimitRow(Base):
    """`free_at`: when, at its pace, all that was done is paid off; from then on the row says nothing. In milliseconds since 1970, so that both kinds
    of database can add to it."""

    __tablename__ = "limits"
    __table_args__ = (Index("ix_limits_free_at", "free_at"),)

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    free_at: Mapped[int] = mapped_column(BigInteger)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most `count` at once, and so many again in each `period`."""

    what: str  # "sign-up" …: limits of different things are apart
    count: int
    period: timedelta


def allow(connection: Connection, limit: Limit, who: str, *, key: str, now: datetime) -> bool:
    """Whether `who` may do it now; if so it counts. Asked by many at once, no more are let through than the limit allows.

    `key` hashes `who`, so that no address of a client or a mailbox is kept. A debt no limit could have made is a clock's that was put right since.
    """
    moment, period = (now - EPOCH) // MILLISECOND, limit.period // MILLISECOND
    each = period // limit.count
    moments = {"now": moment, "each": each, "first": moment + each, "last": moment + period - each, "absurd": moment + 2 * period}
    return connection.scalar(_counted(connection.dialect.name), {"who": _name(limit, who, key), **moments}) is not None


@lru_cache(maxsize=2)
def _counted(dialect: str) -> ReturningInsert[str]:
    """To put it together takes ten times as long as to execute it."""
    now, each, first, last, absurd = (bindparam(name, type_=BigInteger) for name in ("now", "each", "first", "last", "absurd"))
    row = insert_on(dialect, LimitRow).values(name=bindparam("who"), free_at=first)
    stale = (LimitRow.free_at <= now) | (LimitRow.free_at > absurd)
    paid = case((stale, now), else_=LimitRow.free_at)
    counted = row.on_conflict_do_update(index_elements=["name"], set_={"free_at": paid + each}, where=stale | (LimitRow.free_at <= last))
    return counted.returning(LimitRow.name)


def forget(connection: Connection, now: datetime) -> int:
    """Removes what says nothing any more, but for what somebody is just counting. How many rows."""
    done = select(LimitRow.name).where(LimitRow.free_at <= (now - EPOCH) // MILLISECOND).with_for_update(skip_locked=True)
    return connection.execute(delete(LimitRow).where(LimitRow.name.in_(done))).rowcount


def _name(limit: Limit, who: str, key: str) -> str:
    return f"{limit.what}:{hmac.digest(key.encode(), f'limits.{limit.what}:{who}'.encode(), 'sha256').hex()[:40]}"
