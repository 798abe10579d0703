"""Keeping account of an edition's hand-over: marks, outcomes, and what follows from them for a domain or for the whole edition."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from digest.delivery import domains, queue, relays
from digest.delivery.pace import Pace
from digest.delivery.retry import Backoff
from digest.delivery.settle import settle
from digest.delivery.streak import Streak
from digest.delivery.values import Claimed, OutcomeKind, Settled
from digest.delivery.verdict import Verdict, verdict
from digest.editions import store
from digest.editions.values import EditionState
from digest.errors import DatabaseError, WrongState
from digest.hand_over.mailroom import Mailroom
from digest.hand_over.shift import Shift
from digest.steer import pause

# A domain that takes mails again is told so that often, not at every mail.
EASE_AFTER = timedelta(minutes=1)
PUT_BACK = (OutcomeKind.DEFERRED, OutcomeKind.HELD)
# So often, and so long in between, it is tried to write down at last what a database that is away would not take.
TRIES, WAIT_SECONDS = 60, 0.5


class Turn(NamedTuple):
    """What a connection has to write between two messages: what became of the last one (and whose it was), and which is next."""

    route: str
    done: Settled | None = None
    reader: Claimed | None = None
    next: Claimed | None = None


class Account:
    """The account of one edition in one worker, shared by its connections."""

    def __init__(self, room: Mailroom, shift: Shift, edition_id: int, *, resend: bool) -> None:
        delivery = room.settings.delivery
        self.pace = Pace.of(delivery.domains)
        self.paused = ""  # why the edition was paused by us
        self._room = room
        self._shift = shift
        self._edition_id = edition_id
        self._backoff = Backoff.of(delivery, resend=resend)
        self._streak = Streak(edition_id, limit=delivery.pause_after_refusals)
        self._opened: set[str] = set()  # routes through which a mail was taken
        self._eased_at: dict[str, datetime] = {}  # by key: domains that were slowed
        self._patience = TRIES
        self._connection: Connection | None = None  # kept: fetching one from the pool costs as much as a statement

    def watch(self, slowed: Iterable[str], now: datetime) -> None:
        """Domains that were slowed: when they take mails again, they are to be eased."""
        for key in slowed:
            self._eased_at.setdefault(key, now)

    def write(self, turns: Sequence[Turn]) -> list[bool]:
        """Writes down, in one transaction, what the connections have to. For each: whether its next message is marked, and must be handed over."""
        now = self._room.clock()
        done = [turn.done for turn in turns if turn.done]
        outcomes = [one.outcome for one in done]
        taken = all(outcome.kind is OutcomeKind.ACCEPTED for outcome in outcomes)  # nearly always so
        with self._transaction() as connection:
            self._shift.renew(connection, now)
            settle(connection, self._shift.id, done, self._backoff, now)
            if not taken and any(one.returned or one.outcome.kind in PUT_BACK for one in done):
                # A worker that was cut off may say so after the others called the edition sent: it is not, then.
                store.change_state(connection, self._edition_id, was=EditionState.SENT, becomes=EditionState.SENDING, now=now)
            marked = {turn.next.delivery_id: turn.route for turn in turns if turn.next}
            ours = queue.begin(connection, self._shift.id, marked, now)
            too_many = self._streak.count(connection, outcomes)
            # Where every mail was taken, no domain waits to be eased, and every relay is known to be open, nothing follows.
            well = taken and not self._eased_at and self._opened.issuperset(turn.route for turn in turns)
            objection = "" if well else self._draw_conclusions(connection, turns, now, too_many=too_many)
        self._shift.count(len(done))
        if objection and not self.paused:
            self._pause(objection)
        return [turn.next is not None and turn.next.delivery_id in ours for turn in turns]

    def write_at_last(self, turns: Sequence[Turn]) -> None:
        """What must not be forgotten, when a connection ends: if the database is away, as soon as it is back. Given up after half a minute for all
        connections together, it is unknown."""
        while turns:
            try:
                self.write(turns)
            except DatabaseError:
                if not self._patience:
                    return
                self._patience -= 1
                threading.Event().wait(WAIT_SECONDS)
            else:
                return

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with self._shift.writing:
            if self._connection is None:
                self._connection = self._room.engine.connect()
            try:
                with self._connection.begin():
                    yield self._connection
            except BaseException:
                self._connection.invalidate()  # whatever it was, the next transaction shall not suffer from it
                self.close()
                raise

    def _draw_conclusions(self, connection: Connection, turns: Sequence[Turn], now: datetime, *, too_many: bool) -> str:
        """What follows for relays and domains. Why the whole edition should wait for a person; empty when it need not."""
        objection = ""
        # In one order: two workers that lock the same domains in a different one stop each other.
        for turn in sorted(turns, key=self._key):
            if turn.done is None or turn.reader is None:
                continue
            outcome = turn.done.outcome
            if outcome.kind is OutcomeKind.ACCEPTED:
                self._ease(connection, turn, now)
            elif outcome.kind is OutcomeKind.HELD:
                domains.hold(connection, self._edition_id, turn.reader.domain, outcome, now)
            elif (said := verdict(outcome)) is Verdict.DOMAIN:
                domains.slow(connection, self._key(turn), outcome, now)
                self._eased_at[self._key(turn)] = now
            elif said is Verdict.SENDER:
                objection = f"the relay {turn.route} takes none of it: {outcome.code} {outcome.text}"
            if too_many and outcome.kind is OutcomeKind.REFUSED and not objection:
                objection = f"{self._room.settings.delivery.pause_after_refusals} refusals in a row, the last: {outcome.code} {outcome.text}"
        return objection

    def _key(self, turn: Turn) -> str:
        return self.pace.key(turn.reader.domain) if turn.reader else ""

    def _ease(self, connection: Connection, turn: Turn, now: datetime) -> None:
        """A mail was taken: the relay's failures do not count any more, and a slowed domain's count less."""
        if turn.route not in self._opened:
            relays.opened(connection, turn.route, now)
            self._opened.add(turn.route)
        if self._eased_at and now - self._eased_at.get(self._key(turn), now) >= EASE_AFTER:
            domains.ease(connection, [self._key(turn)], now)
            self._eased_at[self._key(turn)] = now

    def _pause(self, reason: str) -> None:
        self.paused = reason
        with self._shift.writing, suppress(WrongState):  # somebody else was quicker
            pause(self._room.engine, self._edition_id, now=self._room.clock(), reason=reason)
