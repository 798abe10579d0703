"""How many may go now at so many a minute: the generic cell rate algorithm (ITU-T I.371, annex A). Pure.

All that has to be remembered is one moment: when, at its pace, everything that was let go is paid off.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

MINUTE_MICROSECONDS = 60_000_000
MICROSECOND = timedelta(microseconds=1)
# A debt that is larger than the burst by more than this was made by a clock that was put right since. Machines whose clocks disagree by less
# share a pace without harm, and the leases of their workers ask them to agree at least so well.
SKEW = timedelta(minutes=1)
# Letters to one person may be so far ahead of a pace. Less than SKEW: else the debt would be taken for a wrong clock's.
AHEAD_SECONDS = 55.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """`count` may go now. `free_at` is to be remembered, `not_before` is when one more may go."""

    count: int
    free_at: datetime
    not_before: datetime


def interval(per_minute: float) -> timedelta:
    """Between two mails at that pace. Rounded up: rounded down, it would be a little faster than was allowed."""
    return ceil(MINUTE_MICROSECONDS / per_minute) * MICROSECOND


def grant(free_at: datetime | None, now: datetime, per_minute: float, wanted: int, burst_seconds: float = 1.0) -> Granted:
    """How many of `wanted` may go at `now`, at most so many at once as `burst_seconds` have room for, and one at least.

    In any stretch of time no more go than its length allows, and one burst. A clock that was set back costs one interval, no more.
    """
    each = interval(per_minute)
    burst = max(1, int(burst_seconds * per_minute / 60)) * each
    start = max(free_at or now, now)
    if start > now + burst + SKEW:
        start = now + burst
    count = min(wanted, max(0, (now + burst - start) // each))
    free_at = start + count * each
    return Granted(count=count, free_at=free_at, not_before=free_at + each - burst)
