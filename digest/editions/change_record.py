"""A change as a plain dictionary for a JSON column, and back."""

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from pydantic import ValidationError

from digest.editions.changes import (
    Back,
    Change,
    Drop,
    Excerpt,
    Introduction,
    Lead,
    Move,
    MoveSection,
    Pin,
    Preheader,
    Quote,
    Redo,
    Sponsored,
    Subject,
    Swap,
    Undo,
)
from digest.editions.values import Kind
from digest.errors import BadChange
from digest.newsletter import Sponsor

KINDS: Mapping[str, type[Change]] = {
    "lead": Lead,
    "pin": Pin,
    "drop": Drop,
    "move": Move,
    "move section": MoveSection,
    "swap": Swap,
    "quote": Quote,
    "subject": Subject,
    "preheader": Preheader,
    "introduction": Introduction,
    "excerpt": Excerpt,
    "sponsored": Sponsored,
    "back": Back,
    "undo": Undo,
    "redo": Redo,
}
_NAMES = {kind: name for name, kind in KINDS.items()}
# Ids that may be 0: it has a meaning of its own there.
_MAY_BE_NONE = {("move", "after"), ("quote", "comment")}
_MOST = 2**63 - 1  # what the databases take for an id
# In characters. An introduction stands in every reader's mail, which has a budget of 90 KB.
LONGEST: Mapping[tuple[str, str], int] = {
    ("subject", "text"): 250,
    ("preheader", "text"): 250,
    ("introduction", "markdown"): 10_000,
    ("excerpt", "text"): 2_000,
    ("move section", "section"): 500,
    ("move section", "after"): 500,
}
_ONE_LINE = {"subject", "preheader", "move section"}
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # PostgreSQL, XML or UTF-8 refuse them


def to_json(change: Change) -> dict[str, Any]:
    """Only strings, numbers, dictionaries, truth values and None; `do` names the kind."""
    return {"do": name_of(change), **{field.name: _plain(getattr(change, field.name)) for field in fields(change)}}


def from_json(record: Mapping[str, Any]) -> Change:
    """The value that `to_json` was given. An unknown kind, a field too many, too few or of a wrong sort is a `BadChange`."""
    name = record.get("do")
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is None or not isinstance(name, str):
        raise BadChange(f"There is no change “{name}” (known: {', '.join(KINDS)}).")
    wanted = {field.name for field in fields(kind)}
    given = record.keys() - {"do"}
    if wrong := sorted(map(str, wanted ^ given)):
        raise BadChange(f"{name}: “{wrong[0]}” is {'missing' if wrong[0] in wanted else 'no part of it'} (it takes {', '.join(sorted(wanted))}).")
    return kind(**{part: _value(name, part, record[part]) for part in wanted})


def name_of(change: Change) -> str:
    """The kind of a change in a word or two, as its record has it."""
    return _NAMES[type(change)]


def _plain(value: object) -> object:
    if isinstance(value, Kind):
        return value.value
    return value.model_dump(mode="json", by_alias=True, exclude_unset=True) if isinstance(value, Sponsor) else value


def _value(name: str, part: str, value: object) -> Any:
    if part == "item":
        if value not in (Kind.ARTICLE.value, Kind.COMMENT.value):
            raise BadChange(f"{name}: {value!r} is neither “article” nor “comment”.")
        return Kind(value)
    if part == "sponsor":
        return _sponsor(value)
    if (name, part) in LONGEST:
        return _text(name, part, value)
    least = 0 if (name, part) in _MAY_BE_NONE else 1
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= _MOST:
        raise BadChange(f"{name}: {part} must be a whole number, {least} or more.")
    return value


def _text(name: str, part: str, value: object) -> str:
    if not isinstance(value, str):
        raise BadChange(f"{name}: {part} must be a text.")
    if len(value) > LONGEST[name, part]:
        raise BadChange(f"{name}: {part} has {len(value):,} characters; {LONGEST[name, part]:,} is the most.")
    if _UNSTORABLE.search(value) or (name in _ONE_LINE and _CONTROLS.search(value)):
        raise BadChange(f"{name}: {part} must be {'a single line' if name in _ONE_LINE else 'a text'} without control characters.")
    return value


def _sponsor(value: object) -> Sponsor | None:
    if value is None:
        return None
    try:
        return Sponsor.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"]) or "sponsor"
        raise BadChange(f"sponsored: {where}: {first['msg'].removeprefix('Value error, ')}.") from error
