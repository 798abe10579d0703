"""Of a personal edition only what some reader gets is drawn; whoever chooses anew while it is made loses nothing by that."""

from collections.abc import Collection

from sqlalchemy import Engine

from digest.editions import store
from digest.editions.pool import Pool
from digest.editions.pool_record import from_bytes
from digest.publish import publish
from digest.render.compiled import CompiledEdition
from digest.render.outline import kind
from subscribers.wish import Wish
from tests.test_deliver import SLOT, fill, settings_for
from tests.test_personal_edition import SEA, follow, part, reader, sent

BOTH = Wish(sections=frozenset({"Sea", "Town"}))
LIMITS = {"articles": 3, "filler": 0, "reserves": 5}


def stored(engine: Engine, edition_id: int) -> tuple[Pool, set[str]]:
    """The pool, and the names of the blocks that were drawn."""
    with engine.begin() as connection:
        found = store.load_bytes(connection, edition_id)
    return from_bytes(found.pool), {name for block in CompiledEdition.from_bytes(found.body).blocks for name in block.path}


def test_only_what_some_reader_gets_is_drawn(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url, limits=LIMITS)
    fill(engine, articles=30, readers=2)
    follow(engine, BOTH)
    edition = publish(engine, settings, settings.newsletter("weekly"), SLOT, now=SLOT).edition
    pool, blocks = stored(engine, edition.id)
    drawn = {item.id for item in pool.items if item.drawn}
    assert len(drawn) <= 6 < len(pool.items)
    assert {f"article-{number}" for number in drawn} == {name for name in blocks if kind(name) == "article"}
    assert {f"lead-{item.id}" for item in pool.items if item.leads} == {name for name in blocks if kind(name) == "lead"}


def test_whoever_chooses_anew_while_it_is_made_gets_all_of_it(engine: Engine, database_url: str) -> None:
    settings = settings_for(database_url, limits=LIMITS)
    fill(engine, articles=30, readers=2)
    follow(engine, BOTH)
    rounds = 0

    def meanwhile(looked_at: Collection[int], comments: Collection[int]) -> int:
        nonlocal rounds
        rounds += 1
        follow(engine, BOTH, SEA)
        return 0

    edition = publish(engine, settings, settings.newsletter("weekly"), SLOT, now=SLOT, recheck=meanwhile).edition
    assert rounds == 2
    pool, _ = stored(engine, edition.id)
    sea = sorted((item for item in pool.items if item.section == "sea"), key=lambda item: (-item.score, item.id))
    assert [item.drawn for item in sea] == [True] * 3 + [False] * (len(sea) - 3)
    told = part(sent(engine, settings)[reader(1)].data, "html").count("somebody found a")
    assert told == 3
