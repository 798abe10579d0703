"""One worker's seats at the domains that limit their connections: as many as it has mails for, as far as others leave some."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from digest.delivery import seats
from digest.delivery.pace import Pace
from digest.delivery.seats import Held
from digest.delivery.stock import Stock
from digest.delivery.values import Claimed

# A worker without a seat leaves a domain's mails alone for so long: those that hold one take them up.
AWAY = timedelta(seconds=2)
# And it claims what is due for so long already: it is not to be quicker than those that may hand over what it may not.
GRACE = timedelta(seconds=1)


class Seating:
    """Of one edition in one worker. What it holds is looked at anew well before its lease could have run out, for then another may have it."""

    def __init__(self, pace: Pace, stock: Stock, worker_id: str, *, look_after: timedelta) -> None:
        self.limits = pace.connections
        self._pace = pace
        self._stock = stock
        self._worker_id = worker_id
        self._look_after = look_after
        self._held: dict[str, Held] = {}
        self._looked_at: datetime | None = None

    def stale(self, now: datetime) -> bool:
        """Whether it is time to look, and to ask for more where more could be used."""
        return self._looked_at is None or not self._looked_at <= now < self._looked_at + self._look_after

    @property
    def idle(self) -> bool:
        """Whether more is held than there are mails for."""
        wanted = self._stock.wanted()
        return any(number > wanted[name] for name, number in self._stock.seats.items())

    def look(self, connection: Connection, now: datetime) -> timedelta:
        """How long what is claimed next must have been due."""
        self._held = seats.look(connection, self._worker_id, self.limits, now)
        self._looked_at = now
        full = any(not held.mine and held.others >= self.limits[name] for name, held in self._held.items())
        return GRACE if full else timedelta()

    def seat(self, connection: Connection, rows: Sequence[Claimed], now: datetime) -> tuple[Claimed, ...]:
        """After a look: takes and gives up seats, so that they are enough for the stock and for `rows`. Those, of either, that have no seat; they are
        no longer in the stock."""
        wanted = self._stock.wanted(rows)
        for name in sorted(self._held):
            mine = self._mine(connection, name, wanted[name], now)
            self._stock.seats[name] = len(mine)
        return (*self._stock.take_unseated(), *(row for row in rows if not self._stock.seated(row)))

    def _mine(self, connection: Connection, name: str, wanted: int, now: datetime) -> tuple[int, ...]:
        held, limit = self._held[name], self.limits[name]
        mine, taken = held.mine, held.others + len(held.mine)
        lacking = min(wanted, limit) - len(mine)
        if lacking < 0:
            seats.give_up(connection, self._worker_id, name, mine[lacking:])
            return mine[:lacking]
        if lacking and taken < limit:
            return mine + seats.take(connection, self._worker_id, name, lacking, among=min(limit, taken + lacking), now=now)
        return mine
