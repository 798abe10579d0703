"""One row of a file under its layout: what it says of a person, in this program's words. Pure."""

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from subscribers import form_text
from subscribers.attributes import KEY_CHARACTERS, VALUE_CHARACTERS
from subscribers.lists.layout import NETWORK, Layout, lenient, state_word
from subscribers.lists.sheet import plain_name
from subscribers.lists.states import heaviest

ATTRIBUTES = 50  # of one person; what is more is left out
# What a spreadsheet takes for a formula. Written with a leading apostrophe, which is taken off again on reading.
FORMULA = re.compile(r"\A'(?=[=+\-@\t\r])")
# With what Go writes behind it: 2021-03-04 05:06:07.123456 +0000 UTC
MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?\s*(Z|[+-]\d\d:?\d\d)?(?: [A-Z]{1,5})?)?")
EARLIEST = 1990  # Go's and PHP's “no date” are the years 1 and 1970


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """One row: the cells of the known columns, blanks taken off, "" where there is none; and what else is known of the person."""

    line: int
    cells: Mapping[str, str]
    attributes: Mapping[str, str] = field(default_factory=dict)


def cells_of(layout: Layout, line: int, row: Sequence[str]) -> Cells:
    def cell(place: int) -> str:
        return FORMULA.sub("", row[place]).strip() if place < len(row) else ""

    cells = {role: next(filter(None, map(cell, places)), "") for role, places in layout.places.items()}
    first, last = cells.pop("first", ""), cells.pop("last", "")
    cells["name"] = cells.get("name") or f"{first} {last}".strip()
    words = [state_word(words, plain_name(cell(place))) for place, words in layout.states]
    cells["state"] = heaviest(words) or layout.file_state
    proof = [cells.get("origin", ""), *(f"{title} {cell(place)}" for title, place in layout.evidence if cell(place))]
    cells["origin"] = form_text.line("; ".join(filter(None, proof)))
    if lenient(layout):
        cells |= _fitting(cells)
    found = dict(_attributes(layout, cell))
    return Cells(line=line, cells=cells, attributes=dict(list(found.items())[:ATTRIBUTES]))


def _fitting(cells: Mapping[str, str]) -> dict[str, str]:
    """Another program's language, time zone and dates where they are any, else nothing."""
    return {
        "language": form_text.language(cells.get("language", "")),
        "time_zone": form_text.time_zone(cells.get("time_zone", "")),
        "confirmed_at": _moment(cells.get("confirmed_at", "")),
        "left_at": _moment(cells.get("left_at", "")),
    }


def _moment(text: str) -> str:
    found = MOMENT.fullmatch(text)
    if found is None:
        return ""
    day, time, offset = found.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{time or '00:00'}{offset or '+00:00'}").astimezone(UTC)
    except (ValueError, OverflowError):
        return ""
    return moment.isoformat() if moment.year >= EARLIEST else ""


def _attributes(layout: Layout, cell: Callable[[int], str]) -> Iterator[tuple[str, str]]:
    for title, place in layout.attributes:
        yield from _one(title, cell(place))
    for place in layout.tags:
        for tag in _listed(cell(place)):
            yield from _one(f"tag {tag}", "yes")
    for place in layout.fields:
        for key, value in _object(cell(place)).items():
            yield from _one(key, value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False))


def _one(key: str, value: str) -> Iterator[tuple[str, str]]:
    key, value = form_text.line(key, KEY_CHARACTERS), form_text.line(value, VALUE_CHARACTERS)
    if key and value and not NETWORK.search(plain_name(key)):
        yield key, value


def _listed(text: str) -> list[str]:
    """Tags stand between commas, in quotation marks where they hold one themselves, or as a JSON list."""
    words: object = _json(text) if text.startswith("[") else None
    if not isinstance(words, list):
        try:
            words = next(csv.reader([form_text.line(text, VALUE_CHARACTERS * 4)], skipinitialspace=True), [])
        except csv.Error:
            return []
    return [word.strip() for word in words if isinstance(word, str) and word.strip()]


def _object(text: str) -> dict[str, object]:
    found = _json(text) if text.startswith("{") else None
    return found if isinstance(found, dict) else {}


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
