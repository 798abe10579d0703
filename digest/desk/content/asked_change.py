"""A change as a form asks for it: a button brings all of it in one field, a form with words brings its parts. Pure."""

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from digest.editions.change_record import KINDS, from_json
from digest.editions.changes import Change, Redo, Sponsored, Undo
from digest.errors import BadChange
from digest.web.form import Form

SPONSOR = ("label", "title", "text", "url", "image", "image_alt", "image_width", "image_height", "from", "until")
NUMBERS = ("article", "after", "out", "into", "comment", "id", "number", "image_width", "image_height")


def asked_change(form: Form) -> Change:
    """Raises `BadChange` where the form asks for nothing that there is. To undo is asked for elsewhere: see `asked_number`."""
    change = from_json(_pressed(form.one("change")) if form.one("change") else _filled_in(form))
    if isinstance(change, Undo | Redo):
        raise BadChange("To undo and to redo have buttons of their own.")
    return change


def asked_number(form: Form) -> int:
    """Of the change that is meant. Raises `BadChange`."""
    return _number("number", form.one("number"))


def asked_seen(form: Form) -> int:
    """Up to which change the page had shown all. Raises `BadChange`."""
    return _number("seen", form.one("seen"))


def _pressed(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadChange("The button’s change cannot be read.") from error
    if not isinstance(found, dict):
        raise BadChange("The button’s change cannot be read.")
    return found


def _filled_in(form: Form) -> Mapping[str, Any]:
    kind = KINDS.get(form.one("do"))
    if kind is None:
        raise BadChange("The form asks for no change.")
    if kind is Sponsored:
        return {"do": form.one("do"), "sponsor": _sponsor(form)}
    parts = [field.name for field in fields(kind)]
    return {"do": form.one("do"), **{part: _value(part, form.one(part)) for part in parts}}


def _sponsor(form: Form) -> Mapping[str, Any] | None:
    """What was left empty is as if it were not there; all empty: no sponsor."""
    said = {part: _value(part, form.one(part)) for part in SPONSOR if form.one(part)}
    return said or None


def _value(part: str, text: str) -> str | int:
    if part in NUMBERS and not (part == "after" and not text.isdecimal()):
        return _number(part, text)
    return text.replace("\r\n", "\n")


def _number(part: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or len(text) > 18:
        raise BadChange(f"{part}: “{text[:20]}” is no number.")
    return int(text)
