"""A named part of the subscriptions, as a condition in SQL. People, never bytes.

No value is ever part of a statement's text, and none is matched by LIKE: `%` and `_` mean themselves, and SQLite and PostgreSQL agree on capitals.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, SQLColumnExpression, Text, and_, false, func, or_, true, type_coerce

from subscribers.attributes import attribute
from subscribers.tables import Subscriber, Subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What holds for those readers of a newsletter who chose nothing themselves."""

    language: str
    time_zone: str
    cadence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """All that is given must hold; of several values, any. What is empty or None asks for nothing."""

    newsletters: Sequence[str] = ()
    languages: Sequence[str] = ()  # en is also en-GB
    time_zones: Sequence[str] = ()  # names, or areas with their stroke: Europe/
    cadences: Sequence[str] = ()
    sections: Sequence[str] = ()  # whoever follows nothing gets all, save what they leave out
    authors: Sequence[str] = ()  # likewise
    muted: Sequence[str] = ()  # sections or authors that are left out
    attributes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    domains: Sequence[str] = ()  # of the mailbox, in their ASCII form
    subscribed_from: datetime | None = None  # the moment itself counts
    subscribed_until: datetime | None = None  # the moment itself does not
    active_within: timedelta | None = None
    inactive_for: timedelta | None = None
    not_in: Sequence["Segment"] = ()


def condition(segment: Segment, *, defaults: Mapping[str, Defaults], now: datetime) -> ColumnElement[bool]:
    """True of a `Subscription` joined with its `Subscriber` that is in the segment. `defaults` by newsletter."""
    return and_(true(), *_asked(segment, defaults, now))


def _asked(segment: Segment, defaults: Mapping[str, Defaults], now: datetime) -> Iterator[ColumnElement[bool]]:
    if segment.newsletters:
        yield Subscription.newsletter.in_(segment.newsletters)
    yield from _chosen(segment, defaults)
    if segment.sections:
        yield or_(*(_wants(name, Subscription.sections, Subscription.muted_sections) for name in segment.sections))
    if segment.authors:
        yield or_(*(_wants(name, Subscription.authors, Subscription.muted_authors) for name in segment.authors))
    if segment.muted:
        yield or_(*(_holds(column, name) for name in segment.muted for column in (Subscription.muted_sections, Subscription.muted_authors)))
    for key, values in segment.attributes.items():
        yield attribute(Subscriber.attributes, key).in_(values)
    if segment.domains:
        yield or_(*(_ends(Subscriber.address_key, f"@{domain}") for domain in segment.domains))
    yield from _timed(segment, now)
    for other in segment.not_in:
        # What nothing is known of (NULL) is not in the other one, either.
        yield ~func.coalesce(condition(other, defaults=defaults, now=now), false())


def _chosen(segment: Segment, defaults: Mapping[str, Defaults]) -> Iterator[ColumnElement[bool]]:
    """What a reader may leave to the newsletter: to SQL this is a list of the newsletters whose own value would match."""
    if segment.languages:
        own = [slug for slug, default in defaults.items() if _speaks(default.language, segment.languages)]
        yield _or_own(Subscriber.language, _spoken(segment.languages), own)
    if segment.time_zones:
        own = [slug for slug, default in defaults.items() if _lies(default.time_zone, segment.time_zones)]
        yield _or_own(Subscriber.time_zone, _lying(segment.time_zones), own)
    if segment.cadences:
        own = [slug for slug, default in defaults.items() if default.cadence in segment.cadences]
        yield _or_own(Subscription.cadence, Subscription.cadence.in_(segment.cadences), own)


def _or_own(column: SQLColumnExpression[str], chosen: ColumnElement[bool], newsletters: Sequence[str]) -> ColumnElement[bool]:
    return or_(and_(column != "", chosen), and_(column == "", Subscription.newsletter.in_(newsletters)))


def _speaks(language: str, wanted: Iterable[str]) -> bool:
    return any(f"{language}-".lower().startswith(f"{one}-".lower()) for one in wanted)


def _spoken(wanted: Iterable[str]) -> ColumnElement[bool]:
    spoken = func.lower(Subscriber.language).concat("-")
    return or_(*(_begins(spoken, f"{one}-".lower()) for one in wanted))


def _lies(zone: str, wanted: Iterable[str]) -> bool:
    return any(zone == one or (one.endswith("/") and zone.startswith(one)) for one in wanted)


def _lying(wanted: Iterable[str]) -> ColumnElement[bool]:
    return or_(*(_begins(Subscriber.time_zone, one) if one.endswith("/") else Subscriber.time_zone == one for one in wanted))


def _wants(name: str, followed: SQLColumnExpression[frozenset[str]], muted: SQLColumnExpression[frozenset[str]]) -> ColumnElement[bool]:
    everything = and_(type_coerce(Subscription.sections, Text) == "", type_coerce(Subscription.authors, Text) == "")
    return and_(or_(everything, _holds(followed, name)), ~_holds(muted, name))


def _holds(names: SQLColumnExpression[frozenset[str]], name: str) -> ColumnElement[bool]:
    """The set is a text with a line end around every name (see `Names`): it holds one that changes it when it is taken out."""
    text = type_coerce(names, Text)
    return func.replace(text, f"\n{name}\n", "") != text


def _timed(segment: Segment, now: datetime) -> Iterator[ColumnElement[bool]]:
    subscribed = func.coalesce(Subscription.confirmed_at, Subscription.created_at)
    acted = func.coalesce(Subscriber.acted_at, Subscription.confirmed_at)
    if segment.subscribed_from is not None:
        yield subscribed >= segment.subscribed_from
    if segment.subscribed_until is not None:
        yield subscribed < segment.subscribed_until
    if segment.active_within is not None:
        yield acted >= now - segment.active_within
    if segment.inactive_for is not None:
        yield acted < now - segment.inactive_for


def _begins(column: SQLColumnExpression[str], text: str) -> ColumnElement[bool]:
    return func.substr(column, 1, len(text)) == text


def _ends(column: SQLColumnExpression[str], text: str) -> ColumnElement[bool]:
    return func.substr(column, func.length(column) - len(text) + 1) == text
