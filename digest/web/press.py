"""A press on a button: proof that its page was fetched first, and when. Signed for one button, and one subscription or person."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from subscribers.errors import BadToken
from subscribers.tokens import Purpose, read_dated, sign_dated

FOREVER = timedelta(days=36_500)  # who left the page open over the holidays may still leave


class Button(StrEnum):
    LEAVE = "leave"
    AGAIN = "leave-again"  # asked once more, because the first press may have been a scanner's
    EVERYTHING = "everything"
    STAY = "stay"
    CONFIRM = "confirm"
    CONFIRM_AGAIN = "confirm-again"


def new_press(button: Button, whom: str, keys: Sequence[str], now: datetime) -> str:
    return sign_dated(Purpose.STAMP, f"{button}-{whom}", now, keys)


def pressed(button: Button, press: str, whom: str, keys: Sequence[str], now: datetime) -> timedelta | None:
    """How long before the press its page was made, to the second; None for what is no press of this button."""
    try:
        dated = read_dated(Purpose.STAMP, press, keys, now=now, lifetime=FOREVER)
    except BadToken:
        return None
    return now - dated.at if dated.said == f"{button}-{whom}" else None
