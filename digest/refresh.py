"""Once more before the hand-over: what was removed at its source after the edition was fixed leaves the messages not yet sent."""

from datetime import datetime

from sqlalchemy import Engine

from digest.content.gather import gather_items
from digest.content.values import Snapshot
from digest.editions import store
from digest.editions.choose import drop
from digest.editions.ledger import LedgerItem, fallen, write_ledger
from digest.editions.record import from_json
from digest.editions.values import Choice, EditionState, Kind
from digest.editions.window import Window
from digest.newsletter import Newsletter
from digest.prepare import Chosen, Gathered, prepare
from digest.publish import fixed, ledger_items
from digest.settings import Settings


def refresh(engine: Engine, settings: Settings, newsletter: Newsletter, edition: store.StoredEdition, *, now: datetime) -> bool:
    """Takes fallen items out of a sending edition, reserves stepping in. True when its bytes changed; two at once do it once.

    An edition of which nothing is left to show is cancelled, with the reason.
    """
    with engine.begin() as connection:
        articles, comments = fallen(connection, edition.id)
        if not articles and not comments:
            return False
        revision = store.load_bytes(connection, edition.id).revision
        choice = drop(from_json(store.load_choice(connection, edition.id)), set(articles), set(comments))
        snapshot = gather_items(connection, articles={pick.article_id for pick in choice.picks}, comments_until=edition.cutoff)
    lost = [LedgerItem(kind=Kind.ARTICLE, item_id=item, place=None) for item in sorted(articles)]
    lost += [LedgerItem(kind=Kind.COMMENT, item_id=item, place=None) for item in sorted(comments)]
    if not any(pick.kind is Kind.ARTICLE for pick in choice.picks):
        with engine.begin() as connection:
            reason = "everything in it was removed at its source before it was sent"
            return store.change_state(connection, edition.id, was=EditionState.SENDING, becomes=EditionState.CANCELLED, now=now, reason=reason)
    prepared = prepare(_chosen(newsletter, edition, choice, snapshot), settings)
    items = [*ledger_items(choice, prepared.edition), *lost]
    with engine.begin() as connection:
        changed = store.fill_in(connection, edition.id, **fixed(choice, prepared), revision=revision)
        if changed:
            write_ledger(connection, edition.id, items)
        return changed


def _chosen(newsletter: Newsletter, edition: store.StoredEdition, choice: Choice, snapshot: Snapshot) -> Chosen:
    span = Window(start=choice.window_start, cutoff=choice.cutoff, reach=choice.window_start)
    return Chosen(gathered=Gathered(newsletter=newsletter, slot=edition.slot, window=span, snapshot=snapshot, last_subject=""), choice=choice)
