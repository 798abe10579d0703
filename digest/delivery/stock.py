"""The stock: claimed deliveries that wait for a free connection, shared out among the routes by their weights. For many threads."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping

from digest.delivery.route import Route
from digest.delivery.values import Claimed


class Stock:
    """`at_once` is how many connections a domain may have at a time (0: any number), by its key."""

    def __init__(self, routes: Iterable[Route], key: Callable[[str], str], at_once: Callable[[str], int]) -> None:
        self._weights = {route.name: route.weight for route in routes}
        self._credit = dict.fromkeys(self._weights, 0.0)
        self._waiting: dict[str, deque[Claimed]] = {name: deque() for name in self._weights}
        self._key = key
        self._at_once = at_once
        self._under_way: Counter[str] = Counter()
        self._changed = threading.Condition()

    def waiting(self, route: str) -> int:
        return len(self._waiting[route])

    def put(self, rows: Iterable[Claimed], room: Mapping[str, int]) -> None:
        """Shares `rows` out by weight among the routes, no route getting more than its `room`; there must be room for all."""
        left = dict(room)
        with self._changed:
            for row in rows:
                name = self._turn_of([name for name in left if left[name]])
                left[name] -= 1
                self._waiting[name].append(row)
            self._changed.notify_all()

    def take(self, route: str, *, wait: bool) -> Claimed | None:
        """The next delivery for a connection of this route; None when there is none, or (unless `wait`) its domain has no connection free."""
        with self._changed:
            while rows := self._waiting[route]:
                for _ in range(len(rows)):
                    row = rows.popleft()
                    if self._admit(row, wait=wait):
                        return row
                    rows.append(row)
                if not wait:
                    return None
                self._changed.wait()
            return None

    def done(self, row: Claimed) -> None:
        """Its connection is free again."""
        key = self._key(row.domain)
        if self._at_once(key):
            with self._changed:
                self._under_way[key] -= 1
                self._changed.notify_all()

    def empty(self, route: str | None = None) -> tuple[Claimed, ...]:
        """Takes out what waits for a route, or for any: its relay is down, or everything halts."""
        with self._changed:
            names = [route] if route else list(self._waiting)
            rows = tuple(row for name in names for row in self._waiting[name])
            for name in names:
                self._waiting[name].clear()
            self._changed.notify_all()
            return rows

    def _turn_of(self, names: list[str]) -> str:
        """Smooth weighted round robin: each gains its weight, the richest pays for the turn."""
        for name in names:
            self._credit[name] += self._weights[name]
        chosen = max(names, key=lambda name: self._credit[name])
        self._credit[chosen] -= sum(self._weights[name] for name in names)
        return chosen

    def _admit(self, row: Claimed, *, wait: bool) -> bool:
        key = self._key(row.domain)
        limit = self._at_once(key)
        if not limit:
            return True
        # What is only looked ahead for (`wait` is False) may not keep a connection to a scarce domain from another line.
        if not wait or self._under_way[key] >= limit:
            return False
        self._under_way[key] += 1
        return True
