"""The stock: claimed deliveries that wait for a free connection, shared out among the routes by their weights."""

from collections import Counter, deque
from collections.abc import Iterable, Mapping

from digest.delivery.pace import Pace
from digest.delivery.route import Route
from digest.delivery.values import Claimed


class Stock:
    """Of one edition in one worker."""

    def __init__(self, routes: Iterable[Route], pace: Pace) -> None:
        self._weights = {route.name: route.weight for route in routes}
        self._credit = dict.fromkeys(self._weights, 0.0)
        self._waiting: dict[str, deque[Claimed]] = {name: deque() for name in self._weights}
        self._pace = pace
        self._under_way: Counter[str] = Counter()

    def waiting(self, route: str) -> int:
        return len(self._waiting[route])

    def put(self, rows: Iterable[Claimed], room: Mapping[str, int]) -> None:
        """Shares `rows` out by weight among the routes, no route getting more than its `room`; there must be room for all."""
        left = {name: number for name, number in room.items() if number}
        for row in rows:
            name = self._turn_of(left)
            left[name] -= 1
            if not left[name]:
                del left[name]
            self._waiting[name].append(row)

    def take(self, route: str) -> Claimed | None:
        """The next delivery for a connection of this route, which then has to say when it is `done`. None when none waits, or none whose domain has a
        connection free."""
        rows = self._waiting[route]
        for _ in range(len(rows)):
            row = rows.popleft()
            if self._admit(row):
                return row
            rows.append(row)
        return None

    def done(self, row: Claimed) -> None:
        if self._pace.scarce:
            self._under_way[self._pace.key(row.domain)] -= 1

    def empty(self, route: str | None = None) -> tuple[Claimed, ...]:
        """Takes out what waits for a route, or for any: its relay is down, or everything halts."""
        names = [route] if route else list(self._waiting)
        rows = tuple(row for name in names for row in self._waiting[name])
        for name in names:
            self._waiting[name].clear()
        return rows

    def _turn_of(self, names: Iterable[str]) -> str:
        """Smooth weighted round robin: each gains its weight, the richest pays for the turn."""
        among = list(names)
        if len(among) == 1:
            return among[0]
        for name in among:
            self._credit[name] += self._weights[name]
        chosen = max(among, key=lambda name: self._credit[name])
        self._credit[chosen] -= sum(self._weights[name] for name in among)
        return chosen

    def _admit(self, row: Claimed) -> bool:
        """Whether the row's domain has a connection free; then it has one less."""
        if not self._pace.scarce:
            return True
        key = self._pace.key(row.domain)
        limit = self._pace.limit(key).connections
        if limit and self._under_way[key] >= limit:
            return False
        self._under_way[key] += 1
        return True
