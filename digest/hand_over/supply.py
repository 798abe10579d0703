"""What the connections hand over next: claimed a second's worth at a time, as much as the pace of relays and domains allows."""

from datetime import UTC, datetime, timedelta
from time import monotonic

from sqlalchemy import Connection

from digest.delivery import domains, queue, relays
from digest.delivery.allowance import Allowance
from digest.delivery.route import Route
from digest.delivery.steps import Later, Steps
from digest.delivery.stock import Stock
from digest.delivery.values import Claimed
from digest.editions import store
from digest.editions.values import EditionState
from digest.hand_over.account import Account
from digest.hand_over.mailroom import Mailroom
from digest.hand_over.shift import Shift
from digest.newsletter import Newsletter
from digest.personal import Writer
from digest.refresh import refresh

# A connection waits that long for its relay's pace before it is given up.
PATIENCE = timedelta(seconds=5)
# How soon it is looked again whether a scarce domain has a connection free.
MOMENT = timedelta(milliseconds=50)


class Supply:
    """One edition's supply in one worker, shared by its connections."""

    def __init__(self, room: Mailroom, shift: Shift, newsletter: Newsletter, edition: store.StoredEdition, account: Account) -> None:
        delivery = room.settings.delivery
        self.pace = account.pace
        self.closed = False  # nothing more is to be handed over by this run
        self._room = room
        self._shift = shift
        self._newsletter = newsletter
        self._edition = edition
        self._account = account
        self._routes = {route.name: route for route in room.routes}
        self._stock = Stock(room.routes, self.pace)
        self._writer: Writer | None = None
        self._revision = -1
        self._filled_at: datetime | None = None
        self._amount = delivery.batch
        self._limited: dict[str, Allowance] = {}  # route → what its pace allowed last, where that was nothing

    @property
    def writer(self) -> Writer:
        """Of the edition as it may be shown now; there is one as soon as anything was claimed."""
        if self._writer is None:
            raise LookupError("nothing was claimed yet")
        return self._writer

    @property
    def limited(self) -> Allowance | None:
        """Why nothing may go now although something is due, and until when: the route that may go on first. None where one may go on."""
        if len(self._limited) < len(self._routes):
            return None
        return min(self._limited.values(), key=lambda allowance: allowance.not_before or datetime.max.replace(tzinfo=UTC))

    def next(self, route: Route) -> Steps[Claimed | None]:
        """The next delivery for a connection of this route; waits for the pace a little. None: nothing for it, now."""
        while not self._halted():
            self._fill(route, low=0)
            row = self._stock.take(route.name)
            if row is not None:
                return row
            moment = self._worth_waiting_for(route)
            if moment is None:
                return None
            yield Later(monotonic() + moment.total_seconds())
        return None

    def ahead(self, route: Route) -> Claimed | None:
        """What comes after the one in hand, if that is known already; it is then the caller's, as if from `next`."""
        if self._halted():
            return None
        self._fill(route, low=route.connections)
        return self._stock.take(route.name)

    def _worth_waiting_for(self, route: Route) -> timedelta | None:
        """How long, if the route's pace soon allows more, or the domains of what waits have a connection free."""
        if self._stock.waiting(route.name):
            return MOMENT
        limited = self._limited.get(route.name)
        if limited is None or limited.not_before is None:
            return None
        left = limited.not_before - self._room.clock()
        return None if left > PATIENCE else min(max(left, MOMENT), timedelta(seconds=1))

    def done(self, row: Claimed) -> None:
        self._stock.done(row)

    def shut(self, route: Route) -> None:
        """The route's relay is down: what waited for it is claimed anew by the others."""
        self.give_back(*self._stock.empty(route.name))

    def give_back(self, *rows: Claimed) -> None:
        """Claimed and not begun: anybody may claim them anew."""
        now = self._room.clock()
        with self._shift.writing, self._room.engine.begin() as connection:
            queue.put_off(connection, self._shift.id, [(row.delivery_id, now) for row in rows])

    def close(self) -> None:
        """Halts: nothing more is given out."""
        self.closed = True
        self._stock.empty()

    def fresh_writer(self) -> Writer | None:
        """The writer of the edition as it may be shown now; None when nothing of it may be sent any more. Looks at the stored revision and state,
        for another process may have changed them."""
        refresh(self._room.engine, self._room.settings, self._newsletter, self._edition, now=self._room.clock())
        with self._room.engine.begin() as connection:
            found = store.get(connection, self._edition.id)
            if found.state is not EditionState.SENDING:
                return None
            if self._writer is None or found.revision != self._revision:
                stored = store.load_bytes(connection, found.id)
                settings, keys, slot = self._room.settings, self._room.keys, self._edition.slot
                self._writer = Writer(self._newsletter, settings, keys=keys, slot=slot, headers=stored.headers, body=stored.body)
                self._revision = stored.revision
        return self._writer

    def _halted(self) -> bool:
        return self._room.stop.is_set() or self.closed

    def _fill(self, route: Route, *, low: int) -> None:
        """Claims until more than `low` wait for the route, or nothing is due, or its pace allows no more."""
        while self._stock.waiting(route.name) <= low and not self._halted():
            with self._shift.writing:
                writer = self.fresh_writer()
            if writer is None:
                self.close()
                return
            with self._shift.writing, self._room.engine.begin() as connection:
                if not store.lock_sending(connection, self._edition.id):
                    self.close()
                    return
                claimed = self._claim(connection)
            if not claimed:
                return

    def _claim(self, connection: Connection) -> int:
        """One claim, and what the domains' pace leaves of it goes into the stock. How many were claimed."""
        now = self._room.clock()
        room = self._room_now(connection, now)
        total = sum(room.values())
        rows = queue.claim(connection, edition_id=self._edition.id, lease=self._shift.id, now=now, limit=total) if total else ()
        screened = domains.screen(connection, self.pace, self._edition.id, rows, now)
        self._account.watch(screened.slowed, now)
        queue.put_off(connection, self._shift.id, screened.later)
        if screened.held:
            queue.hold(connection, self._shift.id, screened.held, now)
        before = {name: self._stock.waiting(name) for name in room}
        self._stock.put(screened.go, room)
        for name, allowed in room.items():
            used = self._stock.waiting(name) - before[name]
            if self._routes[name].limited and used < allowed:
                relays.give_back(connection, self._routes[name], allowed - used, now)
        return len(rows)

    def _room_now(self, connection: Connection, now: datetime) -> dict[str, int]:
        """How many each route may be given now: its share of about a second's worth, unless it has that much waiting already."""
        self._measure(now)
        weights = sum(route.weight for route in self._routes.values())
        room: dict[str, int] = {}
        for name, route in self._routes.items():
            share = max(1, round(self._amount * route.weight / weights)) - self._stock.waiting(name)
            if share <= 0:
                continue
            self._limited.pop(name, None)
            if route.limited:
                allowed = relays.allowance(connection, route, now, share)
                share = allowed.count
                if not share:
                    self._limited[name] = allowed
            room[name] = share
        return room

    def _measure(self, now: datetime) -> None:
        """The next claim is what was handed over in a second at the pace since the last one: a slow worker does not sit on what others could take."""
        most = self._room.settings.delivery.batch
        least = sum(2 * route.connections for route in self._routes.values())
        waiting = sum(self._stock.waiting(name) for name in self._routes)
        if self._filled_at is not None and now > self._filled_at:
            per_second = (self._amount - waiting) / (now - self._filled_at).total_seconds()
            self._amount = round(min(most, max(least, per_second)))
        self._filled_at = now
