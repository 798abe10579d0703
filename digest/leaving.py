"""What somebody who holds the link to leave finds, and how sure it is that a person pressed the button."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from digest.delivery.latest import last_begun
from digest.settings import Settings
from subscribers.people import Known, with_others
from subscribers.tables import SubscriptionState

# What scans mails for malware opens their links, and some of it presses the buttons behind them: right after the mail came, and in no time.
FRESH = timedelta(minutes=10)
HASTE = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaver:
    """Who holds the link: their subscription, the newsletter's title and what else they get."""

    reader: Known
    title: str
    others: tuple[str, ...]  # titles

    @property
    def gone(self) -> bool:
        return self.reader.state is SubscriptionState.UNSUBSCRIBED


def look(connection: Connection, settings: Settings, subscription: str) -> Leaver | None:
    """None when nobody is there any more: the person was erased, or never was."""
    found = with_others(connection, subscription)
    if not found:
        return None
    reader, *more = found
    others = tuple(title(settings, one.newsletter) for one in more if one.state is not SubscriptionState.UNSUBSCRIBED)
    return Leaver(reader=reader, title=title(settings, reader.newsletter), others=others)


def title(settings: Settings, newsletter: str) -> str:
    """The newsletter's title; of one that is no longer declared, the publication's name."""
    declared = settings.newsletters.get(newsletter)
    return declared.title if declared else settings.publication.name


def hasty(connection: Connection, subscription: str, *, after: timedelta, now: datetime) -> bool:
    """Whether a press so soon after its page was made may be a scanner's: only in the first minutes after a mail."""
    if after >= HASTE:
        return False
    begun = last_begun(connection, subscription)
    return begun is not None and now - begun < FRESH
