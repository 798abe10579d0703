"""What editors do with an edition, what each step needs, and what is said where it cannot be."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from digest import steer
from digest.content.store import save_articles
from digest.editions.change_store import ChangedMeanwhile
from digest.editions.changes import Subject
from digest.editions.values import EditionState
from digest.errors import WrongState
from digest.publish import Published
from digest.review import steps
from digest.review.send_now import send_now
from digest.working import change, renew, working
from tests.review.newsroom import CUTOFF, HOUR, Newsroom, newsroom
from tests.test_deliver import SLOT, article

EVENING = CUTOFF + HOUR


def approve(room: Newsroom, **more: int) -> None:
    steps.approve(room.engine, room.settings, room.letter, SLOT, who="Ana", now=EVENING, **more)


STEPS: dict[str, Callable[[Newsroom], object]] = {
    "approve": approve,
    "take back": lambda room: steps.take_back(room.engine, room.there().id, who="Ana", now=EVENING),
    "hold": lambda room: steps.hold(room.engine, room.letter, SLOT, who="Ana", now=EVENING),
    "release": lambda room: steps.release(room.engine, room.there().id, who="Ana", now=EVENING),
    "cancel": lambda room: steer.cancel(room.engine, room.there().id, EVENING, who="Ana"),
    "renew": lambda room: renew(room.engine, room.settings, room.letter, SLOT, who="Ana", now=EVENING),
    "send": lambda room: send_now(room.engine, room.settings, room.letter, SLOT, who="Ana", now=EVENING, recheck=room.recheck),
}
BEFORE: dict[EditionState, tuple[str, ...]] = {
    EditionState.DRAFT: (),
    EditionState.HELD: ("hold",),
    EditionState.APPROVED: ("approve",),
    EditionState.CANCELLED: ("cancel",),
    EditionState.SENDING: ("send",),
}
LEADS_TO = {
    (EditionState.DRAFT, "approve"): EditionState.APPROVED,
    (EditionState.DRAFT, "hold"): EditionState.HELD,
    (EditionState.DRAFT, "cancel"): EditionState.CANCELLED,
    (EditionState.DRAFT, "send"): EditionState.SENDING,
    (EditionState.DRAFT, "renew"): EditionState.DRAFT,
    (EditionState.HELD, "approve"): EditionState.APPROVED,
    (EditionState.HELD, "release"): EditionState.DRAFT,
    (EditionState.HELD, "cancel"): EditionState.CANCELLED,
    (EditionState.HELD, "send"): EditionState.SENDING,
    (EditionState.HELD, "renew"): EditionState.HELD,
    (EditionState.APPROVED, "take back"): EditionState.DRAFT,
    (EditionState.APPROVED, "hold"): EditionState.HELD,
    (EditionState.APPROVED, "cancel"): EditionState.CANCELLED,
    (EditionState.APPROVED, "send"): EditionState.SENDING,
    (EditionState.APPROVED, "renew"): EditionState.DRAFT,
    (EditionState.SENDING, "cancel"): EditionState.CANCELLED,
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("state", BEFORE, ids=str)
def test_each_step_is_open_to_its_states_only(engine: Engine, database_url: str, state: EditionState, step: str) -> None:
    room = newsroom(engine, database_url)
    room.look(CUTOFF)
    for earlier in BEFORE[state]:
        STEPS[earlier](room)
    assert room.state() is state
    deeds = len(room.deeds())
    if (state, step) in LEADS_TO:
        STEPS[step](room)
        assert room.state() is LEADS_TO[state, step]
        assert room.deeds()[-1].who == "Ana"
    else:
        with pytest.raises(WrongState, match=str(state)):
            STEPS[step](room)
        assert (room.state(), len(room.deeds())) == (state, deeds)


def test_nobody_approves_what_they_have_not_seen(engine: Engine, database_url: str) -> None:
    room = newsroom(engine, database_url)
    room.look(CUTOFF)
    change(engine, room.settings, room.letter, SLOT, Subject(text="By Ben"), who="Ben", now=EVENING, seen=0)
    with pytest.raises(ChangedMeanwhile, match="Ben"):
        approve(room, seen=0)
    approve(room, seen=1)
    assert room.state() is EditionState.APPROVED


def test_a_change_after_the_approval_takes_it_back(engine: Engine, database_url: str) -> None:
    room = newsroom(engine, database_url)
    room.look(CUTOFF)
    approve(room)
    change(engine, room.settings, room.letter, SLOT, Subject(text="By Ben"), who="Ben", now=EVENING, seen=0)
    assert (room.state(), "Ben" in room.there().reason) == (EditionState.DRAFT, True)
    assert room.look(SLOT) == []


def test_what_is_approved_before_its_cut_off_is_fixed_then(engine: Engine, database_url: str) -> None:
    room = newsroom(engine, database_url, articles=30)
    early = CUTOFF - 5 * HOUR
    steps.approve(engine, room.settings, room.letter, SLOT, who="Ana", now=early)
    assert (room.there().state, room.there().chosen_at, room.there().seen_until) == (EditionState.APPROVED, early, early)
    assert room.look(CUTOFF) == []
    assert [type(one) for one in room.look(SLOT)] == [Published]


def test_too_little_is_not_approved(engine: Engine, database_url: str) -> None:
    room = newsroom(engine, database_url, articles=2)
    with pytest.raises(WrongState, match="too little"):
        steps.approve(engine, room.settings, room.letter, SLOT, who="Ana", now=EVENING)
    assert room.edition() is None, "it goes on following the store"


def test_what_is_held_before_its_cut_off_is_made_there_and_stays_held(engine: Engine, database_url: str) -> None:
    room = newsroom(engine, database_url, review="window")
    steps.hold(engine, room.letter, SLOT, who="Ana", now=CUTOFF - 5 * HOUR, reason="a holiday")
    room.look(CUTOFF)
    found = room.there()
    assert (found.state, found.chosen_at, found.reason) == (EditionState.HELD, CUTOFF, "a holiday")
    assert room.look(SLOT) == []


def test_after_the_cut_off_nothing_new_sneaks_in_unless_it_is_asked_for(engine: Engine, database_url: str) -> None:
    room = newsroom(engine, database_url)
    room.look(CUTOFF)

    def titles() -> set[int]:
        with engine.begin() as connection:
            return {pick.article_id for pick in working(connection, room.settings, room.letter, SLOT, EVENING).chosen.choice.picks}

    before = titles()
    with engine.begin() as connection:
        late = replace(article(7), published_at=CUTOFF + timedelta(minutes=5))
        save_articles(connection, "site", [late], now=CUTOFF + timedelta(minutes=6), first=False)
    assert titles() == before
    renew(engine, room.settings, room.letter, SLOT, who="Ana", now=CUTOFF + 2 * HOUR)
    assert titles() - before == {2, 3, 7}, "two that came right at and after the cut-off, and the new one"
    assert room.deeds()[-1].what == "renew"
