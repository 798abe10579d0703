"""All that the edition of a slot may be made of, read from the store in one go: for an edition to be chosen, and for one that is chosen already."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from digest.content.values import Snapshot
from digest.editions.changes import UNCHANGED, Changes
from digest.editions.demand import NOBODY, Demand
from digest.editions.gone import named_in
from digest.editions.ledger import History, history
from digest.editions.met import first_met_in
from digest.editions.store import StoredEdition, beginning, first_start, last_out
from digest.editions.values import Choice, Kind
from digest.editions.window import Window, window
from digest.newsletter import Newsletter

# As in `prepare.py`: a worker that only hands over would hold 30 MB of libraries for nothing.
# ruff: noqa: PLC0415

NOTHING = Snapshot(articles=(), comments=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """All that the edition of a slot may be made of, read in one go."""

    newsletter: Newsletter
    slot: datetime
    window: Window
    snapshot: Snapshot
    last_subject: str
    demand: Demand = NOBODY
    named: Snapshot = NOTHING  # what editors' changes name, and the program would not have looked at
    moved_to: datetime | None = None  # an editor sends it then, and not at its slot

    @property
    def shown(self) -> Snapshot:
        """All that an edition may be composed of."""
        if not self.named.articles:
            return self.snapshot
        others = (*self.snapshot.others, *self.named.articles)
        return replace(self.snapshot, others=others, comments=(*self.snapshot.comments, *self.named.comments))


def gather_for(
    connection: Connection,
    newsletter: Newsletter,
    slot: datetime,
    demand: Demand = NOBODY,
    *,
    changes: Changes = UNCHANGED,
    until: datetime | None = None,
) -> Gathered:
    """Reads the store for `slot`'s edition, in a fixed number of queries. `demand` is what its readers want beyond what everybody gets, `changes` are
    those of editors; `until`: the cut-off, where it is not the slot's own."""
    from digest.content.gather import gather

    last = last_out(connection, newsletter.slug, newsletter.cadence, slot)
    span = _span(connection, newsletter, slot, last)
    span = span if until is None else replace(span, cutoff=until)
    past = _past(connection, newsletter, slot)
    with without_collection():
        snapshot = gather(
            connection,
            sources=newsletter.sources,
            start=span.reach,
            cutoff=span.cutoff,
            comments_from=span.start,
            sent=past.sent,
            considered=past.considered,
            quoted=past.quoted,
            quoted_people=past.quoted_people,
            missed=demand.missed,
        )
    named = gather_named(connection, changes, snapshot, span.cutoff)
    subject = last.subject if last else ""
    return Gathered(newsletter=newsletter, slot=slot, window=span, snapshot=snapshot, last_subject=subject, demand=demand, named=named)


def gather_again(
    connection: Connection, newsletter: Newsletter, edition: StoredEdition, choice: Choice, *, demand: Demand, changes: Changes = UNCHANGED
) -> Gathered:
    """What is left of all that the edition was chosen from, and what changes name besides. What came after its cut-off is not in it."""
    from digest.content.gather import gather_items

    span = Window(start=choice.window_start, cutoff=choice.cutoff, reach=choice.window_start)
    past = _past(connection, newsletter, edition.slot)
    found = gather_items(connection, articles=named_in(choice) | set(choice.considered), comments_until=choice.cutoff)
    snapshot = replace(found, considered=past.considered, quoted=past.quoted, quoted_people=past.quoted_people)
    last = last_out(connection, newsletter.slug, newsletter.cadence, edition.slot)
    return Gathered(
        newsletter=newsletter,
        slot=edition.slot,
        window=span,
        snapshot=snapshot,
        last_subject=last.subject if last else "",
        demand=demand,
        named=gather_named(connection, changes, snapshot, choice.cutoff),
        moved_to=edition.moved_to,
    )


def gather_named(connection: Connection, changes: Changes, snapshot: Snapshot, cutoff: datetime) -> Snapshot:
    """The articles that changes name, or whose comments they name, with all their comments: as far as they are published, and not in `snapshot`."""
    from digest.content.gather import articles_of, gather_items

    items = changes.items
    known = {article.id for article in (*snapshot.articles, *snapshot.others, *snapshot.missed)}
    comments = items[Kind.COMMENT] - {comment.id for comment in snapshot.comments} if items[Kind.COMMENT] else frozenset()
    wanted = (items[Kind.ARTICLE] | (articles_of(connection, comments) if comments else frozenset())) - known
    return gather_items(connection, articles=wanted, comments_until=cutoff) if wanted else NOTHING


def span_of(connection: Connection, newsletter: Newsletter, slot: datetime) -> Window:
    """Which stretch of time the slot's edition looks at."""
    return _span(connection, newsletter, slot, last_out(connection, newsletter.slug, newsletter.cadence, slot))


def _span(connection: Connection, newsletter: Newsletter, slot: datetime, last: StoredEdition | None) -> Window:
    slug, cadence, others = newsletter.slug, newsletter.cadence, newsletter.cadence_names
    first = first_start(connection, slug, cadence, slot)
    if last or first:
        return window(newsletter, slot, last_cutoff=last.seen_until if last else None, first_start=first)
    met = first_met_in(connection, slug, cadence) if newsletter.every_article else None
    stood = beginning(connection, slug, cadence, slot, others=others) if len(others) > 1 else None
    return window(newsletter, slot, last_cutoff=None, first_start=None, met=met, stood=stood)


def unchanged(connection: Connection, gathered: Gathered) -> bool:
    """Whether no other edition of the newsletter has taken anything, or given it back, since this was gathered."""
    past = _past(connection, gathered.newsletter, gathered.slot)
    return (past.considered, past.quoted) == (gathered.snapshot.considered, gathered.snapshot.quoted)


def _past(connection: Connection, newsletter: Newsletter, slot: datetime) -> History:
    oldest = slot - timedelta(days=newsletter.articles.maximum_age_days)
    return history(connection, newsletter.slug, newsletter.cadence, slot, oldest)


@contextmanager
def without_collection() -> Iterator[None]:
    """The search for rings of garbage stands still, in the whole process, and goes on however this ends. Values that hold no rings need nobody who
    looks for them: among 100,000 comments that takes an eighth of the time. Where two do this at once, the first to have begun switches it on again.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
