"""Changes as forms ask for them, and as the desk tells of them."""

import json
from collections.abc import Mapping
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.change_words import change_words, done_words
from digest.desk.content.asked_change import asked_change, asked_number, asked_seen
from digest.editions.change_record import KINDS, to_json
from digest.editions.changes import (
    Back,
    Change,
    Changed,
    Changes,
    Drop,
    Excerpt,
    Introduction,
    Lead,
    Move,
    MoveSection,
    Pin,
    Preheader,
    Quote,
    Redo,
    Sponsored,
    Subject,
    Swap,
    Undo,
)
from digest.editions.values import Kind
from digest.errors import BadChange
from digest.item_names import Named, Names
from digest.newsletter import Sponsor
from digest.web.form import Form
from tests.editions.snapshots import CUTOFF

NAMES = Names([(1, Named(title="The ferry is back")), (2, Named(title="A fish pie"))], [(7, Named(title="I was there", by="Ewa"))])
TOLD: dict[str, Change] = {
    "made “The ferry is back” the lead": Lead(article=1),
    "pinned “A fish pie”": Pin(item=Kind.ARTICLE, id=2),
    "put the comment of Ewa among the top comments": Pin(item=Kind.COMMENT, id=7),
    "dropped the comment of Ewa": Drop(item=Kind.COMMENT, id=7),
    "left “A fish pie” to the program again": Back(item=Kind.ARTICLE, id=2),
    "moved “A fish pie” behind “The ferry is back”": Move(article=2, after=1),
    "moved “A fish pie” to the first place of its section": Move(article=2, after=0),
    "moved the section “Town” to the first place": MoveSection(section="Town", after=""),
    "moved the section “Town” behind “Sea”": MoveSection(section="Town", after="Sea"),
    "swapped “A fish pie” for “The ferry is back”": Swap(out=2, into=1),
    "chose the comment of Ewa under “A fish pie”": Quote(article=2, comment=7),
    "took the quote from “A fish pie”": Quote(article=2, comment=0),
    "set the subject to “Hello”": Subject(text="Hello"),
    "left the subject to the program again": Subject(text=""),
    "set the preheader to “And more”": Preheader(text="And more"),
    "set the introduction to “Dear readers, **hello**”": Introduction(markdown="Dear readers,\n\n**hello**"),
    "changed the words told of “A fish pie” to “Pie.”": Excerpt(article=2, text="Pie."),
    "took the sponsor out": Sponsored(sponsor=None),
    "set the sponsor to “Rope”": Sponsored(sponsor=Sponsor(title="Rope", text="By the metre", url="https://rope.example")),
    "undid change 3": Undo(number=3),
    "made change 3 count again": Redo(number=3),
}


def form(fields: Mapping[str, object]) -> Form:
    return Form(fields=tuple((name, str(value)) for name, value in fields.items()))


def test_every_kind_of_change_is_told() -> None:
    assert {type(change) for change in TOLD.values()} == set(KINDS.values())
    assert {change_words(change, NAMES): change for change in TOLD.values()} == TOLD


@pytest.mark.parametrize("told", [told for told, change in TOLD.items() if not isinstance(change, Undo | Redo)])
def test_a_button_brings_all_of_a_change(told: str) -> None:
    assert asked_change(form({"change": json.dumps(to_json(TOLD[told])), "do": "subject", "text": "not this"})) == TOLD[told]


def test_a_form_brings_a_change_in_its_fields() -> None:
    assert asked_change(form({"do": "subject", "text": "Hello"})) == Subject(text="Hello")
    assert asked_change(form({"do": "introduction", "markdown": "One\r\n\r\nTwo"})) == Introduction(markdown="One\n\nTwo")
    assert asked_change(form({"do": "excerpt", "article": 4, "text": "Words"})) == Excerpt(article=4, text="Words")
    assert asked_change(form({"do": "move", "article": 4, "after": 0})) == Move(article=4, after=0)
    assert asked_change(form({"do": "move section", "section": "Town", "after": "Sea"})) == MoveSection(section="Town", after="Sea")


def test_a_sponsor_comes_in_its_fields() -> None:
    said = {"title": "Rope", "text": "By the metre", "url": "https://rope.example", "from": "2026-11-01", "until": "", "image_width": "", "label": ""}

    made = asked_change(form({"do": "sponsored", **said}))

    assert isinstance(made, Sponsored)
    assert made.sponsor is not None
    assert (made.sponsor.title, made.sponsor.starts, made.sponsor.ends) == ("Rope", date(2026, 11, 1), None)
    assert asked_change(form({"do": "sponsored", **dict.fromkeys(said, "")})) == Sponsored(sponsor=None)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"do": "fly"},
        {"change": "{"},
        {"change": "[1]"},
        {"change": '{"do": "undo", "number": 1}'},
        {"do": "excerpt", "article": "one", "text": "x"},
        {"do": "sponsored", "title": "Rope", "text": "x", "url": "javascript:alert(1)"},
        {"do": "sponsored", "title": "Rope", "text": "x", "url": "https://rope.example", "from": "tomorrow"},
        {"do": "lead", "article": "9" * 40},
    ],
)
def test_what_is_no_change_is_refused(fields: Mapping[str, object]) -> None:
    with pytest.raises(BadChange):
        asked_change(form(fields))


def test_what_was_seen_and_what_is_meant_are_numbers() -> None:
    assert (asked_seen(form({"seen": 4})), asked_number(form({"number": 2}))) == (4, 2)
    with pytest.raises(BadChange):
        asked_seen(form({"seen": ""}))


@given(st.dictionaries(st.sampled_from(["change", "do", "article", "text", "after", "section", "title", "url"]), st.text(max_size=20)))
def test_whatever_a_form_holds_is_a_change_or_refused(fields: dict[str, str]) -> None:
    try:
        change_words(asked_change(form(fields)), NAMES)
    except BadChange:
        return


def test_a_deed_is_told_to_whoever_did_it_and_to_others() -> None:
    made: tuple[Change, ...] = (Lead(article=1), Undo(number=1), Redo(number=1))
    done = Changes.of(Changed(number=number, at=CUTOFF, who="Ana", change=one) for number, one in enumerate(made, 1))

    assert done_words(done, "1", NAMES, "Ana") == "You made “The ferry is back” the lead."
    assert done_words(done, "1", NAMES, "Ben") == "Ana made “The ferry is back” the lead."
    assert done_words(done, "2", NAMES, "Ana") == "Undone: made “The ferry is back” the lead."
    assert done_words(done, "3", NAMES, "Ana") == "Once more: made “The ferry is back” the lead."
    assert [done_words(done, number, NAMES, "Ana") for number in ("", "9", "x")] == ["", "", ""]
