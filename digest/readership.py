"""Who gets the editions of a newsletter in one of its cadences."""

from datetime import datetime

from sqlalchemy import Select

from digest.newsletter import Newsletter
from subscribers.audience import audience


def readership(newsletter: Newsletter, now: datetime) -> Select[int]:
    """The ids of the subscriptions that the newsletter, in the cadence in which it stands, goes to: each is in exactly one of its cadences.

    Who chose a cadence that is not declared, or is no longer, gets it in the newsletter's own."""
    if newsletter.cadence == newsletter.own_cadence:
        return audience(newsletter.slug, now, others=tuple(newsletter.cadences))
    return audience(newsletter.slug, now, cadence=newsletter.cadence)
