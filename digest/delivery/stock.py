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
        self.seats: dict[str, int] = {}  # how many mails may be under way at once to a domain that limits its connections
        self._pace = pace
        self._under_way: Counter[str] = Counter()

    def waiting(self, route: str) -> int:
        return len(self._waiting[route])

    def put(self, rows: Iterable[Claimed], room: Mapping[str, int]) -> None:
        """Shares `rows` out by weight among the routes, no route getting more than its `room`; there must be room for all."""
        left = {name: number for name, number in room.items() if number}
        if len(left) == 1:
            self._waiting[next(iter(left))].extend(rows)
            return
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
        if not self._pace.connections:
            return rows.popleft() if rows else None
        for _ in range(len(rows)):
            row = rows.popleft()
            if self._admit(row):
                return row
            rows.append(row)
        return None

    def done(self, row: Claimed) -> None:
        """A row that was taken is under way no more."""
        if self._pace.connections and (key := self._limited(row)) is not None:
            self._under_way[key] -= 1

    def wanted(self, rows: Iterable[Claimed] = ()) -> Counter[str]:
        """How many mails are under way, wait, or are in `rows`, of each domain that limits its connections."""
        if not self._pace.connections:
            return Counter()
        waiting = (row for queue in (*self._waiting.values(), rows) for row in queue)
        return self._under_way + Counter(key for row in waiting if (key := self._limited(row)) is not None)

    def seated(self, row: Claimed) -> bool:
        """Whether the row's domain may be handed anything at all."""
        key = self._limited(row)
        return key is None or self.seats.get(key, 0) > 0

    def take_unseated(self) -> tuple[Claimed, ...]:
        """Takes out what waits without a seat."""
        rows = tuple(row for queue in self._waiting.values() for row in queue if not self.seated(row))
        if rows:
            self._waiting = {name: deque(filter(self.seated, queue)) for name, queue in self._waiting.items()}
        return rows

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
        key = self._limited(row)
        if key is None:
            return True
        if self._under_way[key] >= self.seats.get(key, 0):
            return False
        self._under_way[key] += 1
        return True

    def _limited(self, row: Claimed) -> str | None:
        """The key of the row's domain, if that limits its connections."""
        if not self._pace.connections:
            return None
        key = self._pace.key(row.domain)
        return key if key in self._pace.connections else None
