"""The pace of recipient domains: who of a claimed batch may go now, and who waits for a turn. Shared by all workers, over every restart."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, case, literal, or_, select, update

from digest.delivery.held import HeldDomain, held_among, held_domains, hold, let_go
from digest.delivery.mask import mask
from digest.delivery.pace import Pace
from digest.delivery.tables import DomainRow
from digest.delivery.turns import Turns, turns
from digest.delivery.values import Claimed, Outcome
from subscribers.upsert import insert

__all__ = ["HeldDomain", "Pace", "Screened", "SlowedDomain", "ease", "held_domains", "hold", "let_go", "screen", "slow", "slowed"]

MOST_STRIKES = 10
STRIKE_AFTER = timedelta(seconds=30)  # however many connections report the same trouble, it counts once
EASE_AFTER = timedelta(minutes=1)
FORGOTTEN_AFTER = timedelta(days=1)
MOMENT = DomainRow.struck_at.type


def _slowed(since: ColumnElement[datetime]) -> ColumnElement[bool]:
    return and_(DomainRow.strikes > 0, DomainRow.struck_at > since)


# Built once: putting the statements together costs several times their execution.
PACED = (
    select(DomainRow.__table__)
    .where(DomainRow.name.in_(bindparam("keys", expanding=True)))
    .where(or_(DomainRow.name.in_(bindparam("limited", expanding=True)), _slowed(bindparam("since", type_=MOMENT))))
    .order_by(DomainRow.name)
    .with_for_update()
)
TAKE_TURNS = update(DomainRow).where(DomainRow.name == bindparam("its")).values(free_at=bindparam("free"), tail_at=bindparam("tail"))
EASE = (
    update(DomainRow)
    .where(DomainRow.name == bindparam("its"), DomainRow.strikes > 0)
    .where(or_(DomainRow.struck_at <= bindparam("before", type_=MOMENT), DomainRow.struck_at > bindparam("beyond", type_=MOMENT)))
    .values(strikes=DomainRow.strikes - 1, struck_at=bindparam("moment", type_=MOMENT))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """`go` may be handed over now, `later` (id, not before) waits for a turn, `held` for a person. `slowed`: keys to `ease` when they accept."""

    go: tuple[Claimed, ...] = ()
    later: tuple[tuple[int, datetime], ...] = ()
    held: tuple[int, ...] = ()
    slowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowedDomain:
    name: str  # of the domain, or of its group in the settings
    strikes: int
    since: datetime  # its last strike, or when it was last eased
    reason: str


def screen(
    connection: Connection, pace: Pace, edition_id: int | None, claimed: Sequence[Claimed], now: datetime, *, give: Callable[..., Turns] = turns
) -> Screened:
    """Sorts a claimed batch of an edition (None: of letters): two statements, and two more where a domain in it is limited or slowed. Its row is then
    locked for this transaction. `give` is `turns`, or `turns_ahead` for what does not queue behind editions."""
    if not claimed:
        return Screened()
    its_domain = [(one, one.domain) for one in claimed]
    held = held_among(connection, edition_id, {domain for _, domain in its_domain})
    allowed = [(one, pace.key(domain)) for one, domain in its_domain if domain not in held]
    rows = _paced(connection, pace, {key for _, key in allowed}, now)
    waiting: dict[str, list[Claimed]] = {row.name: [] for row in rows}
    go: list[Claimed] = []
    for one, key in allowed:
        waiting.get(key, go).append(one)
    later: list[tuple[int, datetime]] = []
    taken: list[dict[str, Any]] = []
    for row in rows:
        number = len(waiting[row.name])
        given = give(row.free_at, row.tail_at, now, per_minute=pace.limit(row.name).per_minute, strikes=_strikes(row, now), waiting=number)
        go += waiting[row.name][: given.count]
        later += [(one.delivery_id, moment) for one, moment in zip(waiting[row.name][given.count :], given.later, strict=True)]
        taken.append({"its": row.name, "free": given.free_at, "tail": given.tail_at})
    if taken:
        connection.execute(TAKE_TURNS, taken)
    return Screened(
        go=tuple(go),
        later=tuple(later),
        held=tuple(one.delivery_id for one, domain in its_domain if domain in held),
        slowed=tuple(row.name for row in rows if _strikes(row, now)),
    )


def slow(connection: Connection, key: str, outcome: Outcome, now: datetime) -> bool:
    """The domain asks for fewer mails: half as many from here on. False: it was slowed just now, for the same trouble."""
    values = {"strikes": 1, "struck_at": now, "reason": mask(f"{outcome.code} {outcome.text}")}
    strikes = DomainRow.strikes
    again = case((DomainRow.struck_at <= now - FORGOTTEN_AFTER, 1), (strikes < MOST_STRIKES, strikes + 1), else_=MOST_STRIKES)
    anew = or_(DomainRow.struck_at.is_(None), DomainRow.struck_at <= now - STRIKE_AFTER, DomainRow.struck_at > now + STRIKE_AFTER)
    struck = insert(connection, DomainRow).values({"name": key} | values)
    struck = struck.on_conflict_do_update(index_elements=["name"], set_=values | {"strikes": again}, where=anew)
    return connection.execute(struck, execution_options={"preserve_rowcount": True}).rowcount == 1


def ease(connection: Connection, keys: Iterable[str], now: datetime) -> None:
    """These domains accept mails again: one strike less, if the last change is a minute ago."""
    rows = [{"its": key, "before": now - EASE_AFTER, "beyond": now + EASE_AFTER, "moment": now} for key in sorted(keys)]
    if rows:
        connection.execute(EASE, rows)


def slowed(connection: Connection, now: datetime) -> tuple[SlowedDomain, ...]:
    rows = connection.execute(select(DomainRow.__table__).where(_slowed(literal(now - FORGOTTEN_AFTER, MOMENT))).order_by(DomainRow.name))
    return tuple(SlowedDomain(name=row.name, strikes=row.strikes, since=row.struck_at, reason=row.reason) for row in rows)


def _paced(connection: Connection, pace: Pace, keys: Collection[str], now: datetime) -> Sequence[Row[Any]]:
    """The rows of those that are limited or slowed. They are made before any is locked: in the other order two workers could wait for each other."""
    limited = sorted(pace.paced.intersection(keys))
    if limited:
        rows = insert(connection, DomainRow).values([{"name": name, "strikes": 0, "reason": ""} for name in limited])
        connection.execute(rows.on_conflict_do_nothing(index_elements=["name"]))
    return connection.execute(PACED, {"keys": sorted(keys), "limited": limited, "since": now - FORGOTTEN_AFTER}).all()


def _strikes(row: Row[Any], now: datetime) -> int:
    recent = row.struck_at is not None and row.struck_at > now - FORGOTTEN_AFTER
    return int(row.strikes) if recent else 0
