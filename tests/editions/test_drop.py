from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.content.values import Role, Snapshot
from digest.editions.choose import drop
from digest.editions.values import Choice, Kind, Place
from digest.newsletter import Newsletter
from tests.editions.snapshots import article, article_ids, chosen, comment, letters, newsletter, picked, snapshots, why_not
from tests.editions.test_choose import SECOND, THIRD

LETTER = newsletter(limits={"articles": 2, "top_comments": 1, "recent_comments": 0, "reserves": 1})


def choice() -> Choice:
    said = (
        comment(1, 1, votes_up=20),
        comment(2, 1, text=SECOND),
        comment(3, 3, text=THIRD),
        comment(4, 9, text="Fine.", votes_up=30),
        comment(5, 9, text="Aye to that.", votes_up=9),
        comment(6, 1, parent_id=1, role=Role.STAFF, text="We asked the builder, and the heater was never meant to work."),
    )
    articles = (article(1, votes=90), article(2, votes=20), article(3, votes=0))
    return chosen(Snapshot(articles=articles, others=(article(9, hours=200),), comments=said), LETTER)


def test_the_choice_before_anything_fell() -> None:
    places = [(pick.place, pick.kind.value, pick.id) for pick in choice().picks]
    assert places == [
        (Place.LEAD, "article", 1),
        (Place.QUOTE, "comment", 1),
        (Place.SECTION, "article", 2),
        (Place.TOP, "comment", 4),
        (Place.RESERVE, "article", 3),
        (Place.RESERVE, "comment", 5),
        (Place.RESERVE, "comment", 2),
        (Place.RESERVE, "comment", 3),
    ]


def test_nothing_fallen_changes_nothing() -> None:
    before = choice()
    assert drop(before, {77}, {88}) is before


def test_a_reserve_steps_into_the_same_place_and_brings_its_quote() -> None:
    after = drop(choice(), {1}, set())
    assert [(pick.place, pick.id) for pick in after.picks] == [
        (Place.LEAD, 3),
        (Place.QUOTE, 3),
        (Place.SECTION, 2),
        (Place.TOP, 4),
        (Place.RESERVE, 5),
    ]
    assert after.notes[-1] == "The article 1 fell before the send; 3 stepped in from the reserve."
    assert why_not(after, Kind.ARTICLE, 1) == "fell before the send: may not be shown any more"
    assert after.enough


def test_a_quote_is_replaced_by_another_comment_on_the_same_article() -> None:
    once = drop(choice(), set(), {1})
    assert [(pick.id, pick.article_id) for pick in picked(once, Place.QUOTE)] == [(2, 1)]
    twice = drop(once, set(), {2})
    assert picked(twice, Place.QUOTE) == []
    assert twice.notes[-1] == "The comment 2 fell before the send; there was no reserve for it."


def test_a_fallen_answer_leaves_its_exchange() -> None:
    before = choice()
    assert picked(before, Place.QUOTE)[0].reply_id == 6
    assert picked(drop(before, set(), {6}), Place.QUOTE)[0].reply_id is None


def test_a_fallen_lead_without_reserve_gives_the_lead_to_the_next() -> None:
    after = drop(choice(), {1, 3}, set())
    assert [(pick.place, pick.id) for pick in after.picks] == [(Place.LEAD, 2), (Place.TOP, 4), (Place.RESERVE, 5)]


def test_when_everything_fell_it_is_not_enough() -> None:
    after = drop(choice(), {1, 2, 3, 9}, set())
    assert after.picks == ()
    assert not after.enough


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(snapshots(), letters, st.sets(st.integers(1, 12)), st.sets(st.integers(1, 24)))
def test_what_fell_is_never_in_the_choice(snapshot: Snapshot, letter: Newsletter, articles: set[int], comments: set[int]) -> None:
    before = chosen(snapshot, letter)
    after = drop(before, articles, comments)
    assert not {pick.article_id for pick in after.picks} & articles
    assert not {number for pick in after.picks for number in pick.also} & articles
    assert not {pick.id for pick in after.picks if pick.kind is Kind.COMMENT} & comments
    assert not {pick.reply_id for pick in after.picks} & comments
    assert len({(pick.kind, pick.id) for pick in after.picks}) == len(after.picks)
    assert len(article_ids(after)) <= len(article_ids(before))
    assert bool(picked(after, Place.LEAD)) == bool(article_ids(after))
