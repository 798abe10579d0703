"""What a `Titler` remembers of one plan's titles is what another plan's would be, were they made anew."""

from hypothesis import given
from hypothesis import strategies as st

from digest.editions.plan import Planner
from digest.editions.pool import Item, Plan, Pool, Said
from digest.editions.titles import Titler, Titles, titles
from subscribers.wish import Wish
from tests.editions.pools import pools, wishes

LONG = ("The old ferry comes home", "Council votes for a second quay in the harbour", "Where all the herring went this year")
SAID = ((8, "Ada", "My father sailed on her for twelve years"), (9, "Bo", "She was never on time, and we loved her"))


def story(number: int, title: str, *speakers: str, gist: str = "") -> Item:
    return Item(id=number, section="", author="", rank=number, score=-number, title=title, speakers=speakers, gist=gist)


def plan_of(*ranked: int, top: tuple[int, ...] = (), recent: tuple[int, ...] = ()) -> Plan:
    return Plan(lead=ranked[0], stories=ranked[1:], ranked=ranked, top=top, recent=recent)


@given(pools(), st.lists(wishes, min_size=2, max_size=8))
def test_titles_are_the_same_whichever_plans_came_before(pool: Pool, some: list[Wish]) -> None:
    planner, titler = Planner(pool), Titler(pool)
    for plan in filter(None, map(planner.plan, some)):
        assert titler.titles(plan) == titles(pool, plan)


def test_plans_that_begin_alike_differ_by_how_many_stories_follow() -> None:
    pool = Pool(items=tuple(story(number, title) for number, title in enumerate((*LONG, "Bells", "Moor"), 1)), articles=5)
    titler = Titler(pool)
    assert titler.titles(plan_of(1, 2, 3, 4)) == Titles(subject=f"{LONG[0]}, + 3 more", preheader=LONG[1])
    assert titler.titles(plan_of(1, 2, 5, 4)) is titler.titles(plan_of(1, 2, 3, 4))
    assert titler.titles(plan_of(1, 2, 5)).subject == f"{LONG[0]}, + 2 more"
    assert titler.titles(plan_of(1, 3, 2, 4)).preheader.startswith(LONG[2])


def test_whose_comment_stands_in_one_plan_only_is_named_in_the_others() -> None:
    pool = Pool(
        items=tuple(story(number, title) for number, title in enumerate(LONG, 1)),
        recent=(Said(id=7, article_id=1, section="", author="", speakers=("Ferry",)),),
        articles=3,
    )
    titler = Titler(pool)
    without, speaking = plan_of(1, 2, 3), plan_of(1, 2, 3, recent=(7,))
    for _ in range(2):
        assert titler.titles(without).subject == f"{LONG[0]}, + 2 more"
        assert titler.titles(speaking).subject == f"{LONG[1]}, + 2 more"


def test_short_titles_are_followed_by_readers_words_which_differ_by_plan() -> None:
    pool = Pool(
        items=(story(1, "Ferry"), story(2, "Quay")),
        top=tuple(Said(id=number, article_id=1, section="", author="", speakers=(name,), gist=gist) for number, name, gist in SAID),
        articles=2,
    )
    titler = Titler(pool)
    assert "twelve years" in titler.titles(plan_of(1, 2, top=(8,))).preheader
    assert "never on time" in titler.titles(plan_of(1, 2, top=(9,))).preheader
