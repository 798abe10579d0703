"""What is otherwise in one choice than in another."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from digest.content.values import Snapshot
from digest.editions.contrast import Moved, Share, contrast
from digest.editions.values import Choice, Kind, Pick, Place
from tests.editions.snapshots import article_ids, chosen


def pick(number: int, section: str = "Town", place: Place = Place.SECTION) -> Pick:
    return Pick(kind=Kind.ARTICLE, id=number, article_id=number, place=place, score=1, section=section)


def quote(number: int, article_id: int, place: Place = Place.QUOTE) -> Pick:
    return Pick(kind=Kind.COMMENT, id=number, article_id=article_id, place=place, score=1)


def choice(*picks: Pick) -> Choice:
    return replace(chosen(Snapshot()), picks=picks)


def test_what_came_left_and_moved() -> None:
    then = choice(pick(1, place=Place.LEAD), pick(2), pick(3), pick(4))
    now = choice(pick(9, place=Place.LEAD), pick(4), pick(2), pick(3))

    told = contrast(now, then)

    assert (told.came, told.left, told.stayed) == ((9,), (1,), (4, 2, 3))
    assert [(one.article_id, one.was, one.now) for one in told.moved] == [(4, 4, 2)]
    assert [one.up for one in told.moved] == [True]


def test_a_new_lead_moves_nobody() -> None:
    assert contrast(choice(pick(9), pick(1), pick(2)), choice(pick(1), pick(2))).moved == ()


def test_the_sections_shares() -> None:
    then = choice(pick(1, "Town"), pick(2, "Sea"), pick(3, "Letters"))
    now = choice(pick(4, "Sea"), pick(5, "SEA "), pick(6, "Town"))

    assert contrast(now, then).sections == (
        Share(section="SEA ", was=1, now=2),
        Share(section="Town", was=1, now=1),
        Share(section="Letters", was=1, now=0),
    )


def test_comments_that_everybody_sees() -> None:
    then = choice(pick(1), quote(11, 1), pick(2, place=Place.RESERVE), quote(21, 2), quote(31, 3, Place.TOP))
    now = choice(pick(1), quote(12, 1), quote(31, 3, Place.RECENT), quote(13, 1, Place.RESERVE))

    told = contrast(now, then)

    assert (told.quotes_came, told.quotes_left) == ((12,), (11,))


@given(st.lists(st.integers(1, 12), unique=True), st.lists(st.integers(1, 12), unique=True))
def test_whatever_moved_can_be_put_back(before: list[int], after: list[int]) -> None:
    then, now = choice(*map(pick, before)), choice(*map(pick, after))

    told = contrast(now, then)

    assert told.same == (before == after)
    assert {*told.came, *told.stayed} == set(article_ids(now))
    assert {*told.left, *told.stayed} == set(article_ids(then))
    moved = {one.article_id for one in told.moved}
    assert [number for number in before if number in told.stayed and number not in moved] == [number for number in told.stayed if number not in moved]
    assert all(
        one == Moved(article_id=one.article_id, was=before.index(one.article_id) + 1, now=after.index(one.article_id) + 1) for one in told.moved
    )
