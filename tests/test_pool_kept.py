"""An edition with a pool: what is gathered for it, what its ledger says, and how it is made anew when something in it falls."""

from datetime import timedelta

from sqlalchemy import Engine, select, update

from digest.content.tables import ArticleRow
from digest.editions import store
from digest.editions.demand import Demand
from digest.editions.ledger import write_ledger
from digest.editions.pool import Had, Pool
from digest.editions.pool_record import from_bytes
from digest.editions.record import from_json
from digest.editions.tables import EditionItem
from digest.editions.values import Kind, Place
from digest.prepare import choose_from, gather_for, prepare
from digest.publish import fixed, ledger_items
from digest.settings import Settings
from tests.test_deliver import SLOT
from tests.test_refresh import picks, published, refreshed, withdraw

SERVED = "daily 20261121T0700Z"


def with_pool(engine: Engine, settings: Settings, edition: store.StoredEdition, demand: Demand) -> None:
    """The published edition made again for readers of that demand."""
    with engine.begin() as connection:
        chosen = choose_from(gather_for(connection, settings.newsletter("weekly"), SLOT, demand), site=settings.publication.url)
    prepared = prepare(chosen, settings)
    with engine.begin() as connection:
        revision = store.load_bytes(connection, edition.id).revision
        assert store.fill_in(connection, edition.id, **fixed(chosen.choice, prepared), revision=revision)
        write_ledger(connection, edition.id, list(ledger_items(chosen.choice, prepared.edition)))


def pool_of(engine: Engine, edition: store.StoredEdition) -> Pool:
    with engine.begin() as connection:
        return from_bytes(store.load_bytes(connection, edition.id).pool)


def places(engine: Engine, edition: store.StoredEdition) -> dict[int, Place | None]:
    lines = select(EditionItem.item_id, EditionItem.place).where(EditionItem.edition_id == edition.id, EditionItem.kind == Kind.ARTICLE)
    with engine.begin() as connection:
        return {row.item_id: row.place for row in connection.execute(lines)}


def test_what_was_missed_is_gathered_with_its_talk_and_what_nobody_missed_is_not(engine: Engine, database_url: str) -> None:
    settings, edition = published(engine, database_url)
    lead, *others = picks(engine, edition, "lead") + picks(engine, edition, "section")
    demand = Demand(served={SERVED: Had(missed=frozenset({lead, others[0]}))})
    withdraw(engine, others[0])
    with engine.begin() as connection:
        connection.execute(update(ArticleRow).where(ArticleRow.id.in_([lead, others[0]])).values(published_at=SLOT - timedelta(days=3)))
        later = SLOT + timedelta(days=14)
        gathered = gather_for(connection, settings.newsletter("weekly"), later, demand)
        plain = gather_for(connection, settings.newsletter("weekly"), later)
    assert [one.id for one in gathered.snapshot.missed] == [lead]
    assert {one.article_id for one in gathered.snapshot.comments} == {one.article_id for one in plain.snapshot.comments} | {lead}
    assert plain.snapshot.missed == ()


def test_the_ledger_tells_what_only_some_get_and_what_they_missed_keeps_its_own_line(engine: Engine, database_url: str) -> None:
    settings, edition = published(engine, database_url)
    with_pool(engine, settings, edition, Demand(muted=True))
    found = places(engine, edition)
    further = picks(engine, edition, "next")
    assert further
    assert {found[number] for number in further} == {Place.EXTRA}
    assert {item.id for item in pool_of(engine, edition).items} == {number for number, place in found.items() if place is not None}


def test_what_falls_leaves_the_pool_and_the_next_of_the_ranking_steps_in(engine: Engine, database_url: str) -> None:
    settings, edition = published(engine, database_url)
    had = {SERVED: Had(articles=frozenset({3}))}
    with_pool(engine, settings, edition, Demand(muted=True, served=had))
    lead, first, second = (*picks(engine, edition, "lead"), *picks(engine, edition, "next")[:2])
    withdraw(engine, lead, first)
    assert refreshed(engine, settings, edition)
    assert second in picks(engine, edition, "lead") + picks(engine, edition, "section")
    pool = pool_of(engine, edition)
    assert pool.served == had
    assert {lead, first}.isdisjoint(item.id for item in pool.items)
    assert next(item.rank for item in pool.items if item.id == second) in range(settings.newsletter("weekly").limits.articles)
    with engine.begin() as connection:
        choice = from_json(store.load_choice(connection, edition.id))
    assert f"The article {lead} fell before the send; {second} stepped in from the reserve." in choice.notes
    assert places(engine, edition)[lead] is None
