"""The world's time zones to choose from, by region, each by its city's name in the reader's language."""

from collections.abc import Mapping
from functools import lru_cache

from digest.mark import mark
from digest.render.language import cities
from digest.render.translation import translations

REGIONS: Mapping[str, str] = {
    "Africa": mark("Africa"),
    "America": mark("America"),
    "Antarctica": mark("Antarctica"),
    "Arctic": mark("Arctic"),
    "Asia": mark("Asia"),
    "Atlantic": mark("Atlantic Ocean"),
    "Australia": mark("Australia"),
    "Europe": mark("Europe"),
    "Indian": mark("Indian Ocean"),
    "Pacific": mark("Pacific Ocean"),
}
Group = tuple[str, tuple[tuple[str, str], ...]]  # a region's name, and its zones: identifier and city


@lru_cache(maxsize=16)
def zones_by_region(language: str) -> tuple[Group, ...]:
    say = translations(language).gettext
    named = sorted(cities(language).items(), key=lambda one: one[1].casefold())
    groups = ((say(words), tuple(one for one in named if one[0].partition("/")[0] == region)) for region, words in REGIONS.items())
    return tuple(group for group in groups if group[1])
