"""How much a relay may be given now: its pace, and the days of its warm-up, which are counted in UTC. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from digest.delivery import rate
from digest.delivery.route import Route

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What is remembered of a relay's allowance."""

    first_used_on: date | None = None  # the first day of a warm-up
    day: date | None = None  # of `day_count`
    day_count: int = 0
    free_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """`count` may go now. Where that is not all that was wanted, `not_before` is when more may, and `reason` says why."""

    count: int
    not_before: datetime | None = None
    reason: str = ""


def allow(route: Route, used: Used, now: datetime, wanted: int) -> tuple[Allowance, Used]:
    """How many of `wanted` may go, and what is used after that."""
    day, count = _today(used, now)
    first = used.first_used_on or (day if route.warm_up else None)
    allowed, free_at = _warm_up(route, (day - first).days if first else 0, day, count, wanted), used.free_at
    if route.per_minute:
        granted = rate.grant(free_at, now, route.per_minute, allowed.count)
        free_at = granted.free_at
        if granted.count < allowed.count:
            allowed = Allowance(count=granted.count, not_before=granted.not_before, reason=_pace(route))
    return allowed, Used(first_used_on=first, day=day, day_count=count + allowed.count, free_at=free_at)


def allow_ahead(route: Route, used: Used, now: datetime, wanted: int) -> tuple[Allowance, Used]:
    """The same for what must not wait behind an edition: it goes a little ahead of the pace, and counts in a warm-up without being stopped by it."""
    day, count = _today(used, now)
    allowed, free_at = Allowance(count=wanted), used.free_at
    if route.per_minute:
        granted = rate.grant(free_at, now, route.per_minute, wanted, 1 + rate.AHEAD_SECONDS)
        allowed, free_at = Allowance(count=granted.count, not_before=granted.not_before, reason=_pace(route)), granted.free_at
    first = used.first_used_on or (day if route.warm_up else None)
    return allowed, Used(first_used_on=first, day=day, day_count=count + allowed.count, free_at=free_at)


def _pace(route: Route) -> str:
    return f"{route.per_minute:g} mails a minute"


def returned(route: Route, used: Used, now: datetime, number: int) -> Used:
    """What is used when so many were allowed and did not go."""
    day, count = _today(used, now)
    free_at = used.free_at - number * rate.interval(route.per_minute) if used.free_at and route.per_minute else used.free_at
    return Used(first_used_on=used.first_used_on, day=day, day_count=max(0, count - number), free_at=free_at)


def _today(used: Used, now: datetime) -> tuple[date, int]:
    """The day that counts, and how many went on it. At midnight clocks may disagree: one that lags does not begin again the day before."""
    today = now.astimezone(UTC).date()
    if used.day is not None and used.day in (today, today + DAY):
        return used.day, used.day_count
    return today, 0


def _warm_up(route: Route, days: int, day: date, count: int, wanted: int) -> Allowance:
    """`days` since the first one, `count` of this day gone already."""
    if days >= len(route.warm_up):
        return Allowance(count=wanted)
    most = route.warm_up[max(0, days)]
    if count + wanted <= most:
        return Allowance(count=wanted)
    tomorrow = datetime.combine(day + DAY, time(), UTC)
    return Allowance(count=max(0, most - count), not_before=tomorrow, reason=f"day {max(0, days) + 1} of its warm-up: {most} mails")
