"""One connection's work: message after message through one route, until there is no more for it. Steps for a `delivery.loop`."""

from collections import Counter
from dataclasses import dataclass

from digest.delivery.route import Route
from digest.delivery.steps import Steps
from digest.delivery.transport import Transport
from digest.delivery.values import Claimed, Envelope, Outcome, OutcomeKind, Settled, Step
from digest.delivery.verdict import Verdict, verdict
from digest.errors import TransportDown
from digest.hand_over.account import Account, Turn
from digest.hand_over.mailroom import Mailroom
from digest.hand_over.supply import Supply
from digest.personal import Writer
from digest.sheets import NothingLeft


@dataclass(slots=True)
class _Letter:
    """A delivery with its message; None where no message can be made for this reader, or `bare`: the edition holds nothing for them any more."""

    reader: Claimed
    writer: Writer
    envelope: Envelope | None
    bare: bool = False


# What became of the last message, where that is still to be written down, and whose it was.
Told = tuple[Settled | None, Claimed | None]
NOTHING: Told = (None, None)
# Whoever claims it next finds that there is nothing to be sent, and settles it (see `sift.py`).
BARE = Outcome(kind=OutcomeKind.DEFERRED, text="nothing is left in it for this reader")


class Line:
    """`run` ends when nothing is left for this route now, or with `TransportDown` when its relay is. Beside waits it yields turns to be written."""

    def __init__(self, room: Mailroom, supply: Supply, account: Account, route: Route) -> None:
        self._room = room
        self._supply = supply
        self._account = account
        self._route = route
        self._told: Told = NOTHING
        self._marking: Claimed | None = None  # may be marked already, and has not been handed over
        self._used: Counter[str] = Counter()  # messages on this connection, of domains that limit them

    def run(self) -> Steps[None]:
        letter = yield from self._next()
        while letter is not None:
            self._used.clear()
            transport = self._route.open()
            try:
                letter = yield from self._session(transport, letter)
                yield from transport.leave()
            finally:
                transport.close()

    def _session(self, transport: Transport, letter: _Letter) -> Steps[_Letter | None]:
        """Over one connection, until nothing is left, or a domain wants a new one: then the letter in hand comes back."""
        current: _Letter | None = letter
        try:
            while current is not None and not self._worn(current):
                following = yield from self._hand_over(transport, current)
                current = following or (yield from self._next())
        finally:
            self._write_at_last()
        return current

    def _hand_over(self, transport: Transport, letter: _Letter) -> Steps[_Letter | None]:
        """One message, if it is still ours to send. What comes after it, if that is known already."""
        self._marking = letter.reader
        # Written before this one is marked: once it is, nothing else is done before it leaves.
        following = self._ahead()
        ours = yield Turn(self._route.name, *self._told, letter.reader)
        self._told = NOTHING
        self._marking = None
        try:
            if ours:
                yield from self._send(transport, letter, following)
        except TransportDown:
            if following:
                self._supply.give_back(following.reader)  # another route may have it
            raise
        finally:
            self._supply.done(letter.reader)
        return following

    def _send(self, transport: Transport, letter: _Letter, following: _Letter | None) -> Steps[None]:
        if letter.writer is not self._supply.writer:  # something was taken out of the edition since it was written
            letter = self._write_letter(letter.reader)
        if letter.bare:
            self._told = Settled(letter.reader.delivery_id, BARE, returned=True), None
            return
        if letter.envelope is None:
            # Only a row changed by hand can hold such a thing; it must not stop the others.
            self._note(letter, Outcome(kind=OutcomeKind.REFUSED, text="this reader's name or address cannot stand in a mail header"))
            return
        try:
            outcome = yield from transport.hand_over(letter.envelope, following.envelope if following else None)
        except TransportDown as down:
            self._note(letter, Outcome(kind=OutcomeKind.DEFERRED, text=str(down), step=Step.CONNECT))
            raise
        self._note(letter, outcome)
        if outcome.kind is not OutcomeKind.ACCEPTED and verdict(outcome) is Verdict.RELAY:
            raise TransportDown(f"The relay {self._route.name} puts us off: {outcome.code} {outcome.text}")

    def _note(self, letter: _Letter, outcome: Outcome) -> None:
        """Keeps what became of the message until the next turn."""
        returned = False
        if outcome.kind is not OutcomeKind.ACCEPTED:
            said, at_mail = verdict(outcome), outcome.step is Step.MAIL
            returned = said is Verdict.RELAY or (said is Verdict.SENDER and at_mail)
            if said is Verdict.SENDER and not at_mail:
                outcome = outcome._replace(kind=OutcomeKind.HELD)
        self._told = Settled(letter.reader.delivery_id, outcome, self._route.name, returned), letter.reader
        self._room.handed_over(outcome)

    def _next(self) -> Steps[_Letter | None]:
        if self._told is not NOTHING:  # for this may wait
            yield Turn(self._route.name, *self._told)
            self._told = NOTHING
        reader = yield from self._supply.next(self._route)
        return self._write_letter(reader) if reader else None

    def _ahead(self) -> _Letter | None:
        reader = self._supply.ahead(self._route)
        return self._write_letter(reader) if reader else None

    def _write_letter(self, reader: Claimed) -> _Letter:
        writer = self._supply.writer
        try:
            return _Letter(reader, writer, writer.envelope(reader))
        except NothingLeft:
            return _Letter(reader, writer, None, bare=True)
        except ValueError:
            return _Letter(reader, writer, None)

    def _worn(self, letter: _Letter) -> bool:
        """Whether the letter's domain has had as many messages over this connection as it may."""
        if not self._supply.pace.scarce:
            return False
        key = self._supply.pace.key(letter.reader.domain)
        limit = self._supply.pace.limit(key).messages_per_connection
        self._used[key] += 1
        return 0 < limit < self._used[key]

    def _write_at_last(self) -> None:
        """However this ended, the last outcome is written down. And a message whose mark may have been written, for all that the database did not get
        to say so, goes back to the queue."""
        turns = [Turn(self._route.name, *self._told)] if self._told is not NOTHING else []
        if self._marking:
            outcome = Outcome(kind=OutcomeKind.DEFERRED, text="not handed over: the database was away")
            turns.append(Turn(route=self._route.name, done=Settled(self._marking.delivery_id, outcome, returned=True)))
        self._account.write_at_last(turns)
