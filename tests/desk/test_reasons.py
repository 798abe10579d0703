"""A choice explained: scores in parts, what runners-up lacked, what fell at the gates."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from digest.content.values import Snapshot
from digest.desk.why.reasons import Reasons, lacked, reasons
from digest.editions.values import Kind, PassedOver, Pick, Place, Term
from digest.item_names import Named, Names, article_name, comment_name
from tests.editions.snapshots import article, author, chosen, comment, newsletter

TOWN = Snapshot(
    articles=tuple(article(number, section="Town", hours=10 * number, author=author(number)) for number in range(1, 8)),
    comments=tuple(comment(10 + number, article_id=number) for number in range(1, 5)),
)


def told(snapshot: Snapshot, **limits: int) -> Reasons:
    known = Names([(one.id, article_name(one)) for one in snapshot.articles], [(one.id, comment_name(one)) for one in snapshot.comments])
    return reasons(chosen(snapshot, newsletter(limits=limits)), known)


def test_each_story_has_the_parts_of_its_score_and_its_quote() -> None:
    shown = told(TOWN, articles=3, reserves=0)

    assert [one.place for one in shown.stories] == ["Lead", "Town", "Town"]
    assert all(one.score is not None and abs(sum(part.value for part in one.parts) - one.score) < 0.02 for one in shown.stories)
    assert [quote.name.by for quote in shown.stories[0].quotes] == ["Reader 11"]
    assert all(one.name.url.startswith("https://harbour.example/") for one in shown.stories)


def test_a_runner_up_lacks_what_the_last_one_in_has_more_of() -> None:
    shown = told(TOWN, articles=3, reserves=0)

    assert shown.last is not None
    without_talk = next(one for one in shown.runners_up if one.id == 7)
    assert next(part.name for part in without_talk.lacks) == "talk"
    assert all(part.value < 0 for one in shown.runners_up for part in one.lacks)


def test_bars_lie_beside_each_other_within_the_scale() -> None:
    for one in told(TOWN, articles=3).stories:
        gains = [part for part in one.parts if part.value > 0]
        assert gains[0].start == 0
        assert all(abs(before.start + before.width - after.start) < 0.05 for before, after in pairwise(gains))
        assert gains[-1].start + gains[-1].width <= 100.05


def test_what_fell_at_one_gate_stands_together() -> None:
    hidden = replace(article(8, section="Town"), tags=("sponsored",)), article(9, hours=0.1), article(10, hours=0.2)
    shown = told(replace(TOWN, articles=(*TOWN.articles, *hidden), comments=(*TOWN.comments, comment(30, article_id=1, text="https://x.example"))))

    assert [(group.why, [one.id for one in group.items]) for group in shown.fallen_articles] == [
        ("published … minutes before the cut-off: waits for the next edition", [9, 10]),
        ("a sponsored article: these have a slot of their own", [8]),
    ]
    assert [group.why for group in shown.fallen_comments] == ["nothing but a link, a quotation, figures or emoji"]


def test_a_double_names_what_it_is_the_same_as() -> None:
    double = replace(article(20, section="Town", hours=30), title=TOWN.articles[0].title, url="https://other.example/x")
    shown = told(replace(TOWN, articles=(*TOWN.articles, double)))

    (out,) = (one for one in shown.runners_up if one.why.startswith("the same as “"))
    (named,) = (story for story in shown.stories if story.also)
    assert {out.id, named.id} == {1, 20}
    assert out.why == f"the same as “{named.name.title}”"
    assert named.also == (out.name,)


def test_an_empty_week_is_told_too() -> None:
    assert told(Snapshot()).stories == ()
    assert told(Snapshot()).last is None


def test_no_address_but_of_the_web_becomes_a_link() -> None:
    hostile = replace(article(1), url="javascript:alert(1)", title="<script>")

    assert article_name(hostile) == Named(title="<script>", url="")
    assert comment_name(comment(1, permalink="data:text/html,x")).url == ""


NAMES = st.sampled_from(["talk", "freshness", "image", "own thread"])
TERMS = st.lists(st.tuples(NAMES, st.floats(-2, 2)), unique_by=lambda term: term[0], max_size=4)


@settings(max_examples=100)
@given(TERMS, TERMS)
def test_what_is_lacked_adds_up(here: list[tuple[str, float]], there: list[tuple[str, float]]) -> None:
    own, other = ([Term(name=name, value=value) for name, value in terms] for terms in (here, there))

    lacks = lacked(own, other)

    had, wanted = dict(here), dict(there)
    assert all(abs(had.get(term.name, 0) - wanted.get(term.name, 0) - term.value) < 1e-9 for term in lacks)
    missing = {name for name in {*had, *wanted} if had.get(name, 0) - wanted.get(name, 0) <= -0.005}
    assert {term.name for term in lacks} == missing


@settings(max_examples=50)
@given(TERMS)
def test_no_score_breaks_a_bar(terms: list[tuple[str, float]]) -> None:
    made = tuple(Term(name=name, value=value) for name, value in terms)
    pick = Pick(kind=Kind.ARTICLE, id=1, article_id=1, place=Place.LEAD, score=sum(term.value for term in made), terms=made)
    out = PassedOver(kind=Kind.ARTICLE, id=2, article_id=2, why="scored less", score=0.1, terms=made)

    shown = reasons(replace(chosen(Snapshot()), picks=(pick,), passed_over=(out,)), Names([], []))

    parts = (*shown.stories[0].parts, *shown.runners_up[0].parts)
    assert all(0 <= part.start <= 100 and 0 <= part.colour <= 7 and part.width > 0 for part in parts)
