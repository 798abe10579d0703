"""What is remembered of a relay: how much of its allowance is used, and whether it is shut. Shared by all workers, over every restart.

Within a transaction relays come before domains: workers that lock the same rows in different order would stop each other.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, literal, or_, select, update

from digest.delivery.allowance import Allowance, Used, allow, returned
from digest.delivery.mask import mask
from digest.delivery.route import Route
from digest.delivery.tables import RelayRow
from subscribers.upsert import insert

# How long a relay is left alone after its first failure in a row, its second …; the last repeats.
BACK_OFF = tuple(timedelta(seconds=seconds) for seconds in (15, 30, 60, 120, 300, 600))
NEW = {"day_count": 0, "strikes": 0, "reason": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShutRelay:
    name: str
    until: datetime
    strikes: int  # failures in a row
    reason: str


def allowance(connection: Connection, route: Route, now: datetime, wanted: int, *, rule: Callable[..., tuple[Allowance, Used]] = allow) -> Allowance:
    """How many of `wanted` the relay may be given now. They are taken from its allowance: what is not used goes back by `give_back`. `rule` is
    `allow`, or `allow_ahead` for what does not queue behind editions.

    The row of a limited route is locked until the transaction ends; of one without limits it is only looked at whether it is shut.
    """
    row = _row(connection, route)
    if row is not None and row.shut_until is not None and now < row.shut_until <= now + BACK_OFF[-1]:
        return Allowance(count=0, not_before=row.shut_until, reason=row.reason)
    if row is None or not route.limited:
        return Allowance(count=wanted)
    allowed, used = rule(route, _used(row), now, wanted)
    _keep(connection, route, used)
    return allowed


def give_back(connection: Connection, route: Route, count: int, now: datetime) -> None:
    """So many were allowed and could not be used after all."""
    row = _row(connection, route) if route.limited and count else None
    if row is not None:
        _keep(connection, route, returned(route, _used(row), now, count))


def shut(connection: Connection, name: str, reason: str, now: datetime) -> datetime:
    """The relay failed: it is left alone for a while, longer each time. However many report the same failure, it counts once. Until when."""
    waits = [literal(now + wait, RelayRow.shut_until.type) for wait in BACK_OFF]
    longer = case(*((RelayRow.strikes == number, until) for number, until in enumerate(waits)), else_=waits[-1])
    values = {"strikes": 1, "shut_until": now + BACK_OFF[0], "reason": mask(reason)}
    struck = insert(connection, RelayRow).values({"name": name} | NEW | values)
    again = values | {"strikes": RelayRow.strikes + 1, "shut_until": longer}
    connection.execute(struck.on_conflict_do_update(index_elements=["name"], set_=again, where=_is_open(now)))
    return connection.scalars(select(RelayRow.shut_until).where(RelayRow.name == name)).one() or now


def opened(connection: Connection, name: str, now: datetime) -> None:
    """The relay took a mail, so its next failure is the first again. What still goes through an old connection does not open a relay that is shut."""
    recovered = update(RelayRow).where(RelayRow.name == name, RelayRow.strikes > 0, _is_open(now))
    connection.execute(recovered.values(strikes=0, shut_until=None, reason=""))


def open_routes(connection: Connection, routes: Iterable[Route], now: datetime) -> tuple[Route, ...]:
    """Those whose relay is not shut."""
    names = set(connection.scalars(select(RelayRow.name).where(_is_shut(now))))
    return tuple(route for route in routes if route.name not in names)


def shut_relays(connection: Connection, now: datetime) -> tuple[ShutRelay, ...]:
    rows = connection.execute(select(RelayRow.__table__).where(_is_shut(now)).order_by(RelayRow.name))
    return tuple(ShutRelay(name=row.name, until=row.shut_until, strikes=row.strikes, reason=row.reason) for row in rows)


def _row(connection: Connection, route: Route) -> Row[Any] | None:
    query = select(RelayRow.__table__).where(RelayRow.name == route.name)
    if not route.limited:
        return connection.execute(query).one_or_none()
    row = connection.execute(query.with_for_update()).one_or_none()
    if row is None:
        connection.execute(insert(connection, RelayRow).values({"name": route.name} | NEW).on_conflict_do_nothing(index_elements=["name"]))
        row = connection.execute(query.with_for_update()).one()
    return row


def _used(row: Row[Any]) -> Used:
    return Used(first_used_on=row.first_used_on, day=row.day, day_count=row.day_count, free_at=row.free_at)


def _keep(connection: Connection, route: Route, used: Used) -> None:
    connection.execute(update(RelayRow).where(RelayRow.name == route.name).values(asdict(used)))


def _is_shut(now: datetime) -> ColumnElement[bool]:
    """Until a moment that is farther off than any back-off, it was shut by a clock that has been put right since."""
    return and_(RelayRow.shut_until > now, RelayRow.shut_until <= now + BACK_OFF[-1])


def _is_open(now: datetime) -> ColumnElement[bool]:
    return or_(RelayRow.shut_until.is_(None), RelayRow.shut_until <= now, RelayRow.shut_until > now + BACK_OFF[-1])
