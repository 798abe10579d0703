"""An edition that is being sent, made anew without what may not be shown any more."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, Engine

from digest.content.gather import gather_items
from digest.delivery.recall import cancel
from digest.editions import store
from digest.editions.choose import drop
from digest.editions.demand import NOBODY, Demand
from digest.editions.frames import save_frames
from digest.editions.gates import Gates
from digest.editions.ledger import LedgerItem, write_ledger
from digest.editions.pool_record import from_bytes
from digest.editions.record import from_json
from digest.editions.talks import talks
from digest.editions.values import Choice, EditionState, Kind, Pick
from digest.editions.window import Window
from digest.newsletter import Newsletter
from digest.prepare import Chosen, Gathered, prepare
from digest.publish import fixed, ledger_items
from digest.settings import Settings


def recompose(
    engine: Engine,
    settings: Settings,
    newsletter: Newsletter,
    edition: store.StoredEdition,
    *,
    articles: Collection[int],
    comments: Collection[int],
    now: datetime,
) -> bool:
    """The edition without these fallen `articles` and `comments`, reserves stepping in. True when its bytes changed; two at once do it once."""
    with engine.begin() as connection:
        stored = store.load_bytes(connection, edition.id)
        choice = from_json(store.load_choice(connection, edition.id))
        if not comments and _named(choice).isdisjoint(articles):
            return False
        demand = replace(Demand.met_by(from_bytes(stored.pool)) if stored.pool else NOBODY, languages=frozenset(stored.frames))
        gathered = _gathered(connection, newsletter, edition, choice, demand)
    gone_articles, gone_comments = _gone(choice, gathered)
    left = drop(choice, gone_articles, gone_comments)
    if not left.enough:
        return _cancel(engine, edition.id, now)
    prepared = prepare(Chosen(gathered=gathered, choice=left), settings)
    lost = [LedgerItem(kind=Kind.ARTICLE, item_id=item, place=None) for item in sorted(gone_articles)]
    lost += [LedgerItem(kind=Kind.COMMENT, item_id=item, place=None) for item in sorted(gone_comments)]
    with engine.begin() as connection:
        changed = store.fill_in(connection, edition.id, **fixed(left, prepared), revision=stored.revision)
        if changed:
            save_frames(connection, edition.id, prepared.frames)
            write_ledger(connection, edition.id, [*ledger_items(left, prepared.edition), *lost])
        return changed


def _cancel(engine: Engine, edition_id: int, now: datetime) -> bool:
    reason = "everything in it was removed at its source before it was sent"
    with engine.begin() as connection:
        changed = store.change_state(connection, edition_id, was=EditionState.SENDING, becomes=EditionState.CANCELLED, now=now, reason=reason)
        if changed:
            cancel(connection, edition_id, now)
        return changed


def _named(choice: Choice) -> set[int]:
    """Every article the edition shows, quotes from, names under another, or keeps in reserve."""
    return {pick.article_id for pick in choice.picks} | {number for pick in choice.picks for number in pick.also}


def _gathered(connection: Connection, newsletter: Newsletter, edition: store.StoredEdition, choice: Choice, demand: Demand) -> Gathered:
    span = Window(start=choice.window_start, cutoff=choice.cutoff, reach=choice.window_start)
    snapshot = gather_items(connection, articles=_named(choice) | set(choice.considered), comments_until=edition.cutoff)
    last = store.last_out(connection, newsletter.slug, newsletter.cadence, edition.slot)
    subject = last.subject if last else ""
    return Gathered(newsletter=newsletter, slot=edition.slot, window=span, snapshot=snapshot, last_subject=subject, demand=demand)


def _gone(choice: Choice, gathered: Gathered) -> tuple[set[int], set[int]]:
    """The articles and comments of the choice that may not be shown any more, reserves counted."""
    shown = talks(gathered.snapshot, Gates(gathered.newsletter, choice.cutoff)).by_article
    comments = {number: pick.article_id for pick in choice.picks for number in _comments(pick)}
    lost = {number for number, article_id in comments.items() if article_id not in shown or number not in shown[article_id].by_id}
    return _named(choice) - shown.keys(), lost


def _comments(pick: Pick) -> set[int]:
    quoted = {pick.id} if pick.kind is Kind.COMMENT else set()
    return quoted | ({pick.reply_id} if pick.reply_id is not None else set())
