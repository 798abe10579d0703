"""An edition that is being sent, made anew without what may not be shown any more."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, Engine

from digest.delivery import plans
from digest.delivery.recall import cancel
from digest.editions import change_store, store
from digest.editions.choose import drop
from digest.editions.demand import NOBODY, Demand
from digest.editions.frames import save_frames
from digest.editions.gone import gone, named_in
from digest.editions.ledger import LedgerItem, write_ledger
from digest.editions.pool_record import from_bytes
from digest.editions.record import from_json
from digest.editions.values import EditionState, Kind
from digest.material import gather_again
from digest.newsletter import Newsletter
from digest.prepare import Chosen, prepare
from digest.publish import fixed, ledger_items
from digest.settings import Settings
from subscribers.wish import Wish


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
        if not comments and named_in(choice).isdisjoint(articles):
            return False
        changes = change_store.load(connection, edition.id)
        gathered = gather_again(connection, newsletter, edition, choice, demand=_demand(connection, edition.id, stored))
    gone_articles, gone_comments = gone(choice, gathered.snapshot, newsletter, changes.asked)
    left = drop(choice, gone_articles, gone_comments)
    if not left.enough:
        return _cancel(engine, edition.id, now)
    prepared = prepare(Chosen(gathered=gathered, choice=left, changes=changes), settings)
    lost = [LedgerItem(kind=Kind.ARTICLE, item_id=item, place=None) for item in sorted(gone_articles)]
    lost += [LedgerItem(kind=Kind.COMMENT, item_id=item, place=None) for item in sorted(gone_comments)]
    with engine.begin() as connection:
        changed = store.fill_in(connection, edition.id, **fixed(left, prepared), revision=stored.revision)
        if changed:
            save_frames(connection, edition.id, prepared.frames)
            write_ledger(connection, edition.id, [*ledger_items(left, prepared.edition), *lost])
        return changed


def _demand(connection: Connection, edition_id: int, stored: store.Bytes) -> Demand:
    """That of those who are queued for it."""
    if not stored.pool:
        return replace(NOBODY, languages=frozenset(stored.frames))
    wishes = frozenset(map(Wish.parse, plans.keys(connection, edition_id)))
    return replace(Demand.met_by(from_bytes(stored.pool)), languages=frozenset(stored.frames), wishes=wishes)


def _cancel(engine: Engine, edition_id: int, now: datetime) -> bool:
    reason = "everything in it was removed at its source before it was sent"
    with engine.begin() as connection:
        changed = store.change_state(connection, edition_id, was=EditionState.SENDING, becomes=EditionState.CANCELLED, now=now, reason=reason)
        if changed:
            cancel(connection, edition_id, now)
        return changed
