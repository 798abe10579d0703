"""What editors do with an edition that stands: approve it, take that back, hold it, release it. One guarded update and one line of the log each.

To cancel it is in `steer.py`, for it is the same of one that is going out.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, Engine

from digest.accounts import log
from digest.accounts.roles import Deed
from digest.editions import store
from digest.editions.change_store import ChangedMeanwhile, load
from digest.editions.standing import move
from digest.editions.values import EditionState
from digest.errors import WrongState
from digest.newsletter import Newsletter
from digest.settings import Settings
from digest.steer import take
from digest.working import draft_of, fix, working


def approve(
    engine: Engine, settings: Settings, newsletter: Newsletter, slot: datetime, *, who: str, now: datetime, seen: int | None = None
) -> store.StoredEdition:
    """It goes out at its slot, or at once where that is past; what follows the store until then is fixed. Held ones can be approved, too.

    `seen` is the number of the last change that whoever approves has looked at: where somebody else's came after it, `ChangedMeanwhile`.
    """
    open_to = EditionState.DRAFT, EditionState.HELD
    edition_id = fixed(engine, settings, newsletter, slot, "approved", *open_to, now=now)
    with engine.begin() as connection:
        edition = take_seen(connection, edition_id, "approved", *open_to, who=who, seen=seen)
        return _become(connection, edition, EditionState.APPROVED, Deed.APPROVE, who=who, now=now)


def take_back(engine: Engine, edition_id: int, *, who: str, now: datetime) -> store.StoredEdition:
    """An approved edition is a draft again, and goes out at its slot, if at all."""
    with engine.begin() as connection:
        edition = take(connection, edition_id, "taken back", EditionState.APPROVED)
        move(connection, edition_id, None)
        done = {"taken_back": True}
        return _become(connection, edition, EditionState.DRAFT, Deed.APPROVE, who=who, now=now, reason=f"{who} took the approval back", detail=done)


def hold(engine: Engine, newsletter: Newsletter, slot: datetime, *, who: str, now: datetime, reason: str = "") -> store.StoredEdition:
    """It does not go out until somebody releases or approves it. One that is not there yet is held before its cut-off."""
    with engine.begin() as connection:
        edition_id = draft_of(connection, newsletter, slot, now)
        edition = take(connection, edition_id, "held", EditionState.DRAFT, EditionState.APPROVED)
        move(connection, edition_id, None)
        why = reason or f"{who} holds it"
        return _become(connection, edition, EditionState.HELD, Deed.HOLD, who=who, now=now, reason=why, detail={"reason": reason} if reason else {})


def release(engine: Engine, edition_id: int, *, who: str, now: datetime) -> store.StoredEdition:
    """A held edition is a draft again."""
    with engine.begin() as connection:
        edition = take(connection, edition_id, "released", EditionState.HELD)
        return _become(connection, edition, EditionState.DRAFT, Deed.RELEASE, who=who, now=now)


def fixed(engine: Engine, settings: Settings, newsletter: Newsletter, slot: datetime, done: str, *states: EditionState, now: datetime) -> int:
    """The number of the slot's edition, from here on not following the store any more. `WrongState` where it is in none of these states, or holds too
    little."""
    with engine.begin() as connection:
        found = working(connection, settings, newsletter, slot, now)
        if found.stored:
            take(connection, found.stored.id, done, *states)
    if not found.chosen.choice.enough:
        raise WrongState("There is too little in it to send: pin more, wait for more, or lower limits.min_new.")
    fix(engine, settings, newsletter, slot, now=now)
    with engine.begin() as connection:
        return draft_of(connection, newsletter, slot, now)


def take_seen(connection: Connection, edition_id: int, done: str, *states: EditionState, who: str, seen: int | None) -> store.StoredEdition:
    """As `steer.take`. Nobody lets go what they have not looked at: `ChangedMeanwhile` where somebody else changed it after the change number
    `seen`."""
    edition = take(connection, edition_id, done, *states)
    theirs = [one for one in load(connection, edition_id).all if seen is not None and one.number > seen and one.who != who]
    if theirs:
        raise ChangedMeanwhile(theirs)
    if edition.chosen_at is None:
        raise WrongState("Another edition of this newsletter was made at this very moment: look once more at what is left for this one.")
    return edition


def _become(
    connection: Connection,
    edition: store.StoredEdition,
    state: EditionState,
    deed: Deed,
    *,
    who: str,
    now: datetime,
    reason: str = "",
    detail: Mapping[str, object] | None = None,
) -> store.StoredEdition:
    store.change_state(connection, edition.id, was=edition.state, becomes=state, now=now, reason=reason)
    log.write(connection, at=now, who=who, what=deed, newsletter=edition.newsletter, edition_id=edition.id, detail=detail)
    return store.get(connection, edition.id)
