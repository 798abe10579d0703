"""An edition that is not the same for everybody: readers of equal wishes share a plan, those of one zone and hour a moment, and are queued by both.

What a plan holds is not known here: it has the key of a wish, readers, and is empty or not.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CompoundSelect, Connection, Select, SQLColumnExpression, and_, exists, func, insert, literal, or_, select, union_all, update

from digest.delivery.queue import adding
from digest.delivery.tables import DeliveryRow, HourRow, PlanRow
from subscribers.tables import Subscriber, Subscription
from subscribers.wishes import has_wish, hour, served_in, wish_key

Unmet = Select[str, int, str, int] | CompoundSelect[str, int, str, int]
Zoned = tuple[str, int]  # a time zone and an hour, as `subscribers.wishes.hours` says them


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`empty`: nothing new for its readers, so they get no mail."""

    key: str
    readers: int
    empty: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """What readers want that an edition has no plan or no moment for: the keys of wishes, each with its readers, and zones with hours."""

    wishes: Mapping[str, int]
    hours: frozenset[Zoned]

    def __bool__(self) -> bool:
        return bool(self.wishes or self.hours)


NOTHING = Lacking(wishes={}, hours=frozenset())


def add_plans(connection: Connection, edition_id: int, plans: Iterable[Plan]) -> None:
    rows = [{"edition_id": edition_id, "key": plan.key, "readers": plan.readers, "empty": plan.empty} for plan in plans]
    if rows:
        connection.execute(insert(PlanRow), rows)


def add_hours(connection: Connection, edition_id: int, moments: Mapping[Zoned, datetime]) -> None:
    rows = [{"edition_id": edition_id, "time_zone": zone, "hour": its, "at": at} for (zone, its), at in moments.items()]
    if rows:
        connection.execute(insert(HourRow), rows)


def lacking(connection: Connection, edition_id: int, audience: Select[int], *, timed: bool) -> Lacking:
    """What this audience wants and the edition has not; moments only where it is `timed`."""
    return _told(connection, _unmet(edition_id, audience, timed=timed))


def enqueue(connection: Connection, edition_id: int, audience: Select[int], now: datetime, *, timed: bool) -> Lacking:
    """One row per subscription that `audience` selects and whose plan is not empty, in one statement; due `now`, or `timed` at its own moment. Done
    again it adds only who is new.

    Whoever lacks a plan or a moment is left out, and told as the very statement saw them: it is run again once they have it, until nobody lacks any.
    So nobody is lost who changes their mind meanwhile. On SQLite nobody can, and all must be there."""
    planned = audience.outerjoin(PlanRow, _its_plan(edition_id)).where(or_(~has_wish(), PlanRow.empty.is_(False)))
    if timed:
        planned = planned.join(HourRow, _its_moment(edition_id))
    next_at: SQLColumnExpression[Any] = HourRow.at if timed else literal(now, HourRow.at.type)
    statement = adding(connection, edition_id, planned, {"plan_id": PlanRow.id, "next_at": next_at})
    if connection.dialect.name == "sqlite":
        connection.execute(statement)
        return NOTHING
    # Each statement of PostgreSQL sees the data as they are when it begins, and all its parts see the same.
    queued = statement.returning(DeliveryRow.id).cte("queued")
    return _told(connection, _unmet(edition_id, audience, timed=timed).add_cte(queued))


def arrived(connection: Connection, edition_id: int) -> None:
    """Whoever is queued with a plan that made up for their change of cadence stands in the former one no more. Who changed again meanwhile does."""
    theirs = select(DeliveryRow.id).join(PlanRow, PlanRow.id == DeliveryRow.plan_id).where(DeliveryRow.edition_id == edition_id)
    queued = exists(theirs.where(DeliveryRow.subscription_id == Subscription.id, served_in(PlanRow.key)).correlate(Subscription))
    connection.execute(update(Subscription).where(has_wish(), Subscription.served != "", queued).values(served=""))


def _its_plan(edition_id: int) -> Any:
    return and_(PlanRow.edition_id == edition_id, PlanRow.key == wish_key())


def _its_moment(edition_id: int) -> Any:
    return and_(HourRow.edition_id == edition_id, HourRow.time_zone == Subscriber.time_zone, HourRow.hour == hour())


def _unmet(edition_id: int, audience: Select[int], *, timed: bool) -> Unmet:
    """Rows of key, readers, zone and hour: a wish, or where there are no readers a zone with an hour."""
    key = wish_key().label("key")
    wanted = audience.with_only_columns(key, func.count().label("readers"), literal("").label("zone"), literal(0).label("hour"))
    wishes = wanted.outerjoin(PlanRow, _its_plan(edition_id)).where(has_wish(), PlanRow.id.is_(None)).group_by(key)
    if not timed:
        return wishes
    at = audience.with_only_columns(literal(""), literal(0), Subscriber.time_zone, hour())
    hours = at.outerjoin(HourRow, _its_moment(edition_id)).where(HourRow.edition_id.is_(None)).distinct()
    return union_all(wishes, hours)


def _told(connection: Connection, unmet: Unmet) -> Lacking:
    rows = connection.execute(unmet).all()
    wishes = {key: readers for key, readers, _, _ in rows if readers}
    return Lacking(wishes=wishes, hours=frozenset((zone, its) for _, readers, zone, its in rows if not readers))


def nothing_new(connection: Connection, edition_id: int) -> int:
    """How many readers got no mail of this edition, for there was nothing in it that they wanted."""
    query = select(func.coalesce(func.sum(PlanRow.readers), 0)).where(PlanRow.edition_id == edition_id, PlanRow.empty)
    return int(connection.scalar(query) or 0)


def keys(connection: Connection, edition_id: int) -> tuple[str, ...]:
    """Those of all plans that anybody is queued with."""
    return tuple(connection.scalars(select(PlanRow.key).where(PlanRow.edition_id == edition_id, ~PlanRow.empty)))


def plan_of(connection: Connection, edition_id: int, subscription: str) -> str | None:
    """The key of the plan with which the subscription of this public id was queued; None where it was not."""
    theirs = (DeliveryRow.edition_id == edition_id, Subscription.public_id == subscription)
    query = select(func.coalesce(PlanRow.key, "")).select_from(DeliveryRow).outerjoin(PlanRow, PlanRow.id == DeliveryRow.plan_id)
    return connection.scalar(query.join(Subscription, Subscription.id == DeliveryRow.subscription_id).where(*theirs))
