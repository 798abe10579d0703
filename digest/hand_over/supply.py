"""What the connections hand over next: claimed a second's worth at a time, as much as the pace of relays and domains allows."""

from collections.abc import Sequence
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
from digest.hand_over.seating import AWAY, Seating
from digest.hand_over.shift import Shift
from digest.hand_over.sift import sift
from digest.newsletter import Newsletter
from digest.personal import Writer
from digest.refresh import refresh

# A connection waits that long for its relay's pace before it is given up.
PATIENCE = timedelta(seconds=5)
# How soon it is looked again whether a scarce domain has a connection free.
MOMENT = timedelta(milliseconds=50)
# When nothing was due, it is not asked again for so long: the last mails of an edition would each ask twice, at 3 ms. What comes due meanwhile is
# found when the run looks at the edition again.
DRY_SECONDS = 0.05
# For so long at most it is sure that a seat is still ours: a third of the lease where that is shorter.
SURE = timedelta(seconds=5)


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
        self._seating = Seating(self.pace, self._stock, shift.id, look_after=min(SURE, timedelta(seconds=delivery.lease_seconds / 3)))
        self._idle_until: datetime | None = None  # all that was claimed last was without a seat
        self._writer: Writer | None = None
        self._revision = -1
        self._filled_at: datetime | None = None
        self._dry_until = 0.0  # by `time.monotonic`: nothing was due a moment ago
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
            self._mind_seats()
            row = self._stock.take(route.name)
            if row is not None:
                return row
            moment = self._worth_waiting_for(route)
            if moment is None:
                self._mind_seats(idle=True)
                return None
            yield Later(monotonic() + moment.total_seconds())
        return None

    def ahead(self, route: Route) -> Claimed | None:
        """What comes after the one in hand, if that is known already; it is then the caller's, as if from `next`."""
        if self._halted():
            return None
        self._fill(route, low=route.connections)
        self._mind_seats()
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
        self._put_back(self._stock.empty(route.name))

    def give_back(self, row: Claimed) -> None:
        """Given out and not begun: anybody may claim it anew."""
        self.done(row)
        self._put_back((row,))

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
                self._writer = Writer(self._newsletter, settings, keys=keys, slot=slot, stored=stored)
                self._revision = stored.revision
        return self._writer

    def _put_back(self, rows: Sequence[Claimed]) -> None:
        now = self._room.clock()
        with self._shift.writing, self._room.engine.begin() as connection:
            queue.put_off(connection, self._shift.id, [(row.delivery_id, now) for row in rows])
        self._dry_until = 0.0

    def _mind_seats(self, *, idle: bool = False) -> None:
        """Looks whether our seats at limited domains are still ours, when it is time to; with `idle`, those that nothing is left for are given up."""
        if not self.pace.connections:
            return
        now = self._room.clock()
        if self._seating.stale(now) or (idle and self._seating.idle):
            with self._shift.writing, self._room.engine.begin() as connection:
                self._seating.look(connection, now)
                self._leave_to_others(connection, self._seating.seat(connection, (), now), now)

    def _leave_to_others(self, connection: Connection, rows: Sequence[Claimed], now: datetime) -> None:
        queue.put_off(connection, self._shift.id, [(row.delivery_id, now + AWAY) for row in rows])

    def _halted(self) -> bool:
        return self._room.stop.is_set() or self.closed

    def _fill(self, route: Route, *, low: int) -> None:
        """Claims until more than `low` wait for the route, or nothing is due, or its pace allows no more."""
        while self._stock.waiting(route.name) <= low and monotonic() >= self._dry_until and not self._halted() and not self._has_no_seat():
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
        """One claim, and what the domains' limits leave of it goes into the stock. How many were claimed."""
        now = self._room.clock()
        room = self._room_now(connection, now)
        total = sum(room.values())
        rows = self._claim_seated(connection, now, total) if total else ()
        if total and not rows:
            self._dry_until = monotonic() + DRY_SECONDS
        go = sift(connection, self._shift.id, rows, self.writer, now) if self.writer.personal else rows
        screened = domains.screen(connection, self.pace, self._edition.id, go, now)
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

    def _claim_seated(self, connection: Connection, now: datetime, limit: int) -> tuple[Claimed, ...]:
        """Without those whose domains have all the connections they take, with other workers."""
        if not self.pace.connections:
            return self._claim_due(connection, now, limit)
        rows = self._claim_due(connection, now - self._seating.look(connection, now), limit)
        unseated = self._seating.seat(connection, rows, now)
        self._leave_to_others(connection, unseated, now)
        left = tuple(row for row in rows if self._stock.seated(row))
        if rows and not left:
            self._idle_until = now + AWAY
        return left

    def _claim_due(self, connection: Connection, due: datetime, limit: int) -> tuple[Claimed, ...]:
        return queue.claim(connection, edition_id=self._edition.id, lease=self._shift.id, now=due, limit=limit, personal=self.writer.personal)

    def _has_no_seat(self) -> bool:
        return self._idle_until is not None and self._room.clock() < self._idle_until

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
