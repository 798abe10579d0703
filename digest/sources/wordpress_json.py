"""Decoded JSON of which nothing is certain: looking into it never raises. Pure."""

from datetime import UTC, datetime
from urllib.parse import urljoin, urlsplit

from digest.content.sanitise import one_line, storable

EARLIEST_YEAR = 1990


def at(value: object, *path: str | int) -> object:
    """What lies at the end of `path`; None where it leads nowhere."""
    for step in path:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def as_text(value: object) -> str:
    return storable(value) if isinstance(value, str) else ""


def as_number(value: object) -> int:
    """A positive whole number that fits a database; 0 for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63 else 0


def as_web(value: object, base: str = "") -> str:
    """A web address, made absolute by `base`; empty for anything else."""
    try:
        url = urljoin(base, one_line(as_text(value))) if value else ""
        parts = urlsplit(url)
        fit = parts.scheme in {"http", "https"} and parts.hostname
    except ValueError:
        return ""
    return url if fit else ""


def as_moment(value: object) -> datetime | None:
    """GMT, which WordPress writes without a Z."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) and len(value) >= 19 else None
        aware = moment and (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC))
    except (ValueError, OverflowError):
        return None
    return aware if aware and aware.year >= EARLIEST_YEAR else None
