"""Readers as whom somebody looks at a mail: known by a name that says nothing, for a while, in memory only. No address stands in an address bar."""

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

LIFETIME = timedelta(hours=4)
MOST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class _Guest:
    subscription: str  # the public id
    host: str  # who asked for them
    ends: datetime


class Guests:
    """Each is known only to the person who brought them."""

    def __init__(self) -> None:
        self._guests: OrderedDict[str, _Guest] = OrderedDict()
        self._lock = Lock()

    def bring(self, subscription: str, host: str, now: datetime) -> str:
        """The name under which `host` can look as this reader."""
        name = secrets.token_urlsafe(9)
        with self._lock:
            self._guests[name] = _Guest(subscription=subscription, host=host, ends=now + LIFETIME)
            while len(self._guests) > MOST:
                self._guests.popitem(last=False)
        return name

    def find(self, name: str, host: str, now: datetime) -> str | None:
        """The subscription's public id; None where the name is not known to `host`, or too old."""
        with self._lock:
            guest = self._guests.get(name)
        return guest.subscription if guest and guest.host == host and now < guest.ends else None
