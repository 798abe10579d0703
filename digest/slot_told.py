"""A slot in words, for whoever runs a newsletter. One of readers' local time is a time of day everywhere: it is told as such, and when it begins."""

from datetime import datetime

from digest.newsletter import Newsletter
from digest.settings import Settings
from digest.told import told

LOCAL = "local"


def slot_told(newsletter: Newsletter | None, slot: datetime, zone: str) -> str:
    """“Mon 23 Nov 2026 07:00” in `zone`; with “local” behind it, the time of day of each reader. None: a newsletter that is declared no longer."""
    if newsletter is None or not newsletter.follows_readers:
        return told(slot, zone)
    return f"{told(slot, newsletter.slot_zone)} {LOCAL}"


def beginning_told(newsletter: Newsletter, slot: datetime, zone: str) -> str:
    """When readers of that local time begin to get it; empty where all get it at once."""
    return f"by each reader’s clock, the first from {told(slot, zone)} ({zone}) on" if newsletter.follows_readers else ""


def declared(settings: Settings, slug: str, cadence: str) -> Newsletter | None:
    """The newsletter of an edition there is; None where it is declared no longer."""
    return settings.newsletters[slug].of_edition(cadence) if slug in settings.newsletters else None
