from collections.abc import Iterable
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.content.values import Article, Snapshot
from digest.editions.choose import choose, drop
from digest.editions.compose import compose
from digest.editions.demand import NOBODY, Demand
from digest.editions.plan import plan
from digest.editions.pool import Had, folded
from digest.editions.selection import personal
from digest.editions.shorten import shortened
from digest.editions.titles import titles
from digest.editions.values import Choice, Edition, Kind, PassedOver, Pick, Place
from digest.newsletter import Newsletter
from subscribers.wish import EVERYTHING, Wish
from tests.editions.snapshots import CUTOFF, SITE, START, article, article_ids, author, comment, letters, newsletter, picked, snapshots, why_not
from tests.editions.test_choose import SECOND, THIRD

quick = settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
SERVED = "daily 20261121T0700Z"
HARBOUR = Wish(sections=frozenset({"Harbour"}))
SOME = (Place.NEXT, Place.EXTRA, Place.MISSED)
_had = st.builds(Had, articles=st.frozensets(st.integers(1, 12), max_size=4), missed=st.frozensets(st.integers(1, 12), max_size=4))
demands = st.builds(
    Demand,
    sections=st.frozensets(st.sampled_from(["harbour", "town", "sea"]), max_size=2),
    authors=st.frozensets(st.sampled_from(["writer 1", "writer 2"]), max_size=1),
    muted=st.booleans(),
    served=st.one_of(st.just({}), st.fixed_dictionaries({SERVED: _had})),
)
wishes = st.builds(
    Wish,
    sections=st.frozensets(st.sampled_from(["Harbour", "Town", "Sea"]), max_size=2),
    muted_sections=st.frozensets(st.sampled_from(["Harbour", "Town", "Sea"]), max_size=1),
    served=st.sampled_from(["", SERVED]),
)


def chosen(snapshot: Snapshot, letter: Newsletter, demand: Demand = NOBODY) -> Choice:
    return choose(snapshot, letter, window_start=START, cutoff=CUTOFF, site_host=SITE, allow_few=True, demand=demand)


def composed(choice: Choice, snapshot: Snapshot, letter: Newsletter, demand: Demand = NOBODY) -> Edition:
    served = demand.served if demand.personal else None
    return compose(choice, snapshot, letter, slot=CUTOFF, publication_name="The Post", site_url=f"https://{SITE}", served=served)


def ids(choice: Choice, *places: Place) -> list[int]:
    return [pick.id for pick in picked(choice, *places)]


def owing(snapshot: Snapshot, demand: Demand) -> Snapshot:
    """Some of the missed are not among the articles of this window, but gathered beside them."""
    later = tuple(one for one in snapshot.articles if one.id in demand.missed and one.id % 2)
    return replace(snapshot, articles=tuple(one for one in snapshot.articles if one not in later), missed=later)


BUSY = Snapshot(
    articles=(
        *(article(number, section="Town", votes=10**6 - number, author=author(number)) for number in range(1, 7)),
        *(article(number, section="Harbour", votes=9 - number % 7, author=author(1)) for number in range(11, 16)),
    ),
    comments=(comment(1, 1), comment(2, 12, text=SECOND), comment(3, 15, text=THIRD)),
)
SMALL = {"articles": 2, "top_comments": 0, "recent_comments": 0}
BY_SCORE = {"per_section_share": 1, "relevance": 1}
LETTER = newsletter(limits={**SMALL, "reserves": 1}, articles=BY_SCORE)


def test_a_followed_section_has_its_best_articles_at_hand_with_their_quotes() -> None:
    letter = newsletter(limits={**SMALL, "reserves": 0}, articles=BY_SCORE)
    choice = chosen(BUSY, letter, Demand(sections=frozenset({"harbour"})))
    assert (article_ids(choice), ids(choice, Place.NEXT), ids(choice, Place.EXTRA)) == ([1, 2], [], [15, 12])
    assert {pick.article_id: pick.id for pick in picked(choice, Place.QUOTE)} == {1: 1, 12: 2, 15: 3}


def test_where_anybody_mutes_the_ranking_goes_on_in_place_of_reserves() -> None:
    choice = chosen(BUSY, LETTER, Demand(muted=True))
    assert (article_ids(choice), ids(choice, Place.NEXT), ids(choice, Place.EXTRA)) == ([1, 2], [15, 12, 3, 4], [])
    assert [pick.kind for pick in picked(choice, Place.RESERVE)] == [Kind.COMMENT]


def test_who_had_the_best_of_a_section_elsewhere_finds_the_next() -> None:
    had = Had(articles=frozenset({12, 15}))
    choice = chosen(BUSY, LETTER, Demand(sections=frozenset({"harbour"}), served={SERVED: had}))
    assert ids(choice, Place.NEXT, Place.EXTRA) == [15, 12, 3, 4, 14, 11, 13]


def test_what_somebody_missed_is_kept_for_them_alone_unless_it_is_told_again() -> None:
    before = (article(21, title="Old pier to be rebuilt", section="Pier", hours=200, votes=50), article(22, title="Barge number 1 arrives", hours=30))
    snapshot = replace(BUSY, missed=before, considered=frozenset({21, 22}), comments=(*BUSY.comments, comment(9, 21, text=f"{SECOND} {THIRD}")))
    demand = Demand(served={SERVED: Had(missed=frozenset({21, 22}))})
    choice = chosen(snapshot, LETTER, demand)
    assert ids(choice, Place.MISSED) == [21]
    assert 21 not in choice.considered
    made = composed(choice, snapshot, LETTER, demand)
    assert made.pool is not None
    assert [item.id for item in made.pool.items if item.missed] == [21]
    owed, plain = plan(made.pool, Wish(served=SERVED, sections=frozenset({"Pier"}))), plan(made.pool, EVERYTHING)
    assert owed is not None
    assert plain is not None
    assert (owed.ranked[0], plain.ranked) == (21, (1, 2))
    assert not any(passed.id == 21 for passed in choice.passed_over)


def test_a_story_of_everybodys_that_falls_is_replaced_by_what_is_next_then_by_what_is_followed() -> None:
    choice = chosen(BUSY, LETTER, Demand(sections=frozenset({"harbour"})))
    assert (ids(choice, Place.NEXT), ids(choice, Place.EXTRA)) == ([15], [12, 14])
    once = drop(choice, {1}, set())
    assert [(pick.place, pick.id) for pick in once.picks][:3] == [(Place.LEAD, 15), (Place.QUOTE, 3), (Place.SECTION, 2)]
    assert (ids(once, Place.NEXT), ids(once, Place.EXTRA)) == ([], [12, 14])
    twice = drop(once, {2}, set())
    assert [(pick.place, pick.id) for pick in twice.picks][2:] == [(Place.SECTION, 12), (Place.QUOTE, 2), (Place.EXTRA, 14)]
    gone = drop(once, {12}, set())
    assert ids(gone, Place.EXTRA) == [14]
    assert "The article 12, which only some readers would have got, fell before the send." in gone.notes
    assert why_not(gone, Kind.ARTICLE, 12) == "fell before the send: may not be shown any more"


def test_a_page_with_a_pool_has_everybodys_stories_first_and_further_sections_where_they_belong() -> None:
    letter = newsletter(sections=["Sea", "Harbour"], limits={**SMALL, "reserves": 0}, articles=BY_SCORE)
    sea = article(31, title="Shoals of herring again", section="sea", votes=0)
    snapshot = replace(BUSY, articles=(*BUSY.articles, sea))
    demand = Demand(sections=frozenset({"harbour", "sea", "town"}))
    made = composed(chosen(snapshot, letter, demand), snapshot, letter, demand)
    pages = [(section.title, [story.article_id for story in section.stories]) for section in made.sections]
    assert pages == [("sea", [31]), ("Harbour", [15, 12]), ("Town", [1, 2])]
    assert {story.article_id for story in made.leads} == {31, 12, 15, 1, 2}
    assert made.lead in made.leads


def test_of_an_edition_with_a_pool_only_texts_are_shortened() -> None:
    demand = Demand(muted=True)
    made = composed(chosen(BUSY, LETTER, demand), BUSY, LETTER, demand)
    steps = [shorter for shorter, _ in shortened(made)]
    assert len(steps) == 3
    assert all(shorter.stories[0].article_id == 1 and len(shorter.stories) == len(made.stories) for shorter in steps)


def test_a_demand_is_known_by_the_names_as_they_are_compared() -> None:
    wishes = [EVERYTHING, Wish(sections=frozenset({"Harbour "}), muted_authors=frozenset({"Ada"}))]
    found = Demand.of(wishes, {}, ["de"])
    assert found == Demand(sections=frozenset({"harbour"}), muted=True, languages=frozenset({"de"}), wishes=frozenset(wishes))
    assert (found.personal, Demand.of([EVERYTHING], {}, ["de"]).personal) == (True, False)


@quick
@given(snapshots(), letters, demands)
def test_what_everybody_gets_does_not_depend_on_what_some_want(snapshot: Snapshot, letter: Newsletter, demand: Demand) -> None:
    plain = chosen(snapshot, letter)
    choice = chosen(snapshot, letter, demand)
    shown = (Place.LEAD, Place.SECTION, Place.TOP, Place.RECENT)
    assert picked(choice, *shown) == picked(plain, *shown)
    ours = set(article_ids(plain))
    quotes = [[pick for pick in picked(one, Place.QUOTE) if pick.article_id in ours] for one in (plain, choice)]
    assert quotes[0] == quotes[1]
    before, after = composed(plain, snapshot, letter), composed(choice, snapshot, letter, demand)
    if not demand.personal or after.pool is None:
        assert after == before
    elif (own := plan(after.pool, EVERYTHING)) is not None:
        assert personal(after, own, titles(after.pool, own)) == before
        assert (after.subject, after.preheader) == (before.subject, before.preheader)


@quick
@given(snapshots(), letters, demands)
def test_of_each_followed_section_and_author_the_best_are_at_hand(snapshot: Snapshot, letter: Newsletter, demand: Demand) -> None:
    choice = chosen(owing(snapshot, demand), letter, demand)
    articles = {one.id: one for one in (*snapshot.articles, *snapshot.others)}
    judged: list[Pick | PassedOver] = [*choice.picks, *choice.passed_over]
    scores = {one.id: one.score or 0.0 for one in judged if one.kind is Kind.ARTICLE}
    distinct = set(choice.considered) - {one.id for one in choice.passed_over if one.why.startswith("the same as article")}
    ranked = sorted(distinct, key=lambda number: (-scores[number], number))
    at_hand = {pick.id for pick in picked(choice, Place.LEAD, Place.SECTION, *SOME)}
    for had in (frozenset[int](), *(one.articles for one in demand.served.values())):
        for group in _followed([articles[number] for number in ranked], demand):
            assert set([number for number in group if number not in had][: letter.limits.articles + letter.limits.reserves]) <= at_hand
    missed = set(ids(choice, Place.MISSED))
    assert missed <= demand.missed
    assert not missed & (set(choice.considered) | set(article_ids(choice)))
    numbers = [(pick.kind, pick.id) for pick in choice.picks]
    assert len(numbers) == len(set(numbers))
    for pick in choice.picks:
        assert not set(pick.also) & at_hand


@quick
@given(snapshots(), letters, demands, wishes)
def test_a_readers_own_edition_has_exactly_what_their_plan_names(snapshot: Snapshot, letter: Newsletter, demand: Demand, wish: Wish) -> None:
    snapshot = owing(snapshot, demand)
    made = composed(chosen(snapshot, letter, demand), snapshot, letter, demand)
    own = plan(made.pool, wish) if made.pool else None
    if made.pool is None or own is None:
        return
    line = titles(made.pool, own)
    mine = personal(made, own, line)
    assert (mine.subject, mine.preheader) == (line.subject, line.preheader)
    assert (mine.lead.article_id if mine.lead else None) == own.lead
    assert tuple(story.article_id for section in mine.sections for story in section.stories) == own.stories
    assert tuple(quote.comment_id for quote in mine.top_comments) == own.top
    assert tuple(quote.comment_id for quote in mine.recent_comments) == own.recent
    assert tuple(link.article_id for link in mine.join) == own.join
    assert [story.article_id for story in sorted(mine.stories, key=lambda story: story.rank)] == list(own.ranked)
    assert all(section.stories for section in mine.sections)
    assert set(mine.blocks) == {block for block in made.blocks if getattr(mine, block)}
    assert not any(folded(story.section) in map(folded, wish.muted_sections) for story in mine.stories)


@quick
@given(snapshots(), letters, demands, st.sets(st.integers(1, 12)), st.sets(st.integers(1, 24)))
def test_what_fell_is_in_nobodys_edition(snapshot: Snapshot, letter: Newsletter, demand: Demand, articles: set[int], comments: set[int]) -> None:
    snapshot = owing(snapshot, demand)
    before = chosen(snapshot, letter, demand)
    after = drop(before, articles, comments)
    assert not {pick.article_id for pick in after.picks} & articles
    assert not {pick.id for pick in after.picks if pick.kind is Kind.COMMENT} & comments
    assert len({(pick.kind, pick.id) for pick in after.picks}) == len(after.picks)
    assert len(article_ids(after)) <= len(article_ids(before))
    assert bool(picked(after, Place.LEAD)) == bool(article_ids(after))
    left = set(ids(before, *SOME)) - articles
    assert left <= set(ids(after, *SOME)) | set(article_ids(after))
    if len(article_ids(after)) < len(article_ids(before)):
        assert not ids(after, Place.NEXT, Place.EXTRA)


def _followed(ranked: Iterable[Article], demand: Demand) -> list[list[int]]:
    """The ids of each followed section, and of each followed author."""
    found: dict[tuple[str, str], list[int]] = {}
    for one in ranked:
        writer = one.author.name if one.author else ""
        for kind, name, followed in (("section", one.section, demand.sections), ("author", writer, demand.authors)):
            if folded(name) in followed:
                found.setdefault((kind, folded(name)), []).append(one.id)
    return list(found.values())
