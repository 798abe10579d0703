"""The queue of deliveries: every change of state is one guarded statement, however many rows it moves.

queued ──claim──► sending ──begin──► sending, begun ──settle──► accepted | refused | held | unknown
   ▲       └─────► skipped              │                   └──► queued, later (4xx)
   ├──release, put_off, release_expired─┤   (not begun: nothing was handed over)
   └──release_expired(resend)───────────┴──release_expired──► unknown ──settle, late──► accepted …
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import starmap
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, SQLColumnExpression, Update, any_, bindparam, exists, func, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from digest.delivery.prepared import Prepared
from digest.delivery.tables import DeliveryRow, PlanRow
from digest.delivery.values import Claimed, DeliveryState
from digest.delivery.workers import alive
from subscribers.audience import mailable
from subscribers.tables import Subscriber, Subscription
from subscribers.upsert import insert

STATE = DeliveryRow.state.type
LEFT = "left, was suppressed or was erased after it was queued"


def _wanted() -> ColumnElement[bool]:
    """The reader of a delivery is still there, confirmed, and not suppressed."""
    reader = select(Subscription.id).join(Subscriber, Subscriber.id == Subscription.subscriber_id)
    return exists(reader.where(Subscription.id == DeliveryRow.subscription_id, mailable()).correlate(DeliveryRow))


BEGIN = Prepared(
    update(DeliveryRow)
    .where(DeliveryRow.id == bindparam("its"), DeliveryRow.lease == bindparam("holder"), DeliveryRow.state == DeliveryState.SENDING)
    .where(DeliveryRow.begun_at.is_(None), alive(bindparam("holder"), bindparam("moment", type_=DeliveryRow.begun_at.type)), _wanted())
    .values(begun_at=bindparam("moment"), relay=bindparam("through")),
    "its",
    "through",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """What became of rows whose lease ran out: back in the queue, or begun and never heard of again."""

    requeued: int = 0
    unknown: int = 0


def enqueue(connection: Connection, edition_id: int, audience: Select[int], now: datetime) -> int:
    """One row per subscription that `audience` selects, in one statement; done again it adds only who is new. How many were added."""
    statement = adding(connection, edition_id, audience, {"next_at": literal(now, DeliveryRow.next_at.type)})
    return connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount


def adding(
    connection: Connection, edition_id: int, audience: Select[int], columns: Mapping[str, SQLColumnExpression[Any]]
) -> postgresql.Insert | sqlite.Insert:
    """The statement that queues an edition for those that `audience` selects and who do not have it yet."""
    row: dict[str, SQLColumnExpression[Any]] = {
        "edition_id": literal(edition_id),
        "state": literal(DeliveryState.QUEUED, STATE),
        "attempts": literal(0),
        "lease": literal(""),
        "code": literal(0),
        "text": literal(""),
        **columns,
    }
    rows = audience.add_columns(*(value.label(name) for name, value in row.items()))
    statement = insert(connection, DeliveryRow).from_select(["subscription_id", *row], rows)
    return statement.on_conflict_do_nothing(index_elements=["edition_id", "subscription_id"])


def claim(connection: Connection, *, edition_id: int, lease: str, now: datetime, limit: int, personal: bool = False) -> tuple[Claimed, ...]:
    """Up to `limit` deliveries that are due, now under `lease`; nobody else gets them while that worker lives. Empty: nothing is due. Which plan a
    reader has, which hour they want, and when it was due is looked up only where it is `personal`.

    Whoever left or was suppressed since is settled as skipped on the way. Two statements, and one more for each batch that was skipped whole.
    """
    claiming = update(DeliveryRow).where(DeliveryRow.id.in_(_due(connection, edition_id, now, limit)))
    claiming = claiming.values(state=DeliveryState.SENDING, lease=lease)
    while ids := connection.scalars(claiming.returning(DeliveryRow.id)).all():
        claimed = _wanted_of(connection, ids, personal=personal)
        if len(claimed) < len(ids):
            _skip(connection, set(ids) - {one.delivery_id for one in claimed}, now)
        if claimed:
            return claimed
    return ()


def begin(connection: Connection, lease: str, relays: Mapping[int, str], now: datetime) -> frozenset[int]:
    """Marks these (id → through which relay) as being handed over, right before it is done. Only those it returns may be: the worker's lease runs,
    nobody took them back, and their readers have not left since the claim. Commit before handing over. The rest go back to the queue by `release`."""
    rows = sorted(relays.items())
    if BEGIN.run(connection, {"holder": lease, "moment": now}, rows) == len(rows):
        return frozenset(relays)
    ours = select(DeliveryRow.id).where(DeliveryRow.id.in_(relays), *_held(lease), DeliveryRow.begun_at == now)
    return frozenset(connection.scalars(ours))


def release(connection: Connection, lease: str, edition_id: int | None) -> int:
    """Gives back what was claimed and not begun of an edition (None: of the letters), when a worker has no more use for it. How many."""
    where = (DeliveryRow.edition_id == edition_id, *_held(lease), DeliveryRow.begun_at.is_(None))
    return connection.execute(_requeue().where(*where)).rowcount


def put_off(connection: Connection, lease: str, moments: Sequence[tuple[int, datetime]]) -> None:
    """Gives back what was claimed and not begun, each not to be tried before its moment; no try is counted."""
    rows = [{"its": number, "holder": lease, "later": moment} for number, moment in sorted(moments)]
    where = (DeliveryRow.id == bindparam("its"), DeliveryRow.lease == bindparam("holder"), DeliveryRow.state == DeliveryState.SENDING)
    if rows:
        connection.execute(_requeue().where(*where, DeliveryRow.begun_at.is_(None)).values(next_at=bindparam("later")), rows)


def hold(connection: Connection, lease: str, ids: Sequence[int], now: datetime) -> None:
    """Holds what was claimed and not begun, for its domain refuses this edition's sender."""
    held = update(DeliveryRow).values(state=DeliveryState.HELD, lease="", settled_at=now, text="its domain refuses us as a sender")
    connection.execute(held.where(DeliveryRow.id.in_(ids), *_held(lease), DeliveryRow.begun_at.is_(None)))


def skip(connection: Connection, lease: str, ids: Sequence[int], now: datetime, why: str) -> None:
    """Settles what was claimed and not begun as not to be sent, for no fault of anybody's."""
    skipped = update(DeliveryRow).values(state=DeliveryState.SKIPPED, lease="", settled_at=now, text=why)
    connection.execute(skipped.where(DeliveryRow.id.in_(ids), *_held(lease), DeliveryRow.begun_at.is_(None)))


def release_expired(connection: Connection, now: datetime, *, edition_id: int | None, resend: bool, own: str = "") -> Released:
    """Takes up what dead workers left behind of an edition (None: of the letters), and what the worker `own`, which asks and has nothing of it under
    way, could not settle while the database was away. Not begun: queued again. Begun: unknown, or queued again where sending twice is harmless or
    wanted (`resend`).

    An unknown row keeps its lease: should its worker only have been cut off, it may still tell what it knows (see `settle`)."""
    begun = DeliveryRow.begun_at.is_not(None)
    unknown = 0
    if not resend:
        lost = update(DeliveryRow).values(state=DeliveryState.UNKNOWN, attempts=DeliveryRow.attempts + 1)
        lost = lost.values(settled_at=now, code=0, text="the worker stopped before the outcome was learnt")
        unknown = connection.execute(lost.where(DeliveryRow.id.in_(_expired(connection, now, edition_id, own, begun)))).rowcount
    requeued = connection.execute(_requeue().where(DeliveryRow.id.in_(_expired(connection, now, edition_id, own)))).rowcount
    return Released(requeued=requeued, unknown=unknown)


def requeue(connection: Connection, edition_id: int, *, states: Iterable[DeliveryState], now: datetime) -> int:
    """A person's decision to send again exactly what was refused, or whose outcome was never learnt. How many."""
    failed = [state for state in states if state in (DeliveryState.REFUSED, DeliveryState.UNKNOWN)]
    where = (DeliveryRow.edition_id == edition_id, DeliveryRow.state.in_(failed))
    return connection.execute(_requeue().values(attempts=0, next_at=now, settled_at=None).where(*where)).rowcount


def _held(lease: str) -> tuple[ColumnElement[bool], ...]:
    return DeliveryRow.lease == lease, DeliveryRow.state == DeliveryState.SENDING


def _requeue() -> Update:
    return update(DeliveryRow).values(state=DeliveryState.QUEUED, lease="", begun_at=None)


def _due(connection: Connection, edition_id: int, now: datetime, limit: int) -> Select[int]:
    where = (DeliveryRow.edition_id == edition_id, DeliveryRow.state == DeliveryState.QUEUED, DeliveryRow.next_at <= now)
    query = select(DeliveryRow.id).where(*where).order_by(DeliveryRow.next_at, DeliveryRow.id).limit(limit)
    return _locked(connection, query)


def _skip(connection: Connection, ids: Collection[int], now: datetime) -> None:
    skipped = update(DeliveryRow).where(DeliveryRow.id.in_(ids))
    connection.execute(skipped.values(state=DeliveryState.SKIPPED, lease="", settled_at=now, text=LEFT))


def _expired(connection: Connection, now: datetime, edition_id: int | None, own: str, *more: ColumnElement[bool]) -> Select[int]:
    dead = or_(DeliveryRow.lease == own, ~alive(DeliveryRow.lease, now).correlate(DeliveryRow))
    query = select(DeliveryRow.id).where(DeliveryRow.edition_id == edition_id, DeliveryRow.state == DeliveryState.SENDING, dead, *more)
    return _locked(connection, query.order_by(DeliveryRow.id))


def _among(connection: Connection, ids: Sequence[int]) -> ColumnElement[bool]:
    """The rows of these ids, as one value of a statement that is always the same. A thousand values would each be given a name, at every claim; and
    where they stood in the statement as they are, a SQLite connection held on to the 128 latest, 20 MB."""
    if connection.dialect.name == "postgresql":
        return DeliveryRow.id == any_(literal(list(ids), postgresql.ARRAY(DeliveryRow.id.type)))
    return DeliveryRow.id.in_(select(func.json_each(json.dumps(list(ids))).table_valued("value").c.value))


def _locked(connection: Connection, query: Select[int]) -> Select[int]:
    """The rows of `query`, passing over those that another worker is just changing. SQLite has one writer at a time anyway.

    PostgreSQL may run a plain subquery with LIMIT more than once, and lock more rows than were asked for: so a CTE. For SQLite none: Python 3.11's
    driver counts no rows of a statement that begins with WITH.
    """
    if connection.dialect.name == "postgresql":
        return select(query.with_for_update(skip_locked=True).cte("locked").c.id)
    return query


def _wanted_of(connection: Connection, ids: Sequence[int], *, personal: bool) -> tuple[Claimed, ...]:
    columns: tuple[SQLColumnExpression[Any], ...] = (  # in the order of `Claimed`
        DeliveryRow.id,
        Subscription.id,
        Subscription.public_id,
        Subscriber.public_id,
        Subscriber.address,
        Subscriber.name,
        Subscriber.language,
        Subscriber.time_zone,
        DeliveryRow.attempts,
    )
    own = (func.coalesce(PlanRow.key, ""), Subscription.hour, DeliveryRow.next_at) if personal else ()
    query = (
        select(*columns, *own)
        .join(Subscription, Subscription.id == DeliveryRow.subscription_id)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .where(_among(connection, ids), mailable())
        .order_by(DeliveryRow.id)
    )
    if personal:
        query = query.outerjoin(PlanRow, PlanRow.id == DeliveryRow.plan_id)
    return tuple(starmap(Claimed, connection.execute(query).all()))
