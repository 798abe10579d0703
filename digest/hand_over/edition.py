"""One edition's hand-over by one worker, over every open route and its connections.

Each connection has one message marked at a time, in the transaction that writes down what became of the one before. A kill leaves at most one message
for each connection whose outcome is not known; what was claimed and not marked goes back to the queue.
"""

from functools import partial
from time import monotonic

from digest.delivery import queue, relays, seats, workers
from digest.delivery.allowance import Allowance
from digest.delivery.loop import Loop
from digest.delivery.route import Route
from digest.delivery.steps import Later, Steps
from digest.editions import store
from digest.errors import DigestError, TransportDown
from digest.hand_over.account import Account, Turn
from digest.hand_over.line import Line
from digest.hand_over.mailroom import Mailroom
from digest.hand_over.shift import Shift
from digest.hand_over.supply import Supply
from digest.newsletter import Newsletter

# How often a run looks whether a relay that was down is open again.
LOOK_SECONDS = 5


class HandOver:
    """Hands over what is due of one edition. `failure` says why it stopped early, `limited` what pace keeps the rest waiting, if any does."""

    def __init__(self, room: Mailroom, shift: Shift, newsletter: Newsletter, edition: store.StoredEdition) -> None:
        resend = newsletter.on_unknown == "resend"
        self.failure = ""
        self.limited: Allowance | None = None
        self._room = room
        self._shift = shift
        self._edition_id = edition.id
        self._resend = resend or all(route.idempotent for route in room.routes)
        self._account = Account(room, shift, edition.id, resend=resend)
        self._supply = Supply(room, shift, newsletter, edition, self._account)
        self._down: dict[str, str] = {}  # route → why its relay cannot be used
        self._running = dict.fromkeys((route.name for route in room.routes), 0)  # route → its connections

    def run(self) -> None:
        """Comes back when nothing more can be handed over now, or something stands in the way."""
        with self._shift.writing, self._room.engine.begin() as connection:
            queue.release_expired(connection, self._room.clock(), edition_id=self._edition_id, resend=self._resend, own=self._shift.id)
        try:
            with self._shift.writing:
                writable = self._supply.fresh_writer()
            if writable:
                self._run_lines()
        finally:
            self._account.close()
            with self._shift.writing, self._room.engine.begin() as connection:
                queue.release(connection, self._shift.id, self._edition_id)
                if self._account.pace.connections:
                    seats.give_up_all(connection, self._shift.id)
        self.limited = self._supply.limited
        if self._account.paused:
            self.failure = f"Paused: {self._account.paused}"

    def _run_lines(self) -> None:
        loop = Loop(self._account.write)
        for route in self._open_routes():
            self._start(loop, route)
        if len(self._room.routes) > 1:
            loop.add(self._reopen(loop), lambda error: None)
        loop.run()

    def _start(self, loop: Loop[Turn, bool], route: Route) -> None:
        self._down.pop(route.name, None)
        number = self._connections(route)
        self._running[route.name] = number
        for _ in range(number):
            loop.add(Line(self._room, self._supply, self._account, route).run(), partial(self._end, route))

    def _end(self, route: Route, error: BaseException | None) -> None:
        self._running[route.name] -= 1
        if isinstance(error, TransportDown):
            with self._shift.writing, self._room.engine.begin() as connection:
                relays.shut(connection, route.name, str(error), self._room.clock())
            self._down[route.name] = str(error)
            self._supply.shut(route)
            if len(self._down) == len(self._room.routes):
                self.failure = str(error)
        elif isinstance(error, DigestError):  # a broken template, a password's file that is gone: the other editions go out
            self.failure = str(error)
            self._supply.close()
        elif error is not None:
            self._supply.close()
            raise error

    def _reopen(self, loop: Loop[Turn, bool]) -> Steps[None]:
        """As long as others go on, a relay that was down is tried again when its time has come."""
        while any(self._running.values()):
            yield Later(monotonic() + LOOK_SECONDS)
            if self._down and any(self._running.values()):
                with self._room.engine.begin() as connection:
                    opened = relays.open_routes(connection, self._room.routes, self._room.clock())
                for route in opened:
                    if route.name in self._down and not self._running[route.name]:
                        self._start(loop, route)

    def _open_routes(self) -> tuple[Route, ...]:
        """Those that are not shut; when all of them are, each may be tried."""
        with self._room.engine.begin() as connection:
            return relays.open_routes(connection, self._room.routes, self._room.clock()) or self._room.routes

    def _connections(self, route: Route) -> int:
        """This worker's part of the connections that a relay allows all workers together; at least one while there are enough to go round."""
        if not route.at_most:
            return route.connections
        with self._room.engine.begin() as connection:
            # Whoever serves the pages hands letters over, and no edition.
            living = [stand.worker.id for stand in workers.living(connection, self._room.clock()) if stand.worker.kind != "serve"]
        place = living.index(self._shift.id) if self._shift.id in living else len(living)
        count = max(len(living), place + 1)
        return min(route.connections, route.at_most // count + (place < route.at_most % count))
