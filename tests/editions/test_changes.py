"""Changes: as JSON and back, and folded, so that undoing and redoing are each other's opposite."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.editions.change_record import KINDS, from_json, to_json
from digest.editions.changes import Back, Change, Changed, Changes, Drop, Lead, Pin, Quote, Redo, Say, Subject, Swap, Undo
from digest.editions.values import Kind
from digest.errors import BadChange
from digest.newsletter import Sponsor
from tests.editions.changing import AT, changes, every_change, histories

A, C = Kind.ARTICLE, Kind.COMMENT


@given(every_change)
def test_a_change_comes_back_from_its_json(change: Change) -> None:
    assert from_json(json.loads(json.dumps(to_json(change)))) == change


def test_a_sponsor_keeps_its_dates_and_whether_it_was_given_a_label() -> None:
    record = {"do": "sponsored", "sponsor": {"title": "Rope", "text": "By the yard.", "url": "https://rope.example/", "from": "2026-11-20"}}
    change: Any = from_json(record)
    assert isinstance(change.sponsor, Sponsor)
    assert change.sponsor.starts is not None and change.sponsor.starts.isoformat() == "2026-11-20"
    assert to_json(change) == record


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({}, "There is no change “None”"),
        ({"do": "explode"}, "There is no change “explode”"),
        ({"do": ["lead"]}, "There is no change"),
        ({"do": "lead"}, "“article” is missing"),
        ({"do": "lead", "article": 1, "colour": "red"}, "“colour” is no part of it"),
        ({"do": "lead", "article": "1"}, "article must be a whole number, 1 or more"),
        ({"do": "lead", "article": True}, "article must be a whole number"),
        ({"do": "lead", "article": 0}, "1 or more"),
        ({"do": "lead", "article": 2**63}, "article must be a whole number"),
        ({"do": "move", "article": 1, "after": -1}, "0 or more"),
        ({"do": "move", "article": 1, "after": "x"}, "after must be a whole number"),
        ({"do": "pin", "item": "author", "id": 1}, "neither “article” nor “comment”"),
        ({"do": "pin", "item": ["article"], "id": 1}, "neither “article” nor “comment”"),
        ({"do": "subject", "text": 5}, "text must be a text"),
        ({"do": "subject", "text": "a\r\nBcc: b@example.com"}, "a single line"),
        ({"do": "subject", "text": "x" * 251}, "251 characters"),
        ({"do": "introduction", "markdown": "a\x00b"}, "control characters"),
        ({"do": "excerpt", "article": 1, "text": "\ud800"}, "control characters"),
        ({"do": "sponsored", "sponsor": {"title": "Rope", "text": "", "url": "javascript:alert(1)"}}, "must begin with https://"),
        ({"do": "sponsored", "sponsor": "Rope"}, "sponsored: sponsor:"),
    ],
)
def test_what_makes_no_sense_is_refused_in_clear_words(record: dict[str, Any], said: str) -> None:
    with pytest.raises(BadChange, match=said):
        from_json(record)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=5,
    ),
    st.sampled_from(sorted(KINDS)),
    st.sampled_from(["article", "id", "item", "text", "after", "sponsor", "number"]),
)
def test_whatever_stands_in_a_record_it_is_a_change_or_refused(value: Any, kind: str, part: str) -> None:
    try:
        assert isinstance(to_json(from_json({"do": kind, part: value})), dict)
    except BadChange as error:
        assert str(error)


@given(histories())
def test_folding_is_the_same_whatever_order_the_rows_come_in(history: Changes) -> None:
    assert Changes.of(reversed(history.all)) == history == Changes.of(history.all)


@given(histories(), st.data())
def test_undoing_and_redoing_are_opposites(history: Changes, data: st.DataObject) -> None:
    if not history.standing:
        assert _then(history, Undo(number=1)).standing == _then(history, Undo(number=99)).standing == ()
        return
    number = data.draw(st.sampled_from([one.number for one in history.standing]))
    undone = _then(history, Undo(number=number))
    assert [one.number for one in undone.standing] == [one.number for one in history.standing if one.number != number]
    assert _then(undone, Redo(number=number)).standing == history.standing
    assert _then(undone, Undo(number=number)).standing == undone.standing


def _then(history: Changes, change: Change) -> Changes:
    return Changes.of((*history.all, Changed(number=history.revision + 1, at=AT, who="Ben", change=change)))


def test_an_undoing_is_not_undone_and_what_is_not_there_neither() -> None:
    history = changes(Subject(text="One"), Undo(number=1), Undo(number=2), Undo(number=7))
    assert history.standing == ()
    assert history.revision == 4
    assert [one.undone for one in history.all] == [True, False, False, False]
    assert replace(history.all[0], undone=False).change == Subject(text="One")


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ([Pin(item=A, id=1)], {(A, 1): Say.PINNED}),
        ([Pin(item=A, id=1), Lead(article=1)], {(A, 1): Say.PINNED}),
        ([Pin(item=A, id=1), Drop(item=A, id=1)], {(A, 1): Say.DROPPED}),
        ([Drop(item=A, id=1), Lead(article=1)], {(A, 1): Say.ASKED}),
        ([Drop(item=A, id=1), Back(item=A, id=1)], {}),
        ([Pin(item=A, id=1), Swap(out=1, into=2)], {(A, 1): Say.DROPPED, (A, 2): Say.ASKED}),
        ([Swap(out=1, into=2), Swap(out=2, into=1)], {(A, 1): Say.ASKED, (A, 2): Say.DROPPED}),
        ([Pin(item=C, id=1), Quote(article=1, comment=1)], {(C, 1): Say.ASKED}),
        ([Quote(article=1, comment=0)], {}),
    ],
)
def test_the_last_say_on_an_item_counts(made: list[Change], said: dict[tuple[Kind, int], Say]) -> None:
    assert changes(*made).says == said
