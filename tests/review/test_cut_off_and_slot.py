"""A draft is made at the cut-off, goes out when it is let go, and lapses when nobody does: whoever looks, how late, and how often."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from digest.delivery.tally import tally
from digest.due import publish_due
from digest.editions.values import EditionState
from digest.publish import Published
from digest.review import steps
from digest.review.drafting import Drafted, Lapsed
from tests.review.newsroom import CUTOFF, HOUR, NEXT, newsroom
from tests.test_deliver import SLOT

SECOND = timedelta(seconds=1)


def test_at_the_cut_off_a_draft_is_made_and_fixed(engine: Engine, database_url: str) -> None:
    room = newsroom(engine, database_url)
    assert room.look(CUTOFF - SECOND) == []
    [drafted] = room.look(CUTOFF)
    assert isinstance(drafted, Drafted)
    found = room.there()
    assert (found.state, found.cutoff, found.chosen_at) == (EditionState.DRAFT, CUTOFF, CUTOFF)
    assert room.look(CUTOFF) == room.look(SLOT - SECOND) == []


def test_what_waits_for_approval_does_not_go_out_at_its_slot(engine: Engine, database_url: str) -> None:
    room = newsroom(engine, database_url)
    room.look(CUTOFF)
    assert room.look(SLOT) == []
    assert room.state() is EditionState.DRAFT


def test_what_was_approved_goes_out_at_its_slot(engine: Engine, database_url: str) -> None:
    room = newsroom(engine, database_url)
    room.look(CUTOFF)
    steps.approve(engine, room.settings, room.letter, SLOT, who="Ana", now=SLOT - HOUR)
    assert room.look(SLOT - SECOND) == []
    [published] = room.look(SLOT)
    assert isinstance(published, Published)
    assert (published.queued, room.state()) == (3, EditionState.SENDING)
    assert room.look(SLOT) == []


def test_what_is_approved_late_goes_out_then(engine: Engine, database_url: str) -> None:
    room = newsroom(engine, database_url)
    room.look(CUTOFF)
    room.look(SLOT)
    steps.approve(engine, room.settings, room.letter, SLOT, who="Ana", now=SLOT + 30 * HOUR)
    [published] = room.look(SLOT + 30 * HOUR)
    assert isinstance(published, Published)
    assert published.queued == 3


def test_in_a_window_it_goes_out_unless_it_is_held(engine: Engine, database_url: str) -> None:
    room = newsroom(engine, database_url, review="window")
    room.look(CUTOFF)
    steps.hold(engine, room.letter, SLOT, who="Ana", now=SLOT - HOUR, reason="the lead is wrong")
    assert room.look(SLOT) == []
    held = room.there()
    assert (held.state, held.reason) == (EditionState.HELD, "the lead is wrong")
    steps.release(engine, held.id, who="Ben", now=SLOT + HOUR)
    [published] = room.look(SLOT + HOUR)
    assert isinstance(published, Published)
    assert [(deed.what, deed.who) for deed in room.deeds()] == [("hold", "Ana"), ("release", "Ben")]


@pytest.mark.parametrize("review", ["window", "approve"])
def test_what_nobody_let_go_lapses_at_the_next_cut_off(engine: Engine, database_url: str, review: str) -> None:
    room = newsroom(engine, database_url, review=review)
    room.look(CUTOFF)
    steps.hold(engine, room.letter, SLOT, who="Ana", now=CUTOFF)
    assert room.look(NEXT - 12 * HOUR - SECOND) == []
    lapsed, drafted = room.look(NEXT - 12 * HOUR)
    assert isinstance(lapsed, Lapsed)
    assert isinstance(drafted, Drafted)
    assert (room.state(), room.state(NEXT)) == (EditionState.CANCELLED, EditionState.DRAFT)
    assert "nobody released it" in room.there().reason
    assert drafted.edition.window_start == CUTOFF - timedelta(days=7), "its time goes to the next"


def test_what_was_approved_goes_out_even_if_the_next_cut_off_is_the_first_that_looks(engine: Engine, database_url: str) -> None:
    room = newsroom(engine, database_url)
    room.look(CUTOFF)
    steps.approve(engine, room.settings, room.letter, SLOT, who="Ana", now=CUTOFF)
    published, *rest = room.look(NEXT - 11 * HOUR)
    assert isinstance(published, Published)
    assert published.queued == 3
    assert [type(one) for one in rest] == [Drafted]


def test_what_was_approved_and_missed_by_a_whole_slot_lapses(engine: Engine, database_url: str) -> None:
    room = newsroom(engine, database_url)
    room.look(CUTOFF)
    steps.approve(engine, room.settings, room.letter, SLOT, who="Ana", now=CUTOFF)
    assert [type(one) for one in room.look(NEXT + HOUR)] == [Lapsed, Drafted]
    assert "nothing ran" in room.there().reason


def test_a_cut_off_that_was_missed_by_hours_is_made_up_for(engine: Engine, database_url: str) -> None:
    room = newsroom(engine, database_url, review="window")
    room.look(CUTOFF - HOUR)
    room.look(SLOT - HOUR)
    assert (room.there().cutoff, room.there().chosen_at) == (CUTOFF, SLOT - HOUR)
    assert [type(one) for one in room.look(SLOT)] == [Published]


def test_a_draft_that_came_after_its_slot_is_let_lie_for_an_hour(engine: Engine, database_url: str) -> None:
    room = newsroom(engine, database_url, review="window")
    room.look(CUTOFF - HOUR)
    late = SLOT + 3 * HOUR
    assert [type(one) for one in room.look(late)] == [Drafted]
    assert room.look(late + HOUR - SECOND) == []
    assert [type(one) for one in room.look(late + HOUR)] == [Published]


def test_too_little_to_say_is_said_at_the_cut_off(engine: Engine, database_url: str) -> None:
    room = newsroom(engine, database_url, articles=2)
    [skipped] = room.look(CUTOFF)
    assert isinstance(skipped, Drafted)
    assert (room.state(), room.there().chosen_at) == (EditionState.SKIPPED, None)
    assert room.look(CUTOFF) == room.look(SLOT) == []


def test_a_newsletter_met_long_after_its_slot_begins_with_the_next(engine: Engine, database_url: str) -> None:
    room = newsroom(engine, database_url)
    assert room.look(SLOT + 2 * HOUR) == []
    assert room.edition() is None


def test_review_switched_off_lets_the_draft_go(engine: Engine, database_url: str) -> None:
    room = newsroom(engine, database_url)
    room.look(CUTOFF)
    room.given["review"] = "none"
    assert room.look(SLOT - HOUR) == []
    assert [type(one) for one in room.look(SLOT)] == [Published]
    edition_id = room.there().id
    with engine.begin() as connection:
        assert tally(connection, edition_id).queued == 3


def test_review_switched_on_makes_a_draft_of_what_is_in_hand(engine: Engine, database_url: str) -> None:
    room = newsroom(engine, database_url, review="none")
    assert room.look(SLOT - HOUR) == []
    room.given["review"] = "approve"
    assert [type(one) for one in room.look(SLOT - HOUR)] == [Drafted]


def test_a_draft_of_a_newsletter_that_is_declared_no_longer_stays(engine: Engine, database_url: str) -> None:
    room = newsroom(engine, database_url)
    room.look(CUTOFF)
    alone = room.settings.model_copy(update={"newsletters": {}})
    assert list(publish_due(engine, alone, now=NEXT, recheck=room.recheck)) == []
    assert room.state() is EditionState.DRAFT
