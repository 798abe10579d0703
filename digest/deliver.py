"""Every edition that is being sent: hand over what is due, and call an edition sent when its rows add up.

What a stop at any moment leaves behind is said in `hand_over/edition.py`, and in docs/guarantee.md.
"""

import os
import secrets
import socket
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digest.delivery.tally import next_due, tally
from digest.delivery.values import Tally
from digest.delivery.workers import Worker
from digest.editions import store
from digest.editions.values import EditionState
from digest.errors import DigestError
from digest.hand_over.edition import HandOver
from digest.hand_over.mailroom import Mailroom
from digest.hand_over.shift import Shift
from digest.straighten import straighten

# How often a run looks again while another worker, or one that died, still holds deliveries under its lease.
LOOK_AGAIN = timedelta(seconds=0.5)
# A run waits that long for what the pace of a domain holds back, before it leaves it to a later one.
PATIENCE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """How an edition stands after a run. `next_at` is when its first waiting delivery may be tried again, `waits_for` what pace keeps it waiting,
    `failure` why the run stopped early."""

    edition: store.StoredEdition
    tally: Tally
    next_at: datetime | None
    waits_for: str = ""
    failure: str = ""


def new_shift(room: Mailroom) -> Shift:
    """A shift for this process, not yet begun."""
    worker = Worker(id=secrets.token_hex(6), kind=room.kind, host=socket.gethostname(), pid=os.getpid())
    return Shift(room.engine, worker, room.clock, lease_seconds=room.settings.delivery.lease_seconds)


def deliver(room: Mailroom, edition_ids: frozenset[int] | None = None, *, shift: Shift | None = None) -> tuple[Delivered, ...]:
    """Hands over what is due of all editions being sent (or of `edition_ids`), oldest first, and says how each stands.

    Comes back when nothing more can be handed over now: all is settled, or the rest waits for its time. Safe to run at any moment, in any number.
    Within a `shift` that has begun, or one of its own.
    """
    if shift is None:
        with new_shift(room) as own:
            return deliver(room, edition_ids, shift=own)
    with shift.writing:
        straighten(room.engine, room.clock())
    with room.engine.begin() as connection:
        editions = [edition for edition in store.sending(connection) if edition_ids is None or edition.id in edition_ids]
    stands: dict[int, Delivered] = {}
    while True:
        for edition in editions:
            stands[edition.id] = _hand_over(room, shift, edition)
        editions = [stand.edition for stand in stands.values() if _soon(stand, room.clock()) is not None]
        if not editions or room.stop.is_set():
            return tuple(stands.values())
        room.stop.wait(min(wait.total_seconds() for stand in stands.values() if (wait := _soon(stand, room.clock())) is not None))


def _hand_over(room: Mailroom, shift: Shift, edition: store.StoredEdition) -> Delivered:
    newsletter = room.settings.newsletters.get(edition.newsletter)
    if newsletter is None:
        return _stand(room, shift, edition.id, failure=f"“{edition.newsletter}” is no longer in digest.toml: its deliveries wait until it is back.")
    hand_over = HandOver(room, shift, newsletter.of_edition(edition.cadence), edition)
    try:
        hand_over.run()
    except DigestError as error:  # what stands in the way of one edition does not keep the others
        hand_over.failure = str(error)
    stand = _stand(room, shift, edition.id, failure=hand_over.failure)
    limited = hand_over.limited
    if limited is None or limited.not_before is None or stand.next_at is None:
        return stand
    return replace(stand, next_at=max(stand.next_at, limited.not_before), waits_for=limited.reason)


def _stand(room: Mailroom, shift: Shift, edition_id: int, *, failure: str = "") -> Delivered:
    """Marks the edition sent when its rows add up, and says how it stands."""
    with shift.writing, room.engine.begin() as connection:
        counts = tally(connection, edition_id)
        if not counts.open:
            store.change_state(connection, edition_id, was=EditionState.SENDING, becomes=EditionState.SENT, now=room.clock())
        edition = store.get(connection, edition_id)
        next_at = next_due(connection, edition_id)
    return Delivered(edition=edition, tally=counts, next_at=next_at, failure=failure)


def _soon(stand: Delivered, now: datetime) -> timedelta | None:
    """How long a run should wait and look again; None: it need not."""
    if stand.failure or stand.edition.state is not EditionState.SENDING:
        return None
    if stand.tally.sending:
        return LOOK_AGAIN
    if stand.next_at is not None and stand.next_at - now <= PATIENCE:
        return max(LOOK_AGAIN, stand.next_at - now)
    return None
