"""Who of those that wait for one recipient domain goes now, and when the others have their turn. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.delivery import rate

# What a domain without a limit of its own is thought to take when it first asks for fewer.
USUAL_PER_MINUTE = 600.0
# How far ahead turns are given out; who has none by then is looked at once more. A domain that was only slowed may soon take all at once.
LIMITED_AHEAD = timedelta(days=1)
SLOWED_AHEAD = timedelta(minutes=10)
# A turn may be met that much too late, or an interval where that is longer: whoever looks less often loses turns.
LATE_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """The first `count` go now, the others not before a moment each. `free_at` and `tail_at` are to be remembered."""

    count: int
    later: tuple[datetime, ...]
    free_at: datetime
    tail_at: datetime | None


def slowed_to(per_minute: float, strikes: int) -> float:
    """The pace that is left after so many strikes, each of which halves it: one a minute at least, unless the settings allow less."""
    usual = per_minute or USUAL_PER_MINUTE
    return max(min(1.0, usual), usual * 0.5**strikes)


def turns(free_at: datetime | None, tail_at: datetime | None, now: datetime, *, per_minute: float, strikes: int, waiting: int) -> Turns:
    """`per_minute` is the limit in the settings, 0 where there is none.

    Turns are given out behind `tail_at`, where the last one ends that was given out before. They are as far apart as the domain allows when it is not
    slowed: who comes due while it is, queues again, and nobody waits for a turn of yesterday's pace when it has been eased.
    """
    slow = slowed_to(per_minute, strikes)
    granted = rate.grant(free_at, now, slow, waiting, _burst_seconds(slow))
    ahead = now + (LIMITED_AHEAD if per_minute else SLOWED_AHEAD)
    tail = max(tail_at or now, now)
    if tail > ahead + rate.SKEW:  # given out by a clock that has been put right since, or before the limit was taken away
        tail = now
    each = rate.interval(per_minute or USUAL_PER_MINUTE)
    later: list[datetime] = []
    for _ in range(waiting - granted.count):
        tail = min(tail + each, max(tail, ahead))
        later.append(tail)
    return Turns(count=granted.count, later=tuple(later), free_at=granted.free_at, tail_at=tail)


def turns_ahead(free_at: datetime | None, tail_at: datetime | None, now: datetime, *, per_minute: float, strikes: int, waiting: int) -> Turns:
    """The same for what must not wait behind an edition: it goes a little ahead of the pace, and editions wait until that is paid off."""
    slow = slowed_to(per_minute, strikes)
    granted = rate.grant(free_at, now, slow, waiting, _burst_seconds(slow) + rate.AHEAD_SECONDS)
    return Turns(count=granted.count, later=(granted.not_before,) * (waiting - granted.count), free_at=granted.free_at, tail_at=tail_at)


def _burst_seconds(per_minute: float) -> float:
    return max(LATE_SECONDS, 120 / per_minute)
