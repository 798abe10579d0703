"""Moments in words, for a person at a terminal."""

from datetime import datetime
from zoneinfo import ZoneInfo


def told(moment: datetime, zone: ZoneInfo | str) -> str:
    """Mon 23 Nov 2026 07:00, in `zone`."""
    local = moment.astimezone(ZoneInfo(zone) if isinstance(zone, str) else zone)
    return f"{local:%a} {local.day} {local:%b %Y %H:%M}"
