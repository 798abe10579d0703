"""The kinds of values that `digest.toml` holds: each says what is wrong with one that is not of its kind."""

import re
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from digest.local_time import Quiet
from digest.slots import mistake


class Section(BaseModel):
    """The base of every part of the settings: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"“{name}” is no time zone; use a name like Europe/Berlin") from error
    return name


def _cron(expression: str) -> str:
    if wrong := mistake(expression):
        raise ValueError(f"“{expression}” is no cron expression ({wrong}); use five fields like 0 7 * * 1 (Mondays at 7:00)")
    return expression


# U+2028 and U+2029 end a line, too.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def _one_line(text: str) -> str:
    if _CONTROLS.search(text):
        raise ValueError("must be a single line without control characters")
    return text


def _link(text: str) -> str:
    if text and not text.startswith(("https://", "http://")):
        raise ValueError(f"“{text}” is no web address; it must begin with https://")
    return text


def _cadence(text: str) -> str:
    if not 1 <= len(text) <= 40:
        raise ValueError("must have at most 40 characters, and at least one")
    if " ".join(text.split()) != text:
        raise ValueError("must not begin or end with a space, nor have two in a row")
    return text


def _quiet(text: str) -> str:
    try:
        if text:
            Quiet.parse(text)
    except ValueError as error:
        raise ValueError(f"“{text}” are no hours ({error}); use two different times of day like 22:00-07:00") from error
    return text


TimeZone = Annotated[str, AfterValidator(_zone)]
Cron = Annotated[str, AfterValidator(_cron)]
Line = Annotated[str, AfterValidator(_one_line)]
Link = Annotated[Line, AfterValidator(_link)]  # stands in the mail: never javascript:, data: or a file
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
QuietHours = Annotated[str, AfterValidator(_quiet)]
CadenceName = Annotated[Line, AfterValidator(_cadence)]
RemindMinutes = Annotated[int, Field(ge=1, le=7 * 24 * 60)]
# Who lets an edition go: nobody has to, whoever does not hold it until its slot, or whoever approves it.
Review = Literal["none", "window", "approve"]
