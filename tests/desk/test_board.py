"""An edition as an editor works on it."""

from dataclasses import replace
from datetime import UTC, datetime

from digest.content.values import Snapshot
from digest.desk.content.board import Board, board
from digest.editions.changes import Back, Change, Changed, Changes, Drop, Excerpt, Move, Pin, Redo, Subject, Undo
from digest.editions.compose import compose
from digest.editions.values import Choice, Kind, Pick, Place
from digest.item_names import Names, article_name
from tests.editions.snapshots import CUTOFF, article, chosen, comment, newsletter

WEEK = Snapshot(
    articles=tuple(
        article(number, section=section, hours=number) for number, section in ((1, "Sea"), (2, "Town"), (3, "town "), (4, "Town"), (5, "Sea"))
    ),
    comments=(comment(11, article_id=1),),
)
AT = datetime(2026, 11, 23, 6, tzinfo=UTC)


def pick(number: int, section: str, place: Place = Place.SECTION) -> Pick:
    return Pick(kind=Kind.ARTICLE, id=number, article_id=number, place=place, score=1, section=section)


CHOICE = replace(chosen(WEEK), picks=(pick(1, "Sea", Place.LEAD), pick(2, "Town"), pick(3, "town "), pick(4, "Town"), pick(5, "Sea")))


def changes(*made: Change) -> Changes:
    return Changes.of(Changed(number=number, at=AT, who="Ana", change=change) for number, change in enumerate(made, 1))


def shown(*made: Change, choice: Choice = CHOICE) -> Board:
    edition = compose(choice, WEEK, newsletter(), slot=CUTOFF, publication_name="", site_url="https://harbour.example")
    return board(choice, edition, changes(*made), Names([(one.id, article_name(one)) for one in WEEK.articles], []))


def test_stories_stand_in_their_sections_in_the_order_of_the_page() -> None:
    working_on = shown()

    assert [row.id for row in working_on.rows] == [1, 2, 3, 4, 5]
    assert [row.place for row in working_on.rows] == [1, 2, 3, 4, 5]
    assert [(group.title, len(group.rows)) for group in working_on.groups] == [("Town", 3), ("Sea", 1)]
    assert working_on.lead is not None
    assert (working_on.lead.up, working_on.lead.down) == (None, None)


def test_a_story_moves_by_one_within_its_section() -> None:
    first, second, third = shown().groups[0].rows

    assert (first.up, first.down) == (None, {"do": "move", "article": 2, "after": 3})
    assert (second.up, second.down) == ({"do": "move", "article": 3, "after": 0}, {"do": "move", "article": 3, "after": 4})
    assert (third.up, third.down) == ({"do": "move", "article": 4, "after": 2}, None)


def test_a_story_that_is_alone_takes_its_section_along() -> None:
    alone = shown().groups[1].rows[0]

    assert alone.alone
    assert (alone.up, alone.down) == ({"do": "move section", "section": "Sea", "after": ""}, None)


def test_the_last_word_on_an_item_counts() -> None:
    article_5, gone = Pin(item=Kind.ARTICLE, id=5), Drop(item=Kind.ARTICLE, id=9)

    pinned = shown(article_5, gone, Drop(item=Kind.COMMENT, id=11), Back(item=Kind.COMMENT, id=11))

    assert [row.id for row in pinned.rows if row.pinned] == [5]
    assert [one.id for one in pinned.dropped] == [9]
    assert shown(article_5, Drop(item=Kind.ARTICLE, id=5)).waiting == ()
    assert [one.id for one in shown(Pin(item=Kind.ARTICLE, id=7)).waiting] == [7]


def test_words_of_editors_are_told_apart_from_the_programs() -> None:
    worded = shown(Subject(text="First"), Subject(text="Second"), Excerpt(article=2, text="Mine"))

    assert worded.worded == {"subject": "Second"}
    assert [row.id for row in worded.rows if row.reworded] == [2]
    assert shown(Subject(text="First"), Subject(text="")).worded == {}


def test_undo_takes_the_last_that_counts_and_redo_what_was_undone_last() -> None:
    one, two = Move(article=2, after=3), Subject(text="Two")

    assert (shown().undo, shown().redo) == (None, None)
    assert next_of(shown(one, two)) == (2, None)
    assert next_of(shown(one, two, Undo(number=2))) == (1, 2)
    assert next_of(shown(one, two, Undo(number=2), Undo(number=1))) == (None, 1)
    assert next_of(shown(one, two, Undo(number=2), Undo(number=1), Redo(number=1))) == (1, 2)
    assert next_of(shown(one, two, Undo(number=2), one)) == (4, None)


def next_of(working_on: Board) -> tuple[int | None, int | None]:
    return working_on.undo.number if working_on.undo else None, working_on.redo.number if working_on.redo else None
