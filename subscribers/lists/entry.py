"""One row of a list brought along: the cells become an `Entry`, or a `Problem` that says what is wrong. Pure."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from subscribers import form_text
from subscribers.address import Address, parse_address
from subscribers.change import ALL, Choice
from subscribers.consent import Person
from subscribers.lists.cells import Cells
from subscribers.lists.sheet import HASH, HASHED, Problem, plain_name
from subscribers.lists.states import STATES, TURNED_DOWN
from subscribers.tables import SubscriptionState, SuppressionReason

HOURS = frozenset(str(hour) for hour in range(24))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    line: int
    person: Person
    state: SubscriptionState | None  # None: the file does not say
    confirmed_at: datetime | None
    origin: str
    wording: str
    suppression: SuppressionReason | None = None  # nobody may write to this address, says the file
    left_at: datetime | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    choice: Choice = ALL  # as the file has it: what a newsletter offers of it is another question
    again: bool = False  # the file had the address before

    @property
    def forbids(self) -> bool:
        """Whether the row says that no mail may go."""
        return self.suppression is not None or self.state is SubscriptionState.UNSUBSCRIBED


def parse_entry(row: Cells) -> Entry | Problem:
    cells = row.cells
    try:
        person = Person(
            address=_address(cells["address"]),
            name=_name(cells.get("name", "")),
            language=_language(cells.get("language", "")),
            time_zone=_time_zone(cells.get("time_zone", "")),
        )
        state = _state(cells.get("state", ""))
        confirmed_at, left_at = (_moment(cells.get(name, "")) for name in ("confirmed_at", "left_at"))
        choice = _choice(cells)
    except ValueError as error:
        return Problem(line=row.line, text=str(error))
    return Entry(
        line=row.line,
        person=person,
        state=state if isinstance(state, SubscriptionState) else None,
        suppression=state if isinstance(state, SuppressionReason) else None,
        confirmed_at=confirmed_at,
        left_at=left_at,
        origin=form_text.line(cells.get("origin", "")),
        wording=form_text.line(cells.get("wording", "")),
        attributes=row.attributes,
        choice=choice,
    )


def _address(text: str) -> Address:
    if HASH.fullmatch(text):
        raise ValueError(HASHED)
    return parse_address(text)


def _name(text: str) -> str:
    if len(text) > form_text.NAME_CHARACTERS:
        raise ValueError(f"the name is longer than {form_text.NAME_CHARACTERS} characters")
    if not text.isprintable() and any(unicodedata.category(character) in form_text.UNFIT for character in text):
        raise ValueError("the name runs over several lines, or holds control characters: is a quotation mark left open before it?")
    return text


def _language(text: str) -> str:
    if text and not form_text.language(text):
        raise ValueError("the language is no code like en or pt-BR")
    return form_text.language(text)


def _time_zone(text: str) -> str:
    if text and not form_text.time_zone(text):
        raise ValueError("the time zone is no name like Europe/Berlin")
    return form_text.time_zone(text)


def _state(text: str) -> SubscriptionState | SuppressionReason | None:
    word = plain_name(text)
    if not word:
        return None
    if word in TURNED_DOWN:
        raise ValueError(f"its state there is “{word}”: not taken in")
    if word not in STATES:
        raise ValueError(f"its state is none of {', '.join(STATES)}: not taken in")
    return STATES[word]


def _choice(cells: Mapping[str, str]) -> Choice:
    sets = ("sections", "authors", "muted_sections", "muted_authors")
    if not any(cells.get(name) for name in ("cadence", "hour", *sets)):
        return ALL
    return Choice(
        cadence=form_text.line(cells.get("cadence", ""), form_text.WORD_CHARACTERS),
        hour=_hour(cells.get("hour", "")),
        **{name: form_text.lines(cells.get(name, "").splitlines(), form_text.NAME_CHARACTERS) for name in sets},
    )


def _hour(text: str) -> int | None:
    if text and text not in HOURS:
        raise ValueError("the hour is none from 0 to 23")
    return int(text) if text else None


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("a date is not like 2026-01-31 or 2026-01-31 08:00") from None
