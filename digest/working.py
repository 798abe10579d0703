"""An edition that is not out yet, as it stands: what would go out now, with the editors' changes, and what it was before them."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Engine

from digest.accounts import log
from digest.accounts.roles import Deed
from digest.editions import change_store, store
from digest.editions.change_record import to_json
from digest.editions.changes import UNCHANGED, Change, Changes, Redo, Undo
from digest.editions.demand import NOBODY, Demand
from digest.editions.gone import comments_in, gone
from digest.editions.pool_record import from_bytes
from digest.editions.record import from_json
from digest.editions.record import to_json as choice_to_json
from digest.editions.standing import STANDING, Choosing, fix_choice
from digest.editions.values import Choice, EditionState, Kind, Place
from digest.errors import WrongState
from digest.material import Gathered, gather_again, gather_for, span_of, unchanged
from digest.newsletter import Newsletter
from digest.prepare import Chosen, changed, choose_from
from digest.settings import Settings
from digest.wanted import wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Working:
    """An edition as it stands. `chosen` is with the editors' changes, `automatic` without; of one that is out both are what went out.

    `live`: it follows the store, up to its cut-off. Else its choice is fixed, and only loses what may not be shown any more.
    """

    newsletter: Newsletter
    slot: datetime
    stored: store.StoredEdition | None
    chosen: Chosen
    automatic: Choice
    changes: Changes
    live: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What was read of a slot's edition; `choice` is None where it is live. From here on nothing is read: see `work_out`."""

    stored: store.StoredEdition | None
    changes: Changes
    gathered: Gathered
    choice: Choice | None


def working(connection: Connection, settings: Settings, newsletter: Newsletter, slot: datetime, now: datetime) -> Working:
    """The slot's edition as it stands `now`, whether there is a row of it or not."""
    return work_out(look_up(connection, newsletter, slot, now), settings)


def look_up(connection: Connection, newsletter: Newsletter, slot: datetime, now: datetime, demand: Demand | None = None) -> Looked:
    """Reads all that there is to know, in a fixed number of queries. `demand`: of the readers there would be `now`, unless another is given."""
    found = store.find(connection, newsletter.slug, newsletter.cadence, slot)
    changes = change_store.load(connection, found.id) if found else UNCHANGED
    record = store.load_choice(connection, found.id) if found and (found.is_out or found.chosen_at) else {}
    if not found or not record:
        demand = demand or wanted(connection, newsletter, slot, now)
        gathered = gather_for(connection, newsletter, slot, demand, changes=changes)
        return Looked(stored=found, changes=changes, gathered=gathered, choice=None)
    choice = from_json(record)
    demand = demand or (_met(connection, found) if found.is_out else wanted(connection, newsletter, slot, now))
    gathered = gather_again(connection, newsletter, found, choice, demand=demand, changes=changes)
    return Looked(stored=found, changes=changes, gathered=gathered, choice=choice)


def _met(connection: Connection, edition: store.StoredEdition) -> Demand:
    stored = store.load_bytes(connection, edition.id)
    return replace(Demand.met_by(from_bytes(stored.pool)) if stored.pool else NOBODY, languages=frozenset(stored.frames))


def is_current(connection: Connection, looked: Looked) -> bool:
    """Whether what was read is still so: nobody changed the edition, and no other edition took of the same items."""
    found = store.find(connection, looked.gathered.newsletter.slug, looked.gathered.newsletter.cadence, looked.gathered.slot)
    if found is None or looked.stored is None:
        return found is looked.stored and unchanged(connection, looked.gathered)
    # An editor whose change is being added is waited for; whoever comes after finds that it is out.
    if store.take(connection, found.id) != looked.stored or change_store.revision(connection, found.id) != looked.changes.revision:
        return False
    return unchanged(connection, looked.gathered)


def work_out(looked: Looked, settings: Settings, *, allow_few: bool = False) -> Working:
    """The edition of what was read. Pure: the same store and changes give the same."""
    gathered, changes = looked.gathered, looked.changes
    if looked.choice is None:
        automatic = choose_from(gathered, site=settings.publication.url, allow_few=allow_few).choice
        chosen = changed(gathered, automatic, changes)
    elif looked.stored and looked.stored.is_out:
        automatic = looked.choice
        chosen = Chosen(gathered=gathered, choice=automatic, changes=changes)
    else:
        automatic = _left(looked.choice, looked)
        automatic = replace(automatic, enough=True) if allow_few and automatic.picks else automatic
        chosen = changed(gathered, automatic, changes)
    return Working(
        newsletter=gathered.newsletter,
        slot=gathered.slot,
        stored=looked.stored,
        chosen=chosen,
        automatic=automatic,
        changes=changes,
        live=looked.choice is None,
    )


def _left(choice: Choice, looked: Looked) -> Choice:
    """The fixed choice without what may not be shown any more, and what another edition had meanwhile."""
    # Imported here: who hands over knows this module, and needs no lxml for it.
    from digest.editions.drop import drop  # noqa: PLC0415
    from digest.editions.picks import DISCUSSED  # noqa: PLC0415

    gathered, asked = looked.gathered, looked.changes.asked
    articles, comments = gone(choice, gathered.shown, gathered.newsletter, asked)
    past = gathered.snapshot
    first_time = (pick for pick in choice.picks if pick.place is not Place.MISSED and DISCUSSED not in pick.note.split(", "))
    taken = {pick.id for pick in first_time if pick.kind is Kind.ARTICLE and pick.id in past.considered} - asked
    return drop(choice, articles | taken, comments | (past.quoted & comments_in(choice)))


def change(
    engine: Engine, settings: Settings, newsletter: Newsletter, slot: datetime, change: Change, *, who: str, now: datetime, seen: int
) -> Working:
    """Makes one change to the slot's edition, and a draft of it where there was none; then the edition as it stands. See `change_store.add` for
    what it raises."""
    with engine.begin() as connection:
        edition_id = draft_of(connection, newsletter, slot, now)
        changes = change_store.add(connection, edition_id, change, who=who, at=now, seen=seen)
        deed = Deed.UNDO if isinstance(change, Undo | Redo) else Deed.CHANGE
        detail = {"number": changes.revision, "change": to_json(change)}
        log.write(connection, at=now, who=who, what=deed, newsletter=newsletter.slug, edition_id=edition_id, detail=detail)
        looked = look_up(connection, newsletter, slot, now)
    return work_out(looked, settings)


def draft_of(connection: Connection, newsletter: Newsletter, slot: datetime, now: datetime) -> int:
    """The id of the slot's edition: a live draft is made where there is none."""
    found = store.find(connection, newsletter.slug, newsletter.cadence, slot)
    if found:
        return found.id
    store.lock(connection, newsletter.slug, now)
    span = span_of(connection, newsletter, slot)
    made = store.claim_slot(
        connection,
        newsletter=newsletter.slug,
        cadence=newsletter.cadence,
        slot=slot,
        window_start=span.start,
        cutoff=span.cutoff,
        state=EditionState.DRAFT,
        now=now,
    )
    # None: somebody else made it in this very moment.
    return made if made is not None else draft_of(connection, newsletter, slot, now)


def fix(engine: Engine, settings: Settings, newsletter: Newsletter, slot: datetime, *, now: datetime) -> Working:
    """Fixes the choice of the slot's draft, and makes the draft where there is none. What is fixed already stays as it is.

    `chosen.choice.enough` tells whether there is enough to send. Raises `WrongState` where the edition does not stand.
    """
    with engine.begin() as connection:
        draft_of(connection, newsletter, slot, now)
        looked = look_up(connection, newsletter, slot, now)
    fixed = _standing(looked)
    if looked.choice is not None:
        return work_out(looked, settings)
    choice = choose_from(looked.gathered, site=settings.publication.url).choice
    with engine.begin() as connection:
        store.lock(connection, newsletter.slug, now)
        # Where another did it at the same moment, theirs stands.
        if unchanged(connection, looked.gathered):
            fix_choice(connection, fixed.id, was=None, **_choosing(looked.gathered, choice, now))
    return _seen(engine, settings, newsletter, slot, now)


def renew(engine: Engine, settings: Settings, newsletter: Newsletter, slot: datetime, *, who: str, now: datetime) -> Working:
    """Takes into a fixed draft what is new since: chooses anew as of `now`, the changes stay on top. What was approved is a draft again.

    Raises `WrongState` where the edition does not stand, or follows the store anyway.
    """
    with engine.begin() as connection:
        found = store.find(connection, newsletter.slug, newsletter.cadence, slot)
        if found is None or found.state not in STANDING or found.chosen_at is None:
            raise WrongState(f"There is nothing to take in anew: the edition {_why_not_renewed(found)}.")
        gathered = gather_for(connection, newsletter, slot, wanted(connection, newsletter, slot, now), until=now)
    choice = choose_from(gathered, site=settings.publication.url).choice
    with engine.begin() as connection:
        if not fix_choice(connection, found.id, was=found.chosen_at, **_choosing(gathered, choice, now)):
            raise WrongState("Somebody else did that at the same moment, or the edition went out: look at it as it is now.")
        log.write(connection, at=now, who=who, what=Deed.RENEW, newsletter=newsletter.slug, edition_id=found.id)
    return _seen(engine, settings, newsletter, slot, now)


def _why_not_renewed(found: store.StoredEdition | None) -> str:
    if found is None or found.state not in STANDING:
        return f"is {found.state}" if found else "is not made yet"
    return "follows the store anyway"


def _standing(looked: Looked) -> store.StoredEdition:
    if looked.stored is None or looked.stored.state not in STANDING:
        raise WrongState(f"The edition cannot be fixed any more: it is {looked.stored.state if looked.stored else 'gone'}.")
    return looked.stored


def _choosing(gathered: Gathered, choice: Choice, now: datetime) -> Choosing:
    span = gathered.window
    return {"choice": choice_to_json(choice), "window_start": span.start, "cutoff": span.cutoff, "chosen_at": now}


def _seen(engine: Engine, settings: Settings, newsletter: Newsletter, slot: datetime, now: datetime) -> Working:
    with engine.begin() as connection:
        looked = look_up(connection, newsletter, slot, now)
    return work_out(looked, settings)
