"""One row of a list brought along: the cells become an `Entry`, or a `Problem` that says what is wrong. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime

from subscribers import form_text
from subscribers.address import parse_address
from subscribers.consent import Person
from subscribers.csvfile import Cells, Problem
from subscribers.tables import SubscriptionState

# What other programs call it. Whatever is not listed (cleaned, bounced, blocklisted …) is not taken in.
STATES = {
    **dict.fromkeys(("confirmed", "subscribed", "active", "enabled"), SubscriptionState.CONFIRMED),
    **dict.fromkeys(("pending", "unconfirmed"), SubscriptionState.PENDING),
    **dict.fromkeys(("unsubscribed", "left", "opted out"), SubscriptionState.UNSUBSCRIBED),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    line: int
    person: Person
    state: SubscriptionState | None  # None: the file does not say
    confirmed_at: datetime | None
    origin: str
    wording: str


def parse_entry(row: Cells) -> Entry | Problem:
    cells = row.cells
    try:
        person = Person(
            address=parse_address(cells["address"]),
            name=_name(cells.get("name", "")),
            language=_language(cells.get("language", "")),
            time_zone=_time_zone(cells.get("time_zone", "")),
        )
        state, confirmed_at = _state(cells.get("state", "")), _moment(cells.get("confirmed_at", ""))
    except ValueError as error:
        return Problem(line=row.line, text=str(error))
    return Entry(
        line=row.line, person=person, state=state, confirmed_at=confirmed_at, origin=cells.get("origin", ""), wording=cells.get("wording", "")
    )


def _name(text: str) -> str:
    if len(text) > form_text.NAME_CHARACTERS:
        raise ValueError(f"the name is longer than {form_text.NAME_CHARACTERS} characters")
    if any(unicodedata.category(character) in form_text.UNFIT for character in text):
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


def _state(text: str) -> SubscriptionState | None:
    if not text:
        return None
    state = STATES.get(re.sub(r"[\W_]+", " ", text).strip().casefold())
    if state is None:
        raise ValueError(f"its state is none of {', '.join(STATES)}: not taken in")
    return state


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("the date of its confirmation is not like 2026-01-31 or 2026-01-31 08:00") from None
