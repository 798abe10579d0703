"""claim → fill → address → transport → settle, for every edition that is being sent, over several connections.

What a stop at any moment leaves behind: rows claimed but not begun go back to the queue when their lease ends; the one row each connection
had begun is `unknown`, unless the transport can take the same message twice without harm or the newsletter says to send again.
"""

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Engine

from digest.delivery import queue
from digest.delivery.retry import Backoff
from digest.delivery.settle import settle
from digest.delivery.tally import next_due, tally
from digest.delivery.transport import Transport
from digest.delivery.values import Claimed, Outcome, OutcomeKind, Settled, Tally
from digest.editions import store
from digest.editions.values import EditionState
from digest.errors import DigestError, TransportDown
from digest.newsletter import Newsletter
from digest.personal import Writer
from digest.refresh import refresh
from digest.settings import Settings

# How often a run looks again while another worker, or one that died, still holds deliveries under its lease.
LOOK_AGAIN_SECONDS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """How an edition stands after a run. `next_at` is when its first waiting delivery may be tried again, `failure` why the run stopped early."""

    edition: store.StoredEdition
    tally: Tally
    next_at: datetime | None
    failure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a delivery run works with. `handed_over` is told of every outcome; `stop` ends the run after the message under way."""

    engine: Engine
    settings: Settings
    open_transport: Callable[[], Transport]
    keys: list[str]
    clock: Callable[[], datetime]
    stop: threading.Event = field(default_factory=threading.Event)
    handed_over: Callable[[Outcome], None] = lambda outcome: None


def deliver(desk: Desk, edition_ids: frozenset[int] | None = None) -> tuple[Delivered, ...]:
    """Hands over what is due of all editions being sent (or of `edition_ids`), oldest first, and says how each stands.

    Comes back when nothing more can be handed over now: all is settled, or the rest waits for its time. Safe to run at any moment, in any number.
    """
    with desk.engine.begin() as connection:
        editions = store.sending(connection)
    return tuple(_deliver_edition(desk, edition) for edition in editions if edition_ids is None or edition.id in edition_ids)


def _deliver_edition(desk: Desk, edition: store.StoredEdition) -> Delivered:
    newsletter = desk.settings.newsletters.get(edition.newsletter)
    if newsletter is None:
        return _stand(desk, edition.id, failure=f"“{edition.newsletter}” is no longer in digest.toml: its deliveries wait until it is back.")
    line = _Edition(desk, newsletter, edition)
    while True:
        try:
            line.hand_over()
        except DigestError as error:  # a broken template, a password's file that is gone: the other editions go out
            line.failure = str(error)
        stand = _stand(desk, edition.id, failure=line.failure)
        if not stand.tally.sending or stand.failure or desk.stop.is_set():
            return stand
        desk.stop.wait(LOOK_AGAIN_SECONDS)


def _stand(desk: Desk, edition_id: int, *, failure: str = "") -> Delivered:
    """Marks the edition sent when its rows add up, and says how it stands."""
    with desk.engine.begin() as connection:
        counts = tally(connection, edition_id)
        if not counts.open:
            store.change_state(connection, edition_id, was=EditionState.SENDING, becomes=EditionState.SENT, now=desk.clock())
        edition = store.get(connection, edition_id)
        next_at = next_due(connection, edition_id)
    return Delivered(edition=edition, tally=counts, next_at=next_at, failure=failure)


class _Edition:
    """One edition's hand-over, shared by this run's connections."""

    def __init__(self, desk: Desk, newsletter: Newsletter, edition: store.StoredEdition) -> None:
        self._desk = desk
        self._newsletter = newsletter
        self._edition = edition
        self._writer: Writer | None = None
        self._revision = 0
        self._broken = threading.Event()
        self._refreshing = threading.Lock()
        # SQLite lets one write at a time and makes the others poll: waiting for a lock of our own is quicker.
        sqlite = desk.engine.dialect.name == "sqlite"
        self._writing: AbstractContextManager[object] = threading.Lock() if sqlite else nullcontext()
        self._backoff = Backoff.of(desk.settings.delivery, resend=newsletter.on_unknown == "resend")
        self.failure = ""

    def hand_over(self) -> None:
        """Everything that is due now, over as many connections as the settings say."""
        self._release_expired()
        if self._fresh_writer() is None:
            return
        connections = self._desk.settings.delivery.connections
        with ThreadPoolExecutor(connections, thread_name_prefix="delivery") as pool:
            lines = [pool.submit(self._line) for _ in range(connections)]
            try:
                for line in lines:
                    line.result()
            except BaseException:
                self._broken.set()
                raise

    def _release_expired(self) -> None:
        resend = self._desk.open_transport().idempotent or self._newsletter.on_unknown == "resend"
        with self._desk.engine.begin() as connection:
            queue.release_expired(connection, self._desk.clock(), edition_id=self._edition.id, resend=resend)

    def _fresh_writer(self) -> Writer | None:
        """The writer of the edition as it may be shown now; None when nothing of it may be sent any more. Looks at the stored revision and state,
        for another process may have changed them."""
        with self._refreshing:
            refresh(self._desk.engine, self._desk.settings, self._newsletter, self._edition, now=self._desk.clock())
            with self._desk.engine.begin() as connection:
                found = store.get(connection, self._edition.id)
                if found.state is not EditionState.SENDING:
                    return None
                if self._writer is None or found.revision != self._revision:
                    stored = store.load_bytes(connection, found.id)
                    self._writer, self._revision = self._writer_of(stored), stored.revision
            return self._writer

    def _writer_of(self, stored: store.Bytes) -> Writer:
        return Writer(self._newsletter, self._desk.settings, keys=self._desk.keys, slot=self._edition.slot, headers=stored.headers, body=stored.body)

    def _halted(self) -> bool:
        return self._desk.stop.is_set() or self._broken.is_set() or bool(self.failure)

    def _line(self) -> None:
        """One connection: batch after batch until nothing is due, or someone says stop."""
        lease = uuid.uuid4().hex
        try:
            with self._desk.open_transport() as transport:
                while not self._halted() and (writer := self._fresh_writer()) and (batch := self._claim(lease)):
                    self._hand_over_batch(transport, writer, lease, batch)
        except DigestError as error:
            self.failure = str(error)
        finally:
            with self._writing, self._desk.engine.begin() as connection:
                queue.release(connection, lease)

    def _claim(self, lease: str) -> tuple[Claimed, ...]:
        delivery = self._desk.settings.delivery
        now = self._desk.clock()
        until = now + timedelta(seconds=delivery.lease_seconds)
        with self._writing, self._desk.engine.begin() as connection:
            return queue.claim(connection, edition_id=self._edition.id, lease=lease, until=until, now=now, limit=delivery.batch)

    def _hand_over_batch(self, transport: Transport, writer: Writer, lease: str, batch: tuple[Claimed, ...]) -> None:
        """As much of the batch as half its lease allows: the message under way then has the other half, and a slow worker is not taken for dead.
        What is left, and whoever has left meanwhile, goes back to be claimed anew."""
        half_time = self._desk.clock() + timedelta(seconds=self._desk.settings.delivery.lease_seconds / 2)
        done: list[Settled] = []
        for reader in batch:
            if self._halted() or (done and self._desk.clock() > half_time):
                break
            ours = self._settle_and_begin(lease, done, reader)
            done = [self._send(transport, writer, reader)] if ours else []
        with self._writing, self._desk.engine.begin() as connection:
            settle(connection, lease, done, self._backoff, self._desk.clock())
            queue.release(connection, lease)

    def _send(self, transport: Transport, writer: Writer, reader: Claimed) -> Settled:
        try:
            outcome = transport.send(writer.envelope(reader))
        except ValueError:
            # Only a row changed by hand can hold such a thing; it must not stop the others.
            outcome = Outcome(kind=OutcomeKind.REFUSED, text="this reader's name or address cannot stand in a mail header")
        except TransportDown as error:
            self.failure = str(error)
            outcome = Outcome(kind=OutcomeKind.DEFERRED, text=str(error))
        self._desk.handed_over(outcome)
        return Settled(delivery_id=reader.delivery_id, outcome=outcome)

    def _settle_and_begin(self, lease: str, done: list[Settled], reader: Claimed) -> bool:
        """One transaction between two messages: the last one's outcome, and the mark that the next one is under way."""
        now = self._desk.clock()
        with self._writing, self._desk.engine.begin() as connection:
            settle(connection, lease, done, self._backoff, now)
            return bool(queue.begin(connection, lease, [reader.delivery_id], now))
