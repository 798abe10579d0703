import subprocess
import sys
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from digest.editions.fit import fit
from digest.editions.plan import NOTHING_HAD, Planner, plan
from digest.editions.pool import Had, Item, Plan, Pool, Said
from digest.editions.pool_record import from_bytes, to_bytes
from digest.editions.titles import titles
from subscribers.wish import EVERYTHING, Wish
from tests.editions.pools import SERVED, pools, wishes


def item(number: int, section: str = "", *, rank: int | None = None, score: float | None = None, author: str = "", **given: Any) -> Item:
    return Item(id=number, section=section, author=author, rank=rank, score=-number if score is None else score, title=f"Story {number}", **given)


POOL = Pool(
    items=(
        item(1, "harbour", rank=0),
        item(4, "harbour", rank=3, author="ada quay"),
        item(8, "harbour"),
        item(2, "town", rank=1),
        item(3, "town", rank=2),
        item(6, "sea"),
        item(7, "sea", author="ada quay"),
        item(9, "sea", score=-2.5, missed=True),
    ),
    top=(Said(id=51, article_id=1, section="harbour", author=""), Said(id=52, article_id=2, section="town", author="")),
    recent=(Said(id=53, article_id=4, section="harbour", author="ada quay"),),
    join=(3, 8, 1, 2),
    articles=3,
    filler=2,
    join_links=2,
    served={SERVED: Had(articles=frozenset({1}), comments=frozenset({52}), missed=frozenset({9}))},
)


def of(wish: Wish, pool: Pool = POOL) -> Plan:
    found = plan(pool, wish)
    assert found is not None
    return found


def test_whoever_chose_nothing_gets_the_ranking() -> None:
    assert of(EVERYTHING) == Plan(lead=1, stories=(2, 3), ranked=(1, 2, 3), top=(51, 52), recent=(53,), join=(3, 1))


def test_whoever_follows_gets_the_best_of_it_whatever_its_rank_and_however_the_name_is_spelled() -> None:
    assert of(Wish(sections=frozenset({"SEA", "Harbour "}))).ranked == (1, 4, 6)
    assert of(Wish(authors=frozenset({"Ada Quay"}))).ranked == (4, 7)


def test_too_few_are_filled_up_with_the_best_of_the_site() -> None:
    found = of(Wish(sections=frozenset({"Sea"}), muted_authors=frozenset({"Ada Quay"})))
    assert (found.lead, found.stories, found.filled) == (6, (1,), frozenset({1}))


def test_the_muted_make_room_for_what_comes_next_and_their_comments_go() -> None:
    found = of(Wish(muted_sections=frozenset({"Town"})))
    assert (found.ranked, found.top, found.join) == ((1, 4), (51,), (1,))


def test_whoever_came_from_another_cadence_gets_what_they_missed_and_nothing_they_had() -> None:
    found = of(Wish(served=SERVED))
    assert (found.ranked, found.lead, found.top) == ((2, 9, 3), 2, (51,))
    assert 9 not in of(Wish(sections=frozenset({"Sea"}))).ranked
    assert of(Wish(sections=frozenset({"Sea"}), served=SERVED)).ranked == (9, 6, 7)


def test_a_pin_leads_even_where_it_is_muted_and_alone_it_is_no_reason_to_write() -> None:
    pool = Pool(items=(item(1, "town", rank=0, pinned=True, first=True), item(2, "sea", rank=1)), articles=2)
    assert of(Wish(sections=frozenset({"Sea"}), muted_sections=frozenset({"Town"})), pool).ranked == (1, 2)
    assert plan(pool, Wish(muted_sections=frozenset({"Town", "Sea"}))) is None
    assert plan(pool, Wish(sections=frozenset({"Harbour"}))) is None
    assert of(Wish(sections=frozenset({"Town"})), pool).ranked == (1,)


def test_what_an_editor_pinned_is_in_every_selection_and_leads_none() -> None:
    pool = Pool(items=(item(1, "town", rank=0), item(2, "sea", rank=1), item(3, "harbour", rank=2, pinned=True)), articles=3)
    assert of(EVERYTHING, pool).ranked == (1, 3, 2)
    assert of(Wish(sections=frozenset({"Sea"}), muted_sections=frozenset({"Harbour"})), pool).ranked == (2, 3)


def test_what_an_editor_leads_with_leads_where_it_is_and_is_forced_on_nobody() -> None:
    pool = Pool(items=(item(1, "town", rank=0, first=True), item(2, "town", rank=1, score=9), item(3, "sea", rank=2)), articles=3)
    assert of(Wish(sections=frozenset({"Town"})), pool).ranked == (1, 2)
    assert of(Wish(sections=frozenset({"Sea"})), pool).ranked == (3,)
    small = Pool(items=pool.items, articles=1)
    assert of(Wish(sections=frozenset({"Town"})), small).ranked == (2,)


def test_a_pinned_top_comment_is_muted_by_nobody() -> None:
    said = Said(id=51, article_id=1, section="town", author="", pinned=True)
    pool = Pool(items=(item(1, "sea", rank=0),), top=(said,), articles=3)
    assert of(Wish(muted_sections=frozenset({"Town"})), pool).top == (51,)


def test_without_a_lead_block_all_are_in_their_sections_and_without_both_there_are_none() -> None:
    pool = Pool(items=POOL.items, articles=3, leads=False)
    assert (of(EVERYTHING, pool).lead, of(EVERYTHING, pool).stories) == (None, (1, 2, 3))
    assert of(EVERYTHING, Pool(items=POOL.items, articles=0)).blocks == frozenset()


def test_blocks_are_named_as_they_are_compiled() -> None:
    assert of(EVERYTHING).blocks == {"lead-1", "article-2", "article-3", "top-51", "top-52", "recent-53", "join-3", "join-1"}


def test_a_worker_makes_plans_and_titles_without_what_draws_and_stores() -> None:
    modules = ("fit", "plan", "pool_record", "titles")
    script = "import sys\n" + "\n".join(f"import digest.editions.{name}" for name in modules) + "\nprint(*sys.modules)"
    loaded = {
        name.partition(".")[0] for name in subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout.split()
    }
    assert not loaded & {"jinja2", "lxml", "nh3", "premailer", "pydantic", "sqlalchemy"}


@given(pools(), wishes)
def test_what_a_plan_holds(pool: Pool, wish: Wish) -> None:
    found = plan(pool, wish)
    had = pool.served.get(wish.served, NOTHING_HAD)
    kept = [one for one in pool.items if wanted_by_rule(one, wish, had)]
    asked = [one for one in kept if not (wish.sections or wish.authors) or follows(one, wish)]
    asked = [one for one in asked if wish.sections or wish.authors or one.rank is not None or one.missed]
    assert (found is None) == (not asked)
    if found is None:
        return
    by_id = {one.id: one for one in pool.items}
    shown = [by_id[number] for number in found.ranked]
    pinned = [one for one in pool.items if one.pinned]
    assert len(set(found.ranked)) == len(found.ranked) <= pool.articles
    assert all(one in kept or one.pinned for one in shown)
    assert {one.id for one in pinned} <= set(found.ranked)
    leads = [one.id for one in shown if one.first and one.id not in found.filled]
    assert found.ranked[0] in (leads or [one.id for one in asked] + [one.id for one in pinned])
    assert not asked or leads or len(pinned) >= pool.articles or shown[0] in asked
    assert {one.id for one in shown[1 : len(pinned) + 1]} >= {one.id for one in pinned} - {found.ranked[0]}
    assert found.lead == (found.ranked[0] if pool.leads else None)
    assert set(found.stories) | ({found.lead} if pool.leads else set()) == set(found.ranked)
    places = [one.id for one in pool.items]
    assert list(found.stories) == sorted(found.stories, key=places.index)
    assert found.filled == {one.id for one in shown if one not in asked and not one.pinned}
    assert all(by_id[number].rank is not None or by_id[number].missed for number in found.filled)
    if found.filled:
        assert len(shown) <= min(pool.filler, pool.articles)
    elif len(shown) < min(pool.filler, pool.articles):
        assert all(one in shown for one in kept if one.rank is not None)
    if wish.sections or wish.authors:
        best = [one.id for one in sorted(asked, key=lambda one: (-one.score, one.id)) if not one.pinned]
        own = [one.id for one in shown if one in asked and not one.pinned]
        assert sorted(own, key=best.index) == best[: len(own)]
        assert len(own) == min(len(best), pool.articles - len(pinned))


@given(pools(), wishes)
def test_comments_and_talk_are_parts_of_the_pools_in_its_order(pool: Pool, wish: Wish) -> None:
    found = plan(pool, wish)
    if found is None:
        return
    had = pool.served.get(wish.served, NOTHING_HAD)
    for said, shown in ((pool.top, found.top), (pool.recent, found.recent)):
        assert shown == tuple(one.id for one in said if one.id not in had.comments and not mutes(one, wish))
    assert found.join == tuple(number for number in pool.join if number in found.ranked)[: pool.join_links]


@given(pools(), wishes)
def test_a_planner_makes_the_same_plan_every_time_and_from_bytes(pool: Pool, wish: Wish) -> None:
    again = from_bytes(to_bytes(pool))
    assert again == pool
    assert to_bytes(again) == to_bytes(pool)
    planner = Planner(again)
    assert planner.plan(wish) == planner.plan(wish) == plan(pool, wish)


@given(pools(), wishes)
def test_titles_are_one_line_of_what_the_plan_holds(pool: Pool, wish: Wish) -> None:
    found = plan(pool, wish)
    if found is None:
        return
    made = titles(pool, found)
    assert made == titles(pool, found)
    assert 0 < len(made.subject) <= 100
    assert len(made.preheader) <= 90
    assert "\n" not in made.subject + made.preheader
    assert "rope" not in made.subject.casefold()


@given(pools(), wishes, st.integers(0, 2_000))
def test_a_plan_above_the_budget_loses_its_last_items_but_never_the_best_story(pool: Pool, wish: Wish, room: int) -> None:
    found = plan(pool, wish)
    if found is None:
        return
    sizes = dict.fromkeys(found.blocks, 100)
    fitted = fit(found, sizes, room)
    assert fitted.blocks <= found.blocks
    assert fitted.ranked == found.ranked[: len(fitted.ranked)]
    assert fitted.ranked[:1] == found.ranked[:1]
    assert 100 * len(fitted.blocks) <= room or (len(fitted.ranked) <= 1 and not fitted.top and not fitted.recent)
    assert fitted == found or 100 * len(found.blocks) > room
    assert not fitted.recent or fitted.ranked == found.ranked
    assert fitted.top == found.top or len(fitted.ranked) == 1


def follows(one: Item, wish: Wish) -> bool:
    return one.section in folded(wish.sections) or one.author in folded(wish.authors)


def mutes(one: Item | Said, wish: Wish) -> bool:
    return one.section in folded(wish.muted_sections) or one.author in folded(wish.muted_authors)


def folded(names: frozenset[str]) -> set[str]:
    return {name.casefold() for name in names}


def wanted_by_rule(one: Item, wish: Wish, had: Had) -> bool:
    """Neither muted nor had; what was missed only by those who missed it."""
    return not mutes(one, wish) and one.id not in had.articles and (not one.missed or one.id in had.missed)
