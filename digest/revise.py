"""An operator changes how a reader has one newsletter, to what their own page offers: a name that is not offered is an error, which says what is."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, select

from digest.adjust import Change, adjust
from digest.editions.pool import folded
from digest.errors import DigestError, UnknownCadence
from digest.mistakes import nearest
from digest.newsletter import Newsletter
from digest.offered import offered_hours, plain, unlimited
from digest.settings import Settings
from subscribers.address import Address
from subscribers.change import Choice, hold
from subscribers.choices import Chosen, load
from subscribers.errors import Nobody
from subscribers.tables import Subscriber, SubscriptionState

Names = frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """None leaves it as it is; what is empty takes it back: the newsletter's own cadence and hour, all sections and authors."""

    cadence: str | None = None
    sections: tuple[str, ...] | None = None  # followed
    authors: tuple[str, ...] | None = None  # followed
    mute: tuple[str, ...] | None = None  # sections or authors
    hour: str | None = None
    weeks: int | None = None  # of a pause from now on; 0: go on

    def __bool__(self) -> bool:
        return any(getattr(self, name) is not None for name in self.__dataclass_fields__)


def revise(connection: Connection, settings: Settings, address: Address, slug: str, revision: Revision, *, now: datetime) -> tuple[Change, ...]:
    """What became different of this person's subscription; `slug` may be empty where they have only one. Raises `Nobody`, or `DigestError` for what
    cannot be: nothing is changed then."""
    one = subscription_of(connection, address, slug)
    newsletter = settings.newsletter(one.newsletter)
    if revision.weeks is not None and one.state is not SubscriptionState.CONFIRMED:
        raise DigestError(f"They have not confirmed “{newsletter.slug}”: there is nothing to pause.")
    choice = revised(newsletter, plain(newsletter, one.choice), revision)
    return tuple(adjust(connection, newsletter, one, choice, revision.weeks, now=now, by_operator=True))


def revised(newsletter: Newsletter, kept: Choice, revision: Revision) -> Choice:
    """`kept` with what is revised. Names in their declared spelling; what the reader has all the same may stay. Pure."""
    sections, muted_sections = _apart(newsletter, kept, revision, "sections")
    authors, muted_authors = _apart(newsletter, kept, revision, "authors")
    choice = replace(kept, sections=sections, muted_sections=muted_sections, authors=authors, muted_authors=muted_authors)
    if revision.cadence is not None:
        choice = replace(choice, cadence=_cadence(newsletter, kept, revision.cadence))
    if revision.hour is not None:
        choice = replace(choice, hour=_hour(newsletter, kept, revision.hour))
    return unlimited(newsletter, choice)


def subscription_of(connection: Connection, address: Address, slug: str) -> Chosen:
    """One that this person has not left, the person being the caller's until the transaction ends. Errors as in `revise`."""
    person = connection.scalar(select(Subscriber.public_id).where(Subscriber.address_key == address.key))
    theirs = load(connection, person) if person and hold(connection, subscriber=person) else None
    if theirs is None:
        raise Nobody("Nobody has this address.")
    running = [one for one in theirs.subscriptions if one.state is not SubscriptionState.UNSUBSCRIBED]
    found = [one for one in running if slug in ("", one.newsletter)]
    if len(found) == 1:
        return found[0]
    names = ", ".join(sorted(one.newsletter for one in running)) or "none"
    raise DigestError(f"They do not have “{slug}” (they have: {names})." if slug else f"Say of which newsletter (they have: {names}).")


def _apart(newsletter: Newsletter, kept: Choice, revision: Revision, kind: str) -> tuple[Names, Names]:
    """Those that are followed and those that are muted: what is newly the one is no longer the other."""
    followed: Names = getattr(kept, kind)
    muted: Names = getattr(kept, f"muted_{kind}")
    wanted: tuple[str, ...] | None = getattr(revision, kind)
    if wanted is not None:
        follows = frozenset(_names(wanted, _offered(newsletter, kept, kind), kind))
        both = follows & frozenset(_muted(newsletter, kept, revision, kind))
        if both:
            raise DigestError(f"“{min(both)}” cannot be followed and muted at once.")
        followed, muted = follows, muted - follows
    if revision.mute is not None:
        muted = frozenset(_muted(newsletter, kept, revision, kind))
        followed -= muted
    return followed, muted


def _muted(newsletter: Newsletter, kept: Choice, revision: Revision, kind: str) -> Iterator[str]:
    """Those of one kind; a name that both a section and an author have is the section's."""
    sections = _mutable(newsletter, kept, "sections")
    authors = [name for name in _mutable(newsletter, kept, "authors") if folded(name) not in set(map(folded, sections))]
    named = frozenset(_names(revision.mute or (), (*sections, *authors), "sections or authors to mute"))
    return (name for name in (sections if kind == "sections" else authors) if name in named)


def _offered(newsletter: Newsletter, kept: Choice, kind: str) -> tuple[str, ...]:
    had: Names = getattr(kept, kind) | getattr(kept, f"muted_{kind}")
    declared: tuple[str, ...] = getattr(newsletter.sign_up, kind)
    return (*declared, *sorted(had.difference(declared)))


def _mutable(newsletter: Newsletter, kept: Choice, kind: str) -> tuple[str, ...]:
    return _offered(newsletter, kept, kind) if newsletter.sign_up.muting else tuple(sorted(getattr(kept, f"muted_{kind}")))


def _names(texts: Iterable[str], offered: Collection[str], kind: str) -> Iterator[str]:
    """Each text may be several names with commas between."""
    known = {folded(name): name for name in offered}
    for text in texts:
        for part in [text] if folded(text) in known else filter(None, map(str.strip, text.split(","))):
            if folded(part) not in known:
                there = f"offered: {', '.join(offered)}" if offered else "none are offered: see sign_up in digest.toml"
                raise DigestError(f"“{part}” is not among the {kind} that can be chosen ({there}){nearest(part, offered) or '.'}")
            yield known[folded(part)]


def _cadence(newsletter: Newsletter, kept: Choice, name: str) -> str:
    if name not in ("", kept.cadence, *newsletter.offered_cadences):
        raise UnknownCadence(newsletter.slug, name, newsletter.offered_cadences)
    return name


def _hour(newsletter: Newsletter, kept: Choice, text: str) -> int | None:
    offered = offered_hours(newsletter)
    if not text:
        return None
    if text.isdecimal() and int(text) in {*offered, kept.hour}:
        return int(text)
    there = f"it comes at {offered[0]} to {offered[-1]}" if offered else "local_time is off, so all get it at one moment"
    raise DigestError(f"“{text}” is no hour to choose for “{newsletter.slug}”: {there}.")
