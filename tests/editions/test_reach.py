"""Only what stands in some reader's selection is drawn, and nobody's selection is another for it."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from digest.content.values import Snapshot
from digest.editions.compose import compose
from digest.editions.demand import Demand
from digest.editions.plan import Planner, plan
from digest.editions.pool import Item, Pool
from digest.editions.reach import Reach, Reacher, drawn, reach, reduced
from digest.editions.values import Edition
from subscribers.wish import EVERYTHING, Wish
from tests.editions.pools import pools, wishes
from tests.editions.snapshots import CUTOFF, article, comment, newsletter
from tests.editions.test_demand import chosen


def only(pool: Pool, its: Reach) -> Pool:
    return replace(pool, items=tuple(replace(item, drawn=item.id in its.stories, leads=item.id in its.leads) for item in pool.items))


@given(pools(), st.lists(wishes, max_size=5), st.integers(0, 9))
def test_each_reader_s_selection_is_the_same_as_if_all_were_drawn(pool: Pool, some: list[Wish], articles: int) -> None:
    pool = replace(pool, articles=articles)
    less = only(pool, reach(pool, some))
    for wish in (EVERYTHING, *some):
        assert plan(less, wish) == plan(pool, wish)


@given(pools(), st.lists(wishes, max_size=5))
def test_nothing_is_drawn_that_is_in_no_selection(pool: Pool, some: list[Wish]) -> None:
    pool = replace(pool, items=tuple(replace(item, pinned=False) for item in pool.items))
    its, plans = reach(pool, some), [plan(pool, wish) for wish in (EVERYTHING, *some)]
    assert its.stories == {number for one in plans if one for number in one.ranked}
    assert its.leads == {one.lead for one in plans if one and one.lead is not None}
    assert drawn(only(pool, its)) == its


@given(pools(), st.lists(wishes, max_size=3), wishes)
def test_a_wish_that_nobody_had_is_told_apart_where_it_would_lose_anything(pool: Pool, some: list[Wish], late: Wish) -> None:
    less = only(pool, reach(pool, some))
    its = Reacher(less).of(late)
    assert its == Reacher(pool).of(late)
    if its is None or its | drawn(less) == drawn(less):
        assert plan(less, late) == plan(pool, late)


def test_whoever_comes_later_still_gets_a_mail_with_what_leads_nobody_s_at_its_head() -> None:
    sea = tuple(Item(id=number, section="sea", author="", score=-number, rank=number, leads=number == 2) for number in (1, 2, 3))
    found = Planner(Pool(items=sea, articles=3)).plan(Wish(sections=frozenset({"Sea"})))
    assert found is not None
    assert (found.lead, found.stories, found.ranked) == (2, (1, 3), (1, 2, 3))


def made(demand: Demand) -> Edition:
    sections = ("Harbour", "Town", "Sea")
    articles = tuple(article(number, section=sections[number % 3]) for number in range(1, 31))
    snapshot = Snapshot(articles=articles, comments=tuple(comment(number, article_id=number) for number in range(1, 31)))
    letter = newsletter(limits={"articles": 3, "reserves": 2})
    choice = chosen(snapshot, letter, demand=demand)
    served = demand.served if demand.personal else None
    return compose(choice, snapshot, letter, slot=CUTOFF, publication_name="The Post", site_url="https://post.example", served=served)


def test_an_edition_holds_what_its_readers_get_and_what_else_was_chosen_is_known() -> None:
    sea = Wish(sections=frozenset({"Sea"}))
    demand = Demand.of([sea], {})
    whole = made(demand)
    assert whole.pool is not None
    less = reduced(whole, reach(whole.pool, [sea]))
    assert less.pool is not None
    everybody, theirs = plan(whole.pool, EVERYTHING), plan(whole.pool, sea)
    assert everybody and theirs
    shown = {story.article_id for section in less.sections for story in section.stories}
    assert shown == {*everybody.ranked, *theirs.ranked}
    assert len(shown) < len(whole.pool.items) == len(less.pool.items)
    assert {story.article_id for story in less.leads} == {everybody.lead, theirs.lead}
    assert {link.article_id for link in less.join} == shown & {link.article_id for link in whole.join}
    assert len(less.join) == len(less.join_counts)
    assert (less.subject, less.top_comments, less.lead) == (whole.subject, whole.top_comments, whole.lead)


def test_an_edition_that_is_everybody_s_stays_as_it_is() -> None:
    whole = made(Demand())
    assert reduced(whole, Reach(stories=frozenset(), leads=frozenset())) is whole
