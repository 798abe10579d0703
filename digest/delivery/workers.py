"""Who hands mails over: each process is enrolled under a lease that it renews as long as it lives, and one of them leads."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ColumnExpressionArgument, Connection, delete, exists, insert, or_, select, update

from digest.delivery.tables import UNKNOWN, DeliveryRow, LeaderRow, WorkerRow
from subscribers import upsert

# Workers that ended are kept that long, to say where a delivery was handed over whose outcome is unknown.
REMEMBERED = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    id: str
    kind: str  # the command: send, work, run
    host: str
    pid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerStand:
    """A worker that shows signs of life. `per_second` is how fast it hands over, measured since the sign before."""

    worker: Worker
    started_at: datetime
    lease_until: datetime
    handed_over: int
    per_second: float
    leads: bool


def enrol(connection: Connection, worker: Worker, *, now: datetime, until: datetime) -> None:
    """From here to `until`, or as long as it beats, the worker's claims are its own."""
    row = {"id": worker.id, "kind": worker.kind, "host": worker.host, "pid": worker.pid}
    connection.execute(insert(WorkerRow).values(**row, started_at=now, lease_until=until, handed_over=0, per_second=0.0))
    connection.execute(delete(WorkerRow).where(WorkerRow.lease_until < now - REMEMBERED, ~_owed()))


def beat(connection: Connection, worker_id: str, *, until: datetime, handed_over: int, per_second: float) -> None:
    """A sign of life: the lease runs on to `until`."""
    values = {"lease_until": until, "handed_over": handed_over, "per_second": per_second}
    connection.execute(update(WorkerRow).where(WorkerRow.id == worker_id, WorkerRow.ended_at.is_(None)).values(**values))


def leave(connection: Connection, worker_id: str, *, now: datetime, handed_over: int) -> None:
    """The worker ends: what it still held may be taken up at once, and another may lead."""
    values = {"lease_until": now, "ended_at": now, "handed_over": handed_over, "per_second": 0.0}
    connection.execute(update(WorkerRow).where(WorkerRow.id == worker_id).values(**values))
    connection.execute(update(LeaderRow).where(LeaderRow.worker_id == worker_id).values(lease_until=now))


def lead(connection: Connection, name: str, worker_id: str, *, now: datetime, until: datetime) -> bool:
    """Whether this worker is, from now to `until`, the only one that keeps the schedule `name`: it was already, or nobody is any more."""
    row = upsert.insert(connection, LeaderRow).values(name=name, worker_id=worker_id, lease_until=until)
    free = or_(LeaderRow.worker_id == worker_id, LeaderRow.lease_until <= now)
    taken = row.on_conflict_do_update(index_elements=["name"], set_={"worker_id": worker_id, "lease_until": until}, where=free)
    return connection.scalar(taken.returning(LeaderRow.worker_id)) is not None


def living(connection: Connection, now: datetime) -> tuple[WorkerStand, ...]:
    """The workers whose lease runs, the oldest first."""
    leaders = set(connection.scalars(select(LeaderRow.worker_id).where(LeaderRow.lease_until > now)))
    table = WorkerRow.__table__
    rows = connection.execute(select(table).where(WorkerRow.lease_until > now).order_by(WorkerRow.started_at, WorkerRow.id))
    return tuple(
        WorkerStand(
            worker=Worker(id=row.id, kind=row.kind, host=row.host, pid=row.pid),
            started_at=row.started_at,
            lease_until=row.lease_until,
            handed_over=row.handed_over,
            per_second=row.per_second,
            leads=row.id in leaders,
        )
        for row in rows
    )


def alive(worker_id: ColumnExpressionArgument[str], now: ColumnElement[datetime] | datetime) -> ColumnElement[bool]:
    """As SQL: the worker of that id shows signs of life."""
    return exists().where(WorkerRow.id == worker_id, WorkerRow.lease_until > now)


def _owed() -> ColumnElement[bool]:
    """The worker is named by a delivery whose outcome is still unknown."""
    return exists().where(DeliveryRow.lease == WorkerRow.id, UNKNOWN)
