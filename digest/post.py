"""Letters to one person: wishes to subscribe are taken up, and the letters that are due are handed over, beside and before any edition.

The same marks, outcomes and pace as an edition's: a mark is committed before a letter is handed over, what became of it afterwards. What a killed
worker had under way is sent again with the same Message-ID: two copies of a letter that was asked for do less harm than none.
"""

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy.exc import OperationalError

from digest.delivery import domains, letters, queue, relays
from digest.delivery.allowance import allow_ahead
from digest.delivery.letters import ClaimedLetter
from digest.delivery.pace import Pace
from digest.delivery.retry import Backoff
from digest.delivery.route import Route
from digest.delivery.settle import settle
from digest.delivery.steps import finish
from digest.delivery.transport import Transport
from digest.delivery.turns import turns_ahead
from digest.delivery.values import Envelope, Outcome, OutcomeKind, Settled, Step
from digest.delivery.verdict import Verdict, verdict
from digest.errors import DatabaseError, DigestError, TransportDown
from digest.hand_over.mailroom import Mailroom
from digest.hand_over.shift import Shift
from digest.letter import LetterWriter
from digest.sign_up import take_up
from digest.wiring import require_letters
from subscribers.asked import Asked, asked

BATCH = 20  # claimed at a time: the rest is for whoever else has a lane
# A letter that cannot be drawn (its newsletter is not declared, its template is broken) is looked at again so much later.
MENDED_BY = timedelta(minutes=10)
# So often, and so long in between, it is tried to write down what a database that is away would not take.
TRIES, WAIT_SECONDS = 60, 0.5

log = logging.getLogger(__name__)


def post(room: Mailroom, shift: Shift) -> int:
    """Takes up what people asked for, and hands over the letters that are due. How many were handed over.

    Comes back when none is due or none can go now. By one thread of a shift at a time; any number of shifts may do so beside each other.
    """
    number = 0
    while True:
        with shift.writing:
            taken = take_up(room.engine, room.settings, keys=room.keys, now=room.clock())
        number += _hand_over_due(room, shift)
        if not taken or room.stop.is_set():
            return number


def _hand_over_due(room: Mailroom, shift: Shift) -> int:
    with shift.writing, room.engine.begin() as connection:
        if not letters.any_due(connection, shift.id, room.clock()):
            return 0
    require_letters(room.settings)
    return _Round(room, shift).run()


class _Round:
    """One look at the letters that are due, through whichever relays are open."""

    def __init__(self, room: Mailroom, shift: Shift) -> None:
        delivery = room.settings.delivery
        self._room = room
        self._shift = shift
        self._pace = Pace.of(delivery.domains)
        self._backoff = Backoff.of(delivery, resend=True)
        self._writer = LetterWriter(room.settings, room.keys)
        self._handed_over = 0

    def run(self) -> int:
        with self._shift.writing, self._room.engine.begin() as connection:
            queue.release_expired(connection, self._room.clock(), edition_id=None, resend=True, own=self._shift.id)
            routes = relays.open_routes(connection, self._room.routes, self._room.clock())
        for route in sorted(routes, key=lambda route: -route.weight):
            try:
                self._through(route)
            except TransportDown as down:
                log.warning("Letters wait for another relay, or for this one: %s", down)
                with self._shift.writing, self._room.engine.begin() as connection:
                    relays.shut(connection, route.name, str(down), self._room.clock())
        return self._handed_over

    def _through(self, route: Route) -> None:
        """Whatever is due, over one connection, until nothing is or the route may have no more."""
        transport: Transport | None = None
        try:
            while (claimed := self._claim(route)) and not self._room.stop.is_set():
                with self._room.engine.begin() as connection:
                    wishes = asked(connection, {one.subscriber_id for one in claimed})
                transport = transport or route.open()
                self._hand_over_all(transport, route, claimed, wishes)
            if transport:
                finish(transport.leave())
        finally:
            if transport:
                transport.close()
            with self._shift.writing, self._room.engine.begin() as connection:
                queue.release(connection, self._shift.id, None)

    def _claim(self, route: Route) -> tuple[ClaimedLetter, ...]:
        now = self._room.clock()
        with self._shift.writing, self._room.engine.begin() as connection:
            allowed = relays.allowance(connection, route, now, BATCH, rule=allow_ahead).count
            if not allowed:
                return ()
            claimed = letters.claim_letters(connection, lease=self._shift.id, now=now, limit=allowed)
            screened = domains.screen(connection, self._pace, None, [one.reader for one in claimed], now, give=turns_ahead)
            queue.put_off(connection, self._shift.id, screened.later)
            relays.give_back(connection, route, allowed - len(screened.go), now)
        go = {reader.delivery_id for reader in screened.go}
        return tuple(one for one in claimed if one.reader.delivery_id in go)

    def _hand_over_all(self, transport: Transport, route: Route, claimed: Sequence[ClaimedLetter], wishes: Mapping[int, tuple[Asked, ...]]) -> None:
        for one in claimed:
            if self._room.stop.is_set():
                return
            if envelope := self._write(one, wishes.get(one.subscriber_id, ())):
                self._hand_over(transport, route, one, envelope)

    def _write(self, claimed: ClaimedLetter, wishes: Sequence[Asked]) -> Envelope | None:
        """The message; None when it cannot be written, and then it is settled or put off."""
        now = self._room.clock()
        try:
            return self._writer.envelope(claimed, wishes, now)
        except ValueError:
            # Only a row changed by hand can hold such a thing; it must not stop the others.
            refused = Outcome(kind=OutcomeKind.REFUSED, text="this reader's name or address cannot stand in a mail header")
            self._settle(Settled(claimed.reader.delivery_id, refused), claimed, now)
        except (DigestError, LookupError) as error:
            log.warning("A letter (%s) waits until it can be drawn: %s", claimed.letter, error)
            self._put_off(claimed, now + MENDED_BY)
        return None

    def _put_off(self, claimed: ClaimedLetter, until: datetime) -> None:
        with self._shift.writing, self._room.engine.begin() as connection:
            queue.put_off(connection, self._shift.id, [(claimed.reader.delivery_id, until)])

    def _hand_over(self, transport: Transport, route: Route, claimed: ClaimedLetter, envelope: Envelope) -> None:
        with self._shift.writing, self._room.engine.begin() as connection:
            ours = letters.begin_letter(connection, self._shift.id, claimed.reader.delivery_id, route.name, self._room.clock())
        if not ours:
            return
        try:
            outcome = finish(transport.hand_over(envelope))
        except TransportDown as down:
            outcome = Outcome(kind=OutcomeKind.DEFERRED, text=str(down), step=Step.CONNECT)
        except Exception as error:  # of ours: whether it left is not known, and it must not be tried again and again without a pause
            self._conclude(route, claimed, Outcome(kind=OutcomeKind.UNKNOWN, text=f"the hand-over broke off ({type(error).__name__})"))
            raise
        self._conclude(route, claimed, outcome)

    def _conclude(self, route: Route, claimed: ClaimedLetter, outcome: Outcome) -> None:
        self._handed_over += 1
        said = verdict(outcome)
        if said is Verdict.SENDER:
            # What we are refused for can be mended; the person still waits for the letter.
            outcome = outcome._replace(kind=OutcomeKind.DEFERRED)
            log.warning("The relay %s refuses letters for what their sender is: %d %s", route.name, outcome.code, outcome.text)
        done = Settled(claimed.reader.delivery_id, outcome, route.name, returned=said is Verdict.RELAY)
        self._settle(done, claimed, self._room.clock(), slow=said is Verdict.DOMAIN)
        if said is Verdict.RELAY:
            raise TransportDown(f"The relay {route.name} puts us off: {outcome.code} {outcome.text}")

    def _settle(self, done: Settled, claimed: ClaimedLetter, now: datetime, *, slow: bool = False) -> None:
        """Written down; if the database is away, as soon as it is back. Given up after half a minute, the letter is sent again."""
        for _ in range(TRIES):
            with suppress(DatabaseError, OperationalError), self._shift.writing, self._room.engine.begin() as connection:
                settle(connection, self._shift.id, [done], self._backoff, now)
                if slow:
                    domains.slow(connection, self._pace.key(claimed.reader.domain), done.outcome, now)
                if done.outcome.kind is OutcomeKind.ACCEPTED and done.relay:
                    relays.opened(connection, done.relay, now)
                return
            self._room.stop.wait(WAIT_SECONDS)
