"""What the readers of an edition want beyond what everybody gets, asked of the store before anything is chosen."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from digest.editions.demand import Demand
from digest.editions.ledger import had
from digest.editions.pool import Had
from digest.newsletter import Newsletter
from digest.readership import readership
from subscribers.wish import Served, Wish
from subscribers.wishes import languages, wishes


def wanted(connection: Connection, newsletter: Newsletter, slot: datetime, now: datetime, *keys: str) -> Demand:
    """The demand on the edition of `slot`, of those who would be queued `now`, and of `keys`: wishes to look at, whether anybody has them or not."""
    readers = readership(newsletter, now)
    known = {Wish.parse(key) for key in (*(key for key, _ in wishes(connection, readers)), *filter(None, keys))}
    oldest = slot - timedelta(days=newsletter.articles.maximum_age_days)
    served: dict[str, Had] = {}
    for text in sorted({wish.served for wish in known}):
        stood = Served.parse(text)
        if stood is not None:
            served[text] = had(connection, newsletter.slug, newsletter.cadence, slot, stood, oldest=oldest)
    return Demand.of(known, served, languages(connection, readers))
