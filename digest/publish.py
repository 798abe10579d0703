"""From a slot to queued deliveries, in one transaction: either all of it is there, or nothing, and never twice."""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine

from digest.allot import Outgrown, allot
from digest.editions import store
from digest.editions.frames import save_frames
from digest.editions.ledger import LedgerItem, write_ledger
from digest.editions.pool_record import to_bytes
from digest.editions.record import to_json
from digest.editions.standing import let_go
from digest.editions.values import Choice, Edition, EditionState, Kind, Place
from digest.errors import NothingNew
from digest.fields import Review
from digest.hold_back import hold_back, was_released
from digest.newsletter import Newsletter
from digest.prepare import Chosen, Prepared, prepare
from digest.settings import Settings
from digest.working import Looked, Working, is_current, look_up, work_out

if TYPE_CHECKING:
    from digest.render.lint import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What became of a slot. `queued` is None unless this very call queued the deliveries."""

    edition: store.StoredEdition
    queued: int | None
    notes: tuple[str, ...] = ()


# Asks the sources once more for these articles and comments, and tells how many were withdrawn (see `sources/sync.py`).
Recheck = Callable[[Collection[int], Collection[int]], int]

# Tells the workers of an edition, by its number, in the transaction that queues its deliveries (see `cluster.py`).
Dispatch = Callable[[Connection, int], None]

# Reserves step in for what a re-check took away, and are asked for in turn; a source that keeps losing items is not asked for ever.
RECHECKS = 3

# How the ledger tells what only some readers get.
LEDGER: dict[Place, Place | None] = {Place.NEXT: Place.EXTRA, Place.MISSED: None}


# From which states it goes out: what waits for an approval only when it has one.
READY: dict[Review, tuple[EditionState, ...]] = {
    "none": (EditionState.DRAFT, EditionState.APPROVED),
    "window": (EditionState.DRAFT, EditionState.APPROVED),
    "approve": (EditionState.APPROVED,),
}


def nobody(connection: Connection, edition_id: int) -> None:
    """Nobody has to be told: the workers look for themselves."""


def publish(
    engine: Engine,
    settings: Settings,
    newsletter: Newsletter,
    slot: datetime,
    *,
    now: datetime,
    allow_few: bool = False,
    despite_findings: bool = False,
    recheck: Recheck = lambda articles, comments: 0,
    dispatch: Dispatch = nobody,
) -> Published:
    """Makes the slot's edition, or takes its draft as editors left it, and queues one delivery for each reader. What is out, held, or waits for an
    approval is left as it is.

    With fewer than `limits.min_new` new articles the slot is skipped, unless `allow_few`; a slot skipped before may then be sent after all. A cadence
    that writes of every article skips none: `NothingNew`, and the next slot looks at the same time again.

    What the checker finds at the newsletter's `checks.stop_at` holds a draft; where there is none it raises `HeldBack`. `despite_findings`: not now.
    """
    ready = (*READY[newsletter.review], *((EditionState.SKIPPED,) if allow_few else ()))
    while True:
        with engine.begin() as connection:
            before = store.find(connection, newsletter.slug, newsletter.cadence, slot)
            if before and before.state not in ready:
                return Published(edition=before, queued=None)
        looked, work = _work_checked(engine, settings, newsletter, slot, now=now, allow_few=allow_few, recheck=recheck)
        chosen = work.chosen
        if newsletter.every_article and not chosen.choice.enough:
            raise NothingNew(f"{newsletter.label}: nothing new to write of. {' '.join(chosen.choice.notes)}".strip())
        prepared = prepare(chosen, settings) if chosen.choice.enough else None
        wrong = _stopping(prepared, chosen, settings) if prepared and not despite_findings else ()
        # Somebody may have come over from another cadence meanwhile, whose last edition it was not chosen for: then it is chosen anew.
        with suppress(Outgrown), engine.begin() as connection:
            store.lock(connection, newsletter.slug, now)
            # And another slot's edition may have taken the same items, or an editor changed this one: then from what is there now.
            if is_current(connection, looked):
                if wrong and not was_released(connection, looked.stored, wrong):
                    return Published(edition=hold_back(connection, newsletter, slot, looked.stored, findings=wrong, now=now), queued=None)
                return _publish(connection, work, prepared, now, dispatch)


def _stopping(prepared: Prepared, chosen: Chosen, settings: Settings) -> "tuple[Finding, ...]":
    # Imported here: a worker that only hands over needs no checks.
    from digest.checking import findings_of, stopping  # noqa: PLC0415

    return stopping(findings_of(prepared, chosen, settings), chosen.gathered.newsletter)


def _publish(connection: Connection, work: Working, prepared: Prepared | None, now: datetime, dispatch: Dispatch) -> Published:
    newsletter, slot, notes = work.newsletter, work.slot, work.chosen.choice.notes
    edition_id = _take_slot(connection, work, now=now, state=EditionState.SENDING if prepared else EditionState.SKIPPED)
    queued = None
    if edition_id and prepared:
        queued = _store(connection, edition_id, work.chosen, prepared, now)
        dispatch(connection, edition_id)
    edition = store.find(connection, newsletter.slug, newsletter.cadence, slot)
    if edition is None:
        raise LookupError(f"the edition of {newsletter.slug} at {slot} vanished while it was made")
    return Published(edition=edition, queued=queued, notes=notes + (prepared.notes if prepared else ()))


def _work_checked(
    engine: Engine, settings: Settings, newsletter: Newsletter, slot: datetime, *, now: datetime, allow_few: bool, recheck: Recheck
) -> tuple[Looked, Working]:
    """The edition as it stands, the sources asked once more for what is in it, and without what is gone there."""
    for _ in range(RECHECKS):
        with engine.begin() as connection:
            looked = look_up(connection, newsletter, slot, now)
        work = work_out(looked, settings, allow_few=allow_few)
        if not work.chosen.choice.enough or not recheck(*_to_be_shown(work.chosen)):
            break
    return looked, work


def _to_be_shown(chosen: Chosen) -> tuple[set[int], set[int]]:
    picks = chosen.choice.picks
    comments = {pick.id for pick in picks if pick.kind is Kind.COMMENT} | {pick.reply_id for pick in picks if pick.reply_id is not None}
    parents = {comment.parent_id for comment in chosen.gathered.shown.comments if comment.id in comments and comment.parent_id is not None}
    return {pick.article_id for pick in picks}, comments | parents


def _take_slot(connection: Connection, work: Working, *, now: datetime, state: EditionState) -> int | None:
    """The edition's id when this call may fill it; None when another made it in the meantime."""
    newsletter, span, before = work.newsletter, work.chosen.gathered.window, work.stored
    goes = state is EditionState.SENDING
    reason = "" if goes else " ".join(work.chosen.choice.notes)
    if before is None:
        return store.claim_slot(
            connection,
            newsletter=newsletter.slug,
            cadence=newsletter.cadence,
            slot=work.slot,
            window_start=span.start,
            cutoff=span.cutoff,
            state=state,
            now=now,
            reason=reason,
        )
    ours = let_go(
        connection,
        before.id,
        was=before.state,
        state=state,
        reason=reason,
        window_start=span.start,
        cutoff=span.cutoff,
        chosen_at=before.chosen_at or (now if goes else None),
        sending_at=now if goes else None,
    )
    return before.id if ours else None


def _store(connection: Connection, edition_id: int, chosen: Chosen, prepared: Prepared, now: datetime) -> int:
    store.fill_in(connection, edition_id, **fixed(chosen.choice, prepared), revision=0)
    write_ledger(connection, edition_id, list(ledger_items(chosen.choice, prepared.edition)))
    save_frames(connection, edition_id, prepared.frames)
    gathered = chosen.gathered
    newsletter, moved_to = gathered.newsletter, gathered.moved_to
    return allot(connection, edition_id, newsletter, prepared.edition.pool, slot=moved_to or gathered.slot, now=now, at_once=moved_to is not None)


def fixed(choice: Choice, prepared: Prepared) -> store.Fixed:
    """What an edition's row keeps of it."""
    return {
        "subject": prepared.edition.subject,
        "choice": to_json(choice),
        "headers": prepared.headers,
        "body": prepared.compiled.to_bytes(),
        "pool": to_bytes(prepared.edition.pool) if prepared.edition.pool else b"",
    }


def ledger_items(choice: Choice, edition: Edition) -> Iterator[LedgerItem]:
    """What the edition shows, and what it looked at and left out. Shown is what is in `edition`: the size budget may have dropped a pick. What some
    readers missed before had its own line then."""
    stories = {story.article_id: story for story in edition.stories}
    quotes = set(_quoted(edition))
    places = {(pick.kind, pick.id): LEDGER.get(pick.place, pick.place) for pick in choice.picks}
    for article_id in sorted({*choice.considered, *stories}):
        story = stories.get(article_id)
        place = places.get((Kind.ARTICLE, article_id)) if story else None
        yield LedgerItem(kind=Kind.ARTICLE, item_id=article_id, place=place, comments_then=story.comment_count if story and place else 0)
    replies = {pick.reply_id: pick.place for pick in choice.picks if pick.reply_id is not None}
    for comment_id in sorted(quotes):
        yield LedgerItem(kind=Kind.COMMENT, item_id=comment_id, place=places.get((Kind.COMMENT, comment_id)) or replies.get(comment_id))


def _quoted(edition: Edition) -> Iterable[int]:
    shown = [story.quote for story in edition.stories if story.quote]
    for quote in (*shown, *edition.top_comments, *edition.recent_comments):
        yield quote.comment_id
        if quote.reply:
            yield quote.reply.comment_id
