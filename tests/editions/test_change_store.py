"""Changes in the database: each has its number, nobody overwrites anybody, and what is out is not changed any more."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from sqlalchemy import Engine, insert, select

from digest.editions import change_store, store
from digest.editions.change_record import to_json
from digest.editions.change_store import ChangedMeanwhile
from digest.editions.changes import Change, Changed, Lead, Redo, Subject, Undo
from digest.editions.tables import ChangeRow
from digest.editions.values import EditionState
from digest.errors import BadChange, WrongState

SLOT = datetime(2026, 11, 23, 7, tzinfo=UTC)
NOW = datetime(2026, 11, 22, 18, tzinfo=UTC)


@pytest.fixture
def draft(engine: Engine) -> int:
    with engine.begin() as connection:
        made = store.claim_slot(
            connection, newsletter="weekly", cadence="weekly", slot=SLOT, window_start=NOW, cutoff=SLOT, state=EditionState.DRAFT, now=NOW
        )
    assert made is not None
    return made


def add(engine: Engine, edition_id: int, change: Change, who: str = "Ana", seen: int = 0) -> tuple[Changed, ...]:
    with engine.begin() as connection:
        return change_store.add(connection, edition_id, change, who=who, at=NOW, seen=seen).all


def numbers(engine: Engine, edition_id: int) -> list[int]:
    with engine.begin() as connection:
        return [one.number for one in change_store.load(connection, edition_id).all]


def become(engine: Engine, edition_id: int, state: EditionState) -> None:
    with engine.begin() as connection:
        before = store.get(connection, edition_id).state
        assert store.change_state(connection, edition_id, was=before, becomes=state, now=NOW)


def test_changes_are_numbered_and_come_back_as_they_were_made(engine: Engine, draft: int) -> None:
    add(engine, draft, Subject(text="One"))
    add(engine, draft, Lead(article=7), who="Ben", seen=1)
    made = add(engine, draft, Undo(number=1), seen=2)
    assert made == (
        Changed(number=1, at=NOW, who="Ana", change=Subject(text="One"), undone=True),
        Changed(number=2, at=NOW, who="Ben", change=Lead(article=7)),
        Changed(number=3, at=NOW, who="Ana", change=Undo(number=1)),
    )
    with engine.begin() as connection:
        assert change_store.revision(connection, draft) == 3
        assert change_store.load(connection, draft + 1).all == ()


def test_whoever_has_not_seen_another_s_change_is_told_whose(engine: Engine, draft: int) -> None:
    add(engine, draft, Subject(text="One"), who="Ben")
    with pytest.raises(ChangedMeanwhile, match="Ben changed this edition meanwhile") as caught:
        add(engine, draft, Subject(text="Two"))
    assert [one.change for one in caught.value.theirs] == [Subject(text="One")]
    assert numbers(engine, draft) == [1]
    assert [one.number for one in add(engine, draft, Subject(text="Two"), seen=1)] == [1, 2]


def test_one_s_own_quick_changes_do_not_meet(engine: Engine, draft: int) -> None:
    add(engine, draft, Lead(article=1))
    assert [one.number for one in add(engine, draft, Lead(article=2))] == [1, 2]


@pytest.mark.parametrize("state", [EditionState.HELD, EditionState.APPROVED])
def test_what_stands_can_be_changed_and_an_approval_goes(engine: Engine, draft: int, state: EditionState) -> None:
    become(engine, draft, state)
    add(engine, draft, Lead(article=1))
    with engine.begin() as connection:
        edition = store.get(connection, draft)
    approved = state is EditionState.APPROVED
    assert edition.state is (EditionState.DRAFT if approved else state)
    assert edition.reason == ("changed by Ana after it was approved" if approved else "")


@pytest.mark.parametrize("state", [EditionState.SENDING, EditionState.SENT, EditionState.CANCELLED, EditionState.SKIPPED])
def test_what_does_not_stand_is_not_changed(engine: Engine, draft: int, state: EditionState) -> None:
    become(engine, draft, state)
    with pytest.raises(WrongState, match=f"it is {state}"):
        add(engine, draft, Lead(article=1))
    assert numbers(engine, draft) == []


def test_only_what_counts_is_undone_and_only_what_is_undone_counts_again(engine: Engine, draft: int) -> None:
    for change, said in ((Undo(number=1), "There is no change 1 to undo"), (Redo(number=5), "There is no change 5 to redo")):
        with pytest.raises(BadChange, match=said):
            add(engine, draft, change)
    add(engine, draft, Lead(article=1))
    with pytest.raises(BadChange, match="counts already"):
        add(engine, draft, Redo(number=1))
    add(engine, draft, Undo(number=1))
    with pytest.raises(BadChange, match="is undone already"):
        add(engine, draft, Undo(number=1))
    with pytest.raises(BadChange, match="There is no change 2 to undo"):
        add(engine, draft, Undo(number=2))


def test_two_at_once_one_wins_and_the_other_is_told(engine: Engine, draft: int) -> None:
    both = Barrier(2)

    def press(who: str) -> str:
        both.wait(timeout=30)
        try:
            add(engine, draft, Subject(text=f"By {who}"), who=who)
        except ChangedMeanwhile as error:
            return ",".join(one.who for one in error.theirs)
        return "won"

    with ThreadPoolExecutor(2) as pool:
        said = dict(zip(("Ana", "Ben"), pool.map(press, ("Ana", "Ben")), strict=True))
    (winner,) = [who for who, what in said.items() if what == "won"]
    assert said == {winner: "won", ({"Ana", "Ben"} - {winner}).pop(): winner}
    assert numbers(engine, draft) == [1]


def test_many_at_once_lose_none_that_was_taken(engine: Engine, draft: int) -> None:
    def press(number: int) -> bool:
        try:
            add(engine, draft, Lead(article=number), who=f"Editor {number % 3}")
        except ChangedMeanwhile:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        taken = [number for number, done in enumerate(pool.map(press, range(1, 13)), start=1) if done]
    with engine.begin() as connection:
        kept = change_store.load(connection, draft).all
    assert sorted(one.change.article for one in kept if isinstance(one.change, Lead)) == taken
    assert [one.number for one in kept] == list(range(1, len(kept) + 1))


def test_a_number_is_had_once_whoever_writes_it(engine: Engine, draft: int) -> None:
    with engine.begin() as connection:
        row = {"edition_id": draft, "number": 1, "at": NOW, "who": "Ben", "change": to_json(Lead(article=1))}
        connection.execute(insert(ChangeRow).values(row))
        assert connection.scalars(select(ChangeRow.number)).all() == [1]
    assert [one.number for one in add(engine, draft, Lead(article=2), seen=1)] == [1, 2]
