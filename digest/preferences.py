"""What a person changes on their own page: only what the page had shown otherwise, so that an old tab undoes nothing that was done since."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from digest import letter_guard
from digest.adjust import Change, Done, adjust
from digest.newer import newer, newer_choice
from digest.offered import plain, unlimited
from digest.settings import Settings
from digest.welcome import welcome
from subscribers.change import ALL, Choice, Proof
from subscribers.choices import Choices, join, load, save_person
from subscribers.consent import unsubscribe, unsubscribe_from_all
from subscribers.tables import SubscriptionState

HOW = "preferences"  # in the record of consent
WEEKS = (1, 2, 4, 8)  # a pause may last


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What can be read on the page, as it was shown or as it came back: newsletters by slug."""

    ticked: frozenset[str] = frozenset()
    choices: Mapping[str, Choice] = field(default_factory=dict)
    name: str = ""
    language: str = ""
    time_zone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A page as it was sent in: what it had shown, and what it says now."""

    shown: Page
    said: Page
    weeks: Mapping[str, int] = field(default_factory=dict)  # of a pause from now on; 0: go on. One that is not named stays as it is


def save(connection: Connection, settings: Settings, subscriber: str, wanted: Wanted, *, now: datetime, key: str) -> tuple[Change, ...]:
    """Does what differs, and says what that was; who joins something is welcomed as after a second yes. Nobody there: nothing."""
    before = load(connection, subscriber)
    if before is None:
        return ()
    person = tuple(_introduce(connection, before, wanted, now))
    came = tuple(_come(connection, settings, subscriber, wanted, now))
    gone = tuple(_go(connection, before, wanted, now))
    after = load(connection, subscriber) or before
    adjusted = tuple(_adjust(connection, settings, after, wanted, now))
    if came and letter_guard.allowed(connection, settings.pages.limits, subscriber, now=now, key=key):
        welcome(connection, settings, subscriber, [change.newsletter for change in came], now=now)
    return person + came + gone + adjusted


def leave_everything(connection: Connection, subscriber: str, *, now: datetime) -> int:
    """Ends every subscription of the person. How many there were."""
    return unsubscribe_from_all(connection, subscriber, how=HOW, now=now)


def _introduce(connection: Connection, before: Choices, wanted: Wanted, now: datetime) -> Iterator[Change]:
    shown, said = wanted.shown, wanted.said
    told = {
        "name": newer(before.name, shown.name, said.name),
        "language": newer(before.language, shown.language, said.language),
        "time_zone": newer(before.time_zone, shown.time_zone, said.time_zone),
    }
    if told != {"name": before.name, "language": before.language, "time_zone": before.time_zone}:
        save_person(connection, before.subscriber, **told, now=now)
        yield Change(done=Done.PERSON)


def _come(connection: Connection, settings: Settings, subscriber: str, wanted: Wanted, now: datetime) -> Iterator[Change]:
    for slug, newsletter in settings.newsletters.items():
        wished = newsletter.sign_up.open and slug in wanted.said.ticked - wanted.shown.ticked
        if wished and join(connection, subscriber, slug, proof=Proof(how=HOW, origin=f"{settings.pages.url}/preferences"), now=now):
            yield Change(done=Done.JOINED, newsletter=slug)


def _go(connection: Connection, before: Choices, wanted: Wanted, now: datetime) -> Iterator[Change]:
    for one in before.subscriptions:
        if one.newsletter in wanted.shown.ticked - wanted.said.ticked and unsubscribe(connection, one.subscription, how=HOW, now=now):
            yield Change(done=Done.LEFT, newsletter=one.newsletter)


def _adjust(connection: Connection, settings: Settings, after: Choices, wanted: Wanted, now: datetime) -> Iterator[Change]:
    """Choices and pauses of what runs and is wanted."""
    for one in after.subscriptions:
        if one.state is not SubscriptionState.CONFIRMED or one.newsletter not in wanted.said.ticked or one.newsletter not in settings.newsletters:
            continue
        shown, said = (page.choices.get(one.newsletter, ALL) for page in (wanted.shown, wanted.said))
        newsletter = settings.newsletters[one.newsletter]
        choice = unlimited(newsletter, newer_choice(plain(newsletter, one.choice), shown, said))
        yield from adjust(connection, newsletter, one, choice, wanted.weeks.get(one.newsletter), now=now)
