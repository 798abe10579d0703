"""One-time links: the key to a desk on one's own machine. Kept in memory: they, and what they opened, end with the process that made them."""

import secrets
from datetime import datetime, timedelta
from threading import Lock

from digest.accounts.sessions import BYTES, hashed

LIFETIME = timedelta(minutes=15)
PATH = "/open"


class Links:
    """Each opens the desk once, and not for long. If somebody else of the machine was faster, a new start of the desk shuts them out."""

    def __init__(self) -> None:
        self._opened: set[str] = set()  # the hashes of the sessions
        self._ends: dict[str, datetime] = {}  # by the token's hash: how long a look-up takes tells nothing of it
        self._lock = Lock()

    def make(self, now: datetime) -> str:
        """The path of a new link, /open/…"""
        token = secrets.token_urlsafe(BYTES)
        with self._lock:
            self._ends = {key: end for key, end in self._ends.items() if end > now} | {hashed(token): now + LIFETIME}
        return f"{PATH}/{token}"

    def take(self, token: str, now: datetime) -> bool:
        """Whether the link is good; from now on it is not."""
        with self._lock:
            end = self._ends.pop(hashed(token), None)
        return end is not None and now < end

    def remember(self, session: str) -> None:
        """A link opened the session with this hash."""
        with self._lock:
            self._opened.add(session)

    def opened(self, session: str) -> bool:
        """Whether one of these links opened the session with this hash."""
        with self._lock:
            return session in self._opened
