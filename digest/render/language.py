"""Dates, times, numbers, lists and writing direction in the reader's language, by CLDR."""

from collections.abc import Iterable
from datetime import datetime, time
from functools import lru_cache
from importlib.resources import files
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, get_timezone_location
from babel.lists import format_list
from babel.numbers import format_decimal

from digest.errors import SettingsError

Length = Literal["full", "long", "medium", "short"]


@lru_cache
def locale(language: str) -> Locale:
    """The locale of a BCP 47 tag like `en`, `pt-BR` or `ar`. An unknown one is a `SettingsError`."""
    try:
        return Locale.parse(language.replace("_", "-"), sep="-")
    except (UnknownLocaleError, ValueError) as error:
        raise SettingsError(f"“{language}” is no language that can be written here; use a tag like en, de or pt-BR.") from error


def direction(language: str) -> str:
    """`ltr` or `rtl`."""
    return locale(language).text_direction


def day(moment: datetime, language: str, zone: str, length: Length = "full") -> str:
    """The day of a moment as people in `zone` have it on their calendar."""
    return format_date(moment.astimezone(ZoneInfo(zone)).date(), format=length, locale=locale(language))


def clock(moment: datetime, language: str, zone: str) -> str:
    """The time of day of a moment in `zone`, hours and minutes."""
    return format_time(moment, format="short", tzinfo=ZoneInfo(zone), locale=locale(language))


def wall_clock(at: time, language: str) -> str:
    """A time of day, wherever it is."""
    return format_time(at, format="short", locale=locale(language))


def number(value: int, language: str) -> str:
    return format_decimal(value, locale=locale(language))


def listed(parts: Iterable[str], language: str) -> str:
    """The parts as a list within a sentence: “a, b, and c”."""
    return format_list(list(parts), locale=locale(language))


def own_name(language: str) -> str:
    """What a language is called by those who speak it; a tag that nobody knows is its own name."""
    try:
        found = locale(language).get_display_name()
    except SettingsError:
        return language
    return found[:1].upper() + found[1:] if found else language


@lru_cache(maxsize=16)
def cities(language: str) -> dict[str, str]:
    """The time zones where people live, each by the name of its city."""
    lines = (files("tzdata.zoneinfo") / "zone.tab").read_text(encoding="utf-8").splitlines()
    zones = (line.split("\t")[2] for line in lines if line and not line.startswith("#"))
    return {zone: get_timezone_location(zone, locale=locale(language), return_city=True).rpartition("/")[2] for zone in zones}
