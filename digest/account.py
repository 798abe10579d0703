"""Keeping account of an edition's hand-over: marks, outcomes, and what follows from them for a domain or for the whole edition."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from digest.delivery import domains, queue, relays
from digest.delivery.pace import Pace
from digest.delivery.retry import Backoff
from digest.delivery.settle import settle
from digest.delivery.streak import Streak
from digest.delivery.values import Claimed, Outcome, OutcomeKind, Settled, Step
from digest.delivery.verdict import Verdict, verdict
from digest.errors import WrongState
from digest.mailroom import Mailroom
from digest.shift import Shift
from digest.steer import pause

# A domain that takes mails again is told so that often, not at every mail.
EASE_AFTER = timedelta(minutes=1)


class Turn(NamedTuple):
    """What a connection has to write between two messages: what became of the last one, and which is next."""

    route: str
    done: Settled | None = None
    next: Claimed | None = None
    recipient_domain: str = ""  # of the one that is done


class Account:
    """The account of one edition in one worker, shared by its connections."""

    def __init__(self, room: Mailroom, shift: Shift, edition_id: int, *, resend: bool) -> None:
        delivery = room.settings.delivery
        self.paused = ""  # why the edition was paused by us
        self._room = room
        self._shift = shift
        self._edition_id = edition_id
        self._backoff = Backoff.of(delivery, resend=resend)
        self.pace = Pace.of(delivery.domains)
        self._streak = Streak(edition_id, limit=delivery.pause_after_refusals)
        self._too_many_refusals = False
        self._opened: set[str] = set()  # routes through which a mail was taken
        self._eased_at: dict[str, datetime] = {}  # domains that were slowed

    def watch(self, slowed: Iterable[str], now: datetime) -> None:
        """Domains that were slowed: when they take mails again, they are to be eased."""
        for key in slowed:
            self._eased_at.setdefault(key, now)

    def _objection(self, route: str, outcome: Outcome) -> str:
        """Why the whole edition should wait for a person; empty when it need not."""
        if outcome.step is Step.MAIL and verdict(outcome) is Verdict.SENDER:
            return f"the relay {route} takes none of it: {outcome.code} {outcome.text}"
        if self._too_many_refusals:
            return f"{self._room.settings.delivery.pause_after_refusals} refusals in a row, the last: {outcome.code} {outcome.text}"
        return ""

    def write(self, turns: Sequence[Turn]) -> list[bool]:
        """Writes down, in one transaction, what the connections have to. For each: whether its next message is marked, and must be handed over."""
        now = self._room.clock()
        done = [turn.done for turn in turns if turn.done]
        with self._shift.writing, self._room.engine.begin() as connection:
            self._shift.renew(connection, now)
            settle(connection, self._shift.id, done, self._backoff, now)
            marked = {turn.next.delivery_id: turn.route for turn in turns if turn.next}
            ours = queue.begin(connection, self._shift.id, marked, now)
            self._draw_conclusions(connection, turns, now)
        self._shift.count(len(done))
        self._object(turns)
        return [turn.next is not None and turn.next.delivery_id in ours for turn in turns]

    def _object(self, turns: Sequence[Turn]) -> None:
        for turn in turns:
            if turn.done and not self.paused and (reason := self._objection(turn.route, turn.done.outcome)):
                self._pause(reason)

    def _draw_conclusions(self, connection: Connection, turns: Sequence[Turn], now: datetime) -> None:
        outcomes = [turn.done.outcome for turn in turns if turn.done]
        self._too_many_refusals = self._streak.count(connection, outcomes)
        # In one order: two workers that lock the same domains in a different one stop each other.
        for turn in sorted(turns, key=lambda turn: self.pace.key(turn.recipient_domain)):
            if turn.done is None:
                continue
            if turn.done.outcome.kind is OutcomeKind.ACCEPTED:
                self._ease(connection, turn.recipient_domain, now)
                self._open(connection, turn.route, now)
            elif turn.done.outcome.kind is OutcomeKind.HELD:
                domains.hold(connection, self._edition_id, turn.recipient_domain, turn.done.outcome, now)
            elif verdict(turn.done.outcome) is Verdict.DOMAIN:
                key = self.pace.key(turn.recipient_domain)
                domains.slow(connection, key, turn.done.outcome, now)
                self._eased_at[key] = now

    def _ease(self, connection: Connection, domain: str, now: datetime) -> None:
        if not self._eased_at:
            return
        key = self.pace.key(domain)
        if key in self._eased_at and now - self._eased_at[key] >= EASE_AFTER:
            domains.ease(connection, [key], now)
            self._eased_at[key] = now

    def _open(self, connection: Connection, route: str, now: datetime) -> None:
        """The relay's failures do not count any more."""
        if route not in self._opened:
            relays.opened(connection, route, now)
            self._opened.add(route)

    def _pause(self, reason: str) -> None:
        self.paused = reason
        with self._shift.writing, suppress(WrongState):  # somebody else was quicker
            pause(self._room.engine, self._edition_id, now=self._room.clock(), reason=reason)
