"""Dates as feeds write them. No parser alone reads them all, and each reads some nonsense as a date: hence the order, and the bounds. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

OLDEST = datetime(1990, 1, 1, tzinfo=UTC)  # feedparser reads 1757170000 as the year 1758
AHEAD = timedelta(days=2)  # clocks differ, and so do time zones that nobody wrote down


def read_date(text: object, *, now: datetime, parsed: Sequence[int] | None = None) -> datetime | None:
    """A moment in UTC, or None: ISO 8601, then RFC 5322, then `parsed` (year to second, UTC). Without a zone it is taken for UTC."""
    words = text.strip() if isinstance(text, str) else ""
    for found in (_iso(words), _mail(words), _fields(parsed)):
        if found is not None and OLDEST <= found <= now + AHEAD:
            return found
    return None


def _iso(text: str) -> datetime | None:
    try:
        return _utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return None


def _mail(text: str) -> datetime | None:
    try:
        return _utc(parsedate_to_datetime(text))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _fields(parsed: Sequence[int] | None) -> datetime | None:
    try:
        year, month, day, hour, minute, second, *_ = parsed or ()
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
