"""Which stretch of time an edition looks at. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.newsletter import A_SECOND, Newsletter

# What was published, or arrived, just before a cut-off may be stored just after it, or be too young then (`grace_minutes`).
# The next edition therefore looks back a day beyond its own start and leaves out, by the ledger, what had its turn already.
OVERLAP = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """`start` to `cutoff` is the edition's own time; `reach` is how far back unseen articles are still taken in."""

    start: datetime
    cutoff: datetime
    reach: datetime


def window(
    newsletter: Newsletter,
    slot: datetime,
    *,
    last_cutoff: datetime | None,
    first_start: datetime | None,
    met: datetime | None = None,
    stood: datetime | None = None,
) -> Window:
    """From the cut-off of the last edition that was sent to this slot's, so that windows join without gap or overlap.

    A cadence's first edition covers one period of its schedule, and more where its readers may come from other cadences: all since those stood there
    (`stood`). Where all so far were skipped, it begins where the first of them would have (`first_start`); a cadence that writes of every article has
    no skipped ones, and begins when it was first met. However long it was silent, nothing older than `articles.maximum_age_days` comes in: a broken
    month does not pour out.
    """
    cutoff = newsletter.cutoff_of(slot)
    oldest = slot - timedelta(days=newsletter.articles.maximum_age_days)
    if last_cutoff is None:
        start = first_start or _first(newsletter, slot, met, stood)
        start = min(max(start, oldest), cutoff)
        return Window(start=start, cutoff=cutoff, reach=start)
    start = min(max(last_cutoff, oldest), cutoff)
    grace = timedelta(minutes=newsletter.articles.grace_minutes)
    return Window(start=start, cutoff=cutoff, reach=max(start - max(OVERLAP, grace), oldest, first_start or oldest))


def _first(newsletter: Newsletter, slot: datetime, met: datetime | None, stood: datetime | None) -> datetime:
    if newsletter.every_article:
        return min((moment for moment in (met, stood) if moment), default=slot - OVERLAP)
    before = newsletter.cutoff_of(newsletter.slot_at(slot - A_SECOND))
    return min(before, stood or before)
