"""What the readers of an edition want beyond what everybody gets, asked of the store before anything is chosen."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from digest.editions.demand import Demand
from digest.editions.ledger import had
from digest.editions.pool import Had
from digest.newsletter import Newsletter
from digest.readership import readership
from subscribers.wish import Served, Wish
from subscribers.wishes import languages, wishes


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """The wishes that readers have, and the languages they read: of a million readers that takes its time."""

    wishes: frozenset[Wish]
    languages: frozenset[str]


def asking(connection: Connection, newsletter: Newsletter, now: datetime) -> Asking:
    """Of those who would be queued `now`."""
    readers = readership(newsletter, now)
    return Asking(wishes=frozenset(Wish.parse(key) for key, _ in wishes(connection, readers)), languages=languages(connection, readers))


def wanted(connection: Connection, newsletter: Newsletter, slot: datetime, now: datetime, *keys: str, readers: Asking | None = None) -> Demand:
    """The demand on the edition of `slot`, of those who would be queued `now` or of these `readers`, and of `keys`: wishes to look at, whether
    anybody has them or not."""
    readers = readers or asking(connection, newsletter, now)
    known = readers.wishes.union(map(Wish.parse, filter(None, keys)))
    oldest = slot - timedelta(days=newsletter.articles.maximum_age_days)
    served: dict[str, Had] = {}
    for text in sorted({wish.served for wish in known}):
        stood = Served.parse(text)
        if stood is not None:
            served[text] = had(connection, newsletter.slug, newsletter.cadence, slot, stood, oldest=oldest)
    return Demand.of(known, served, readers.languages)
