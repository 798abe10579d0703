"""Changes to a theme's file that somebody tries before they keep them: known by a name that says nothing, for a while, in memory only."""

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

LIFETIME = timedelta(hours=4)
MOST = 100  # each has one template's text


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """`seen` tells the file that it was made from."""

    theme: str
    name: str
    text: str
    seen: str
    who: str
    ends: datetime


class Attempts:
    """Each is known only to the person who made it."""

    def __init__(self) -> None:
        self._attempts: OrderedDict[str, Attempt] = OrderedDict()
        self._lock = Lock()

    def add(self, *, theme: str, name: str, text: str, seen: str, who: str, now: datetime) -> str:
        """The name it can be found by."""
        key = secrets.token_urlsafe(9)
        with self._lock:
            self._attempts[key] = Attempt(theme=theme, name=name, text=text, seen=seen, who=who, ends=now + LIFETIME)
            while len(self._attempts) > MOST:
                self._attempts.popitem(last=False)
        return key

    def find(self, key: str, *, who: str, theme: str, now: datetime) -> Attempt | None:
        """None where there is no such attempt at this theme of theirs, or it is too old."""
        with self._lock:
            attempt = self._attempts.get(key)
        return attempt if attempt and (attempt.who, attempt.theme) == (who, theme) and now < attempt.ends else None
