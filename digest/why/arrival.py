"""Why an edition reaches a reader at this moment: their zone, their hour, their quiet hours, and clocks that change. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from digest.local_time import FIRST, LocalTime
from digest.told import told


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """`at` by the rules as they are set now; `reasons` a few words each."""

    zone: str
    at: datetime
    reasons: tuple[str, ...]


def arrival(time: LocalTime, slot: datetime, zone: str, hour: int | None, due: datetime | None = None) -> Arrival:
    """Of the edition of `slot`, for a reader with this time zone ('': none set) and hour (None: the newsletter's); `due` if they are queued."""
    known = zone in available_timezones()
    place = zone if known else time.home
    at = time.moment(slot, zone, hour)
    whose = (
        "their own zone" if known else f"“{zone}” is no zone that is known here: the newsletter’s" if zone else "the newsletter’s zone: they set none"
    )
    reasons = (f"{place}, {whose}", *_clock(time, slot, place, hour), *_quiet(time, slot, zone, hour, at))
    if time.differs and due is not None and due != at:
        reasons += (f"queued for {told(due, place)} there: it was late, or they changed their zone or hour since",)
    return Arrival(zone=place, at=at, reasons=reasons)


def _clock(time: LocalTime, slot: datetime, place: str, hour: int | None) -> Iterator[str]:
    if not time.follows:
        yield "everybody gets it at the slot, wherever they are" + (
            f" (their hour, {hour}:00, counts only with local_time)" if hour is not None else ""
        )
        return
    wall = slot.astimezone(ZoneInfo(FIRST)).replace(tzinfo=None)
    wanted = wall if hour is None else wall.replace(hour=hour, minute=0, second=0)
    whose = "the newsletter’s hour" if hour is None else "the hour they chose"
    yield f"{wanted:%H:%M} where they are: {whose}"
    earlier, later = (wanted.replace(tzinfo=ZoneInfo(place), fold=fold).utcoffset() for fold in (0, 1))
    reached = replace(time, quiet=None).moment(slot, place, hour)
    if reached == slot and reached.astimezone(ZoneInfo(place)).replace(tzinfo=None) != wanted:
        yield "that had gone by there when it was made: at once"
    elif earlier != later:
        there = reached.astimezone(ZoneInfo(place)).replace(tzinfo=None) == wanted
        yield (
            "the clocks change then: it comes twice, and the first counts"
            if there
            else "the clocks change then: it is left out, and they get it as they go on"
        )


def _quiet(time: LocalTime, slot: datetime, zone: str, hour: int | None, at: datetime) -> Iterator[str]:
    if time.quiet is None:
        return
    hours = f"{time.quiet.start:%H:%M}–{time.quiet.end:%H:%M}"
    if replace(time, quiet=None).moment(slot, zone, hour) == at:
        yield f"not in their quiet hours ({hours})"
    else:
        place = zone if zone in available_timezones() else time.home
        yield f"that is in their quiet hours ({hours}): it waits until {told(at, place)} there"
