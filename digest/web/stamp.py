"""The stamp of a form: signed, unlike every other, and it says when the form was fetched."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from subscribers.errors import BadToken
from subscribers.tokens import Purpose, read_dated, sign_dated

LIFETIME = timedelta(hours=12)  # a page may lie open in a tab for a day's work


def new_stamp(keys: Sequence[str], now: datetime) -> str:
    return sign_dated(Purpose.STAMP, secrets.token_urlsafe(9), now, keys)


def age(stamp: str, keys: Sequence[str], now: datetime) -> timedelta | None:
    """How long ago the form was fetched, to the second; None for a stamp that is not ours or too old."""
    try:
        return now - read_dated(Purpose.STAMP, stamp, keys, now=now, lifetime=LIFETIME).at
    except BadToken:
        return None
