"""When an edition reaches a reader: at the same time of day wherever they are, or at an hour of their own, and never in their night. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

# Where every day begins first: slots of local time are counted there, so that one cut-off comes before the first reader.
FIRST = "Etc/GMT-14"
_FIRST = timezone(timedelta(hours=14))
CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
A_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """Hours of a day in which nobody is written to: from `start`, and until `end`, on the next day where that is earlier."""

    start: time
    end: time

    @classmethod
    def parse(cls, text: str) -> "Quiet":
        """From two times of day like 22:00-07:00; anything else is a ValueError, and so are hours that are none, or all."""
        start, _, end = (part.strip() for part in text.partition("-"))
        quiet = cls(start=_clock(start), end=_clock(end))
        if quiet.start == quiet.end:
            raise ValueError("both times are the same")
        return quiet

    def __contains__(self, at: time) -> bool:
        return self.start <= at < self.end if self.start <= self.end else at >= self.start or at < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalTime:
    """A newsletter's: `home` is the zone of readers who have set none, or one that is not known here."""

    home: str
    follows: bool = False  # whether each reader gets it at the slot's time of day where they are
    quiet: Quiet | None = None

    @property
    def differs(self) -> bool:
        """Whether readers get it at different moments at all."""
        return self.follows or self.quiet is not None

    @property
    def at_once(self) -> "LocalTime":
        """Of an edition that an editor sends now: nobody's own time of day is waited for, but their night is."""
        return replace(self, follows=False)

    def moment(self, slot: datetime, zone: str, hour: int | None = None) -> datetime:
        """When a reader in `zone`, who may want it at an `hour` of their own, gets the edition of a slot; never before the slot.

        At a time of day that does not exist there, the moment the clocks go on; at one that exists twice, the first.
        """
        place = self._place(zone)
        if not self.follows:
            return self.awake(slot, zone)
        wall = slot.astimezone(_FIRST).replace(tzinfo=None)
        wanted = wall if hour is None else wall.replace(hour=hour, minute=0, second=0)
        return self.awake(max(slot, _first(wanted, place)), zone)

    def awake(self, moment: datetime, zone: str) -> datetime:
        """`moment`, or if it falls into the quiet hours of whoever lives in `zone`, their end."""
        place, quiet = self._place(zone), self.quiet
        while quiet is not None and moment.astimezone(place).time() in quiet:
            moment = _next(moment, quiet.end, place)
        return moment.astimezone(UTC)

    def _place(self, zone: str) -> tzinfo:
        return (_zone(zone) if zone else None) or _zone(self.home) or UTC


def _clock(text: str) -> time:
    found = CLOCK.fullmatch(text)
    if found is None:
        raise ValueError(f"“{text}” is no time of day")
    return time(int(found[1]), int(found[2]))


def _next(moment: datetime, at: time, place: tzinfo) -> datetime:
    """The first moment after this one at which the clocks of a place say `at`."""
    today = moment.astimezone(place).date()
    days = (datetime.combine(today + A_DAY * number, at) for number in range(3))
    return next(found for wall in days for found in _all(wall, place) if found > moment)


def _first(wall: datetime, place: tzinfo) -> datetime:
    return next(_all(wall, place))


def _all(wall: datetime, place: tzinfo) -> Iterator[datetime]:
    """Every moment at which the clocks of a place say this, in order: two at most, and where they go past it, the moment they do."""
    earlier, later = (wall.replace(tzinfo=place, fold=fold).astimezone(UTC) for fold in (0, 1))
    if later < earlier:  # only of a time that does not exist: each reading takes the other side's offset (PEP 495)
        yield _jump(later, earlier, place)
    else:
        yield earlier
        if later != earlier:
            yield later


def _jump(before: datetime, after: datetime, place: tzinfo) -> datetime:
    """The moment between these two at which the clocks of a place go on."""
    offset = before.astimezone(place).utcoffset()
    while after - before > _SECOND:
        middle = before + (after - before) // (2 * _SECOND) * _SECOND
        if middle.astimezone(place).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after


def _zone(name: str) -> ZoneInfo | None:
    """None for a name nobody knows here."""
    try:
        return ZoneInfo(name)  # which remembers those it found, and only those
    except (KeyError, ValueError, OSError):  # a name that is a folder is an OSError
        return None
