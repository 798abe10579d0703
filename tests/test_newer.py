"""What of a page that comes back is written, and what of a choice a newsletter offers: pure, on any choice."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from digest.newer import newer_choice
from digest.newsletter import Newsletter
from digest.offered import fitting, plain
from digest.settings import parse
from subscribers.change import ALL, Choice

SECTIONS, AUTHORS = ("Harbour", "Town Council", "Küche"), ("Mara Finch", "Tom Ashdown")
LETTER = {"title": "Wick", "from_address": "wick@example.org", "local_time": True, "cadences": {"daily": {"schedule": "0 7 * * *"}}}
names = st.frozensets(st.sampled_from((*SECTIONS, *AUTHORS, "HARBOUR", " küche ", "Cellar", "")), max_size=4)
choices = st.builds(
    Choice,
    cadence=st.sampled_from(["", "weekly", "daily", "hourly"]),
    sections=names,
    authors=names,
    muted_sections=names,
    muted_authors=names,
    hour=st.none() | st.integers(0, 23),
)


def letter(**sign_up: object) -> Newsletter:
    offer = {"sections": SECTIONS, "authors": AUTHORS, **sign_up}
    return parse({"newsletters": {"wick": {**LETTER, "sign_up": offer}}}, folder=Path()).newsletter("wick")


def opinion(choice: Choice, name: str) -> tuple[bool, bool]:
    return name in choice.sections, name in choice.muted_sections


def apart(choice: Choice) -> bool:
    return not (choice.sections & choice.muted_sections or choice.authors & choice.muted_authors)


@given(kept=choices.filter(apart), shown=choices.filter(apart), said=choices.filter(apart))
def test_each_name_is_as_the_page_says_anew_or_as_it_is_kept(kept: Choice, shown: Choice, said: Choice) -> None:
    found = newer_choice(kept, shown, said)
    assert apart(found)
    for name in (*SECTIONS, "Cellar"):
        newest = opinion(kept, name) if opinion(said, name) == opinion(shown, name) else opinion(said, name)
        # Who takes back in one tab what they turned round in another has it as it is there.
        assert opinion(found, name) in (newest, opinion(kept, name))
    assert found.cadence == (kept.cadence if said.cadence == shown.cadence else said.cadence)
    assert found.hour == (kept.hour if said.hour == shown.hour else said.hour)


@given(kept=choices.filter(apart), said=choices.filter(apart))
def test_a_page_that_showed_what_is_kept_is_believed_and_one_nobody_touched_changes_nothing(kept: Choice, said: Choice) -> None:
    assert newer_choice(kept, kept, said) == said
    assert newer_choice(kept, said, said) == kept


def test_what_two_tabs_say_of_two_sections_both_holds() -> None:
    first, second = Choice(sections=frozenset({"Harbour"})), Choice(muted_sections=frozenset({"Küche"}))
    both = newer_choice(newer_choice(ALL, ALL, first), ALL, second)
    assert both == Choice(sections=frozenset({"Harbour"}), muted_sections=frozenset({"Küche"}))
    assert newer_choice(both, ALL, Choice(sections=frozenset({"Küche"}))) == Choice(sections=frozenset({"Harbour", "Küche"}))


@given(choice=choices, muting=st.booleans())
def test_only_what_is_offered_fits_in_its_declared_spelling(choice: Choice, muting: bool) -> None:
    wick = letter(muting=muting)
    fit = fitting(wick, choice)
    assert fit == fitting(wick, fit) == plain(wick, fit)
    assert fit.sections | fit.muted_sections <= set(SECTIONS) and fit.authors | fit.muted_authors <= set(AUTHORS)
    assert apart(fit) and fit.cadence in ("", "weekly", "daily") and fit.hour == choice.hour
    assert muting or not (fit.muted_sections or fit.muted_authors)


def test_another_spelling_is_the_declared_one() -> None:
    found = fitting(letter(), Choice(sections=frozenset({"HARBOUR", " küche "}), muted_authors=frozenset({"tom ashdown", "Nobody"})))
    assert found == Choice(sections=frozenset({"Harbour", "Küche"}), muted_authors=frozenset({"Tom Ashdown"}))


def test_all_sections_are_everything_unless_an_author_is_followed() -> None:
    every = frozenset(SECTIONS)
    assert fitting(letter(), Choice(sections=every)) == ALL
    with_mara = Choice(sections=every, authors=frozenset({"Mara Finch"}))
    assert fitting(letter(), with_mara) == with_mara  # else only what she wrote would come
