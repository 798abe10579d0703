"""What a person may do with an edition that is going out: pause it, resume it, cancel it, send again what failed. One transaction each.

What they may do before that is in `review/steps.py`; to cancel it is the same at any time."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from digest.accounts import log
from digest.accounts.roles import Deed
from digest.delivery import queue, recall
from digest.delivery.tally import tally
from digest.delivery.values import DeliveryState, Tally
from digest.editions import store
from digest.editions.standing import STANDING
from digest.editions.values import EditionState
from digest.errors import WrongState

OPEN_TO = {
    EditionState.DRAFT: "It can be approved, held, sent now or cancelled.",
    EditionState.HELD: "It can be released, approved, sent now or cancelled.",
    EditionState.APPROVED: "Its approval can be taken back, and it can be held, sent now or cancelled.",
    EditionState.SENDING: "It can be paused or cancelled, and what failed can be retried.",
    EditionState.PAUSED: "It can be resumed or cancelled, and what failed can be retried.",
    EditionState.SENT: "What was refused or is unknown can be retried.",
    EditionState.CANCELLED: "Nothing more goes out of it.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Steered:
    """How an edition stands after a step that changed `moved` deliveries. What of `tally` is `sending` was under way and will still be settled."""

    edition: store.StoredEdition
    moved: int
    tally: Tally


def pause(engine: Engine, edition_id: int, now: datetime, reason: str = "") -> Steered:
    """Stops an edition that is being sent. What is under way goes out; once this has returned nothing else does, whatever workers had claimed."""
    with engine.begin() as connection:
        edition = take(connection, edition_id, "paused", EditionState.SENDING)
        _become(connection, edition, EditionState.PAUSED, now, reason)
        return _steered(connection, edition_id, recall.take_back(connection, edition_id))


def resume(engine: Engine, edition_id: int, now: datetime, domain: str | None = None) -> Steered:
    """Lets a paused edition go on, and what is held of it: all, or only a `domain`. One that is being sent may have held mails to let go, too."""
    with engine.begin() as connection:
        edition = take(connection, edition_id, "resumed", EditionState.PAUSED, EditionState.SENDING)
        moved = recall.let_go(connection, edition_id, domain, now)
        recall.forget_streak(connection, edition_id)
        if edition.state is EditionState.PAUSED:
            _become(connection, edition, EditionState.SENDING, now)
        elif not moved:
            raise WrongState(
                f"{_name(edition)} is being sent, and nothing of it is held{f' for {domain}' if domain else ''}: there is nothing to resume."
            )
        return _steered(connection, edition_id, moved)


def cancel(engine: Engine, edition_id: int, now: datetime, reason: str = "", *, who: str = "") -> Steered:
    """Nothing of it goes out any more, or at all, for good. What is under way goes out and is settled. `who` is for the log, where it is known."""
    with engine.begin() as connection:
        edition = take(connection, edition_id, "cancelled", *STANDING, EditionState.SENDING, EditionState.PAUSED)
        _become(connection, edition, EditionState.CANCELLED, now, reason)
        if who:
            detail = {"reason": reason} if reason else None
            log.write(connection, at=now, who=who, what=Deed.CANCEL, newsletter=edition.newsletter, edition_id=edition_id, detail=detail)
        return _steered(connection, edition_id, recall.cancel(connection, edition_id, now))


def retry(engine: Engine, edition_id: int, states: Collection[DeliveryState], now: datetime) -> Steered:
    """Queues again exactly what is in `states`: refused, or unknown (whose readers may then get it twice, with one Message-ID).

    An edition that was sent is being sent again if there is any; one that is paused stays so."""
    with engine.begin() as connection:
        edition = take(connection, edition_id, "retried", EditionState.SENDING, EditionState.PAUSED, EditionState.SENT)
        moved = queue.requeue(connection, edition_id, states=states, now=now)
        if moved:
            recall.forget_streak(connection, edition_id)
        if moved and edition.state is EditionState.SENT:
            _become(connection, edition, EditionState.SENDING, now)
        return _steered(connection, edition_id, moved)


def take(connection: Connection, edition_id: int, done: str, *allowed: EditionState) -> store.StoredEdition:
    """The edition, in one of these states, kept from workers that claim and from anybody else who steers. `WrongState` says in which it is, and what
    can be done."""
    edition = store.take(connection, edition_id)
    if edition.state not in allowed:
        raise WrongState(
            f"{_name(edition)} cannot be {done}: it is {edition.state}. {OPEN_TO.get(edition.state, 'It has not been sent to anybody.')}"
        )
    return edition


def _become(connection: Connection, edition: store.StoredEdition, state: EditionState, now: datetime, reason: str = "") -> None:
    store.change_state(connection, edition.id, was=edition.state, becomes=state, now=now, reason=reason)


def _steered(connection: Connection, edition_id: int, moved: int) -> Steered:
    return Steered(edition=store.get(connection, edition_id), moved=moved, tally=tally(connection, edition_id))


def _name(edition: store.StoredEdition) -> str:
    return f"The edition {edition.newsletter} {edition.slot:%Y-%m-%d %H:%M} UTC"
