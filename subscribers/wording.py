"""The words of a form, kept by version, so that what a consent names stays readable when the form has long changed."""

import hashlib
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Connection, Insert, select

from subscribers.tables import Wording
from subscribers.upsert import insert_on

VERSION_CHARACTERS = 16


def version(text: str) -> str:
    """What names these very words: 16 hexadecimal digits of their SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:VERSION_CHARACTERS]


def keep(connection: Connection, text: str, *, now: datetime) -> str:
    """Keeps the words, if they are not there yet, and gives their version: no consent may name one that is not kept."""
    name = version(text)
    connection.execute(_kept(connection.dialect.name), {"version": name, "text": text, "first_used_at": now})
    return name


@lru_cache(maxsize=2)
def _kept(dialect: str) -> Insert:
    return insert_on(dialect, Wording).on_conflict_do_nothing(index_elements=["version"])


def text_of(connection: Connection, version: str) -> str:
    """The words of this version; empty when none are kept by it."""
    return connection.scalar(select(Wording.text).where(Wording.version == version)) or ""
