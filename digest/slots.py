"""When a cron expression falls due, counted the same everywhere. Pure."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice, pairwise, takewhile
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

# Of so many slots, or of those of so long, it is told how far apart they lie: a leap year's is the rarest there is.
SAMPLE = 60
SPAN = timedelta(days=5 * 366)
BEGINNING = datetime(2024, 1, 1, tzinfo=UTC)


def mistake(cron: str) -> str:
    """What is wrong with an expression; empty where nothing is."""
    try:
        CronSim(cron, BEGINNING)
    except CronSimError as error:
        return str(error)
    return ""


def latest(cron: str, zone: ZoneInfo, moment: datetime) -> datetime:
    """The latest slot at or before `moment`, in UTC."""
    # CronSim looks strictly before the moment it is given, in whole seconds.
    local = (moment.replace(microsecond=0) + timedelta(seconds=1)).astimezone(zone)
    return next(CronSim(cron, local, reverse=True)).astimezone(UTC)


def following(cron: str, zone: ZoneInfo, moment: datetime) -> datetime:
    """The first slot after `moment`, in UTC."""
    return next(CronSim(cron, moment.astimezone(zone))).astimezone(UTC)


def between(cron: str, zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[datetime]:
    """All slots in (start, end], in order, in UTC."""
    later = (slot.astimezone(UTC) for slot in CronSim(cron, start.astimezone(zone)))
    return takewhile(lambda slot: slot <= end, later)


@lru_cache(maxsize=256)
def distances(cron: str) -> tuple[timedelta, timedelta]:
    """How far the slots lie apart: in the mean, and at most."""
    slots = list(islice(takewhile(lambda slot: slot <= BEGINNING + SPAN, CronSim(cron, BEGINNING)), SAMPLE))
    if len(slots) < 2:
        return SPAN, SPAN
    return (slots[-1] - slots[0]) / (len(slots) - 1), max(later - earlier for earlier, later in pairwise(slots))
