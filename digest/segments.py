"""`[segments.NAME]`: named parts of the readers, as digest.toml declares them, and what they are to `subscribers`."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field

from digest.fields import Line, Section
from digest.mistakes import nearest
from digest.newsletter import Newsletter
from subscribers import form_text, segment
from subscribers.address import parse_address
from subscribers.errors import BadAddress


def _language(code: str) -> str:
    if not form_text.language(code):
        raise ValueError(f"“{code}” is no code of a language; write it like en or pt-BR")
    return form_text.language(code)


def _zone(name: str) -> str:
    if name.endswith("/"):
        areas = {zone[: zone.index("/") + 1] for zone in available_timezones() if "/" in zone}
        if not any(zone.startswith(name) for zone in available_timezones()):
            raise ValueError(f"there is no area “{name}” of time zones{nearest(name, areas)}")
        return name
    if not form_text.time_zone(name):
        raise ValueError(f"“{name}” is no time zone{nearest(name, available_timezones())}")
    return form_text.time_zone(name)


def _domain(name: str) -> str:
    try:
        return parse_address(f"somebody@{name}").key.removeprefix("somebody@")
    except BadAddress:
        raise ValueError(f"“{name}” is no domain; write it like example.org") from None


Word = Annotated[Line, Field(min_length=1)]
Language = Annotated[Word, AfterValidator(_language)]
Zone = Annotated[Word, AfterValidator(_zone)]
Domain = Annotated[Word, AfterValidator(_domain)]


class Segment(Section):
    """A named part of the readers: all that is given must hold, and a list means any of its values."""

    newsletters: tuple[str, ...] = ()
    languages: tuple[Language, ...] = ()
    time_zones: tuple[Zone, ...] = ()  # names, or areas like Europe/
    cadences: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    muted: tuple[str, ...] = ()
    attributes: dict[Word, tuple[Word, ...]] = {}
    domains: tuple[Domain, ...] = ()
    subscribed_after: date | None = Field(default=None, description="on this day or later")
    subscribed_before: date | None = Field(default=None, description="before this day")
    active_within_days: int | None = Field(default=None, ge=1, le=36_500)
    inactive_for_days: int | None = Field(default=None, ge=1, le=36_500)
    not_in: tuple[str, ...] = ()


def unknown_names(segments: Mapping[str, Segment], newsletters: Mapping[str, Newsletter]) -> Iterator[str]:
    """What the segments name and nothing declares, in a line each, with the nearest right name."""
    for name, one in segments.items():
        for key, known in _known(one, segments, newsletters).items():
            for word in getattr(one, key):
                if word not in known:
                    yield f"segments.{name}.{key}: there is no “{word}” (known: {', '.join(sorted(known)) or 'none'}){nearest(word, known)}"
        if _leads_back(name, segments):
            yield f"segments.{name}.not_in: leads back to “{name}” itself"


def _known(one: Segment, segments: Mapping[str, Segment], newsletters: Mapping[str, Newsletter]) -> Mapping[str, Collection[str]]:
    """Which words each of the keys may hold: of the newsletters the segment is about, where it names any."""
    about = [letter for slug, letter in newsletters.items() if slug in one.newsletters] or newsletters.values()
    sections = {section for letter in about for section in (*letter.sections, *letter.sign_up.sections)}
    authors = {author for letter in about for author in letter.sign_up.authors}
    return {
        "newsletters": newsletters.keys(),
        "cadences": {cadence for letter in about for cadence in letter.cadence_names},
        "sections": sections,
        "authors": authors,
        "muted": sections | authors,
        "not_in": segments.keys(),
    }


def _leads_back(name: str, segments: Mapping[str, Segment]) -> bool:
    seen: set[str] = set()
    waiting = [*segments[name].not_in]
    while waiting:
        one = waiting.pop()
        if one not in seen and one in segments:
            seen.add(one)
            waiting += segments[one].not_in
    return name in seen


def declared(name: str, segments: Mapping[str, Segment], zone: ZoneInfo) -> segment.Segment:
    """What `[segments.NAME]` asks for. Its days begin at midnight in `zone`."""
    one = segments[name]
    plain = ("newsletters", "languages", "time_zones", "cadences", "sections", "authors", "muted", "attributes", "domains")
    return segment.Segment(
        **{key: getattr(one, key) for key in plain},
        subscribed_from=_midnight(one.subscribed_after, zone),
        subscribed_until=_midnight(one.subscribed_before, zone),
        active_within=_days(one.active_within_days),
        inactive_for=_days(one.inactive_for_days),
        not_in=tuple(declared(other, segments, zone) for other in one.not_in),
    )


def defaults(newsletters: Mapping[str, Newsletter]) -> Mapping[str, segment.Defaults]:
    """What holds for the readers of each newsletter who chose nothing themselves."""
    return {
        slug: segment.Defaults(language=letter.language, time_zone=letter.time_zone, cadence=letter.cadence) for slug, letter in newsletters.items()
    }


def _midnight(day: date | None, zone: ZoneInfo) -> datetime | None:
    return datetime.combine(day, time(), tzinfo=zone) if day else None


def _days(number: int | None) -> timedelta | None:
    return timedelta(days=number) if number else None
