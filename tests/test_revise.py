"""What an operator changes of a reader's choice: only what is named, and only to what is offered."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import DigestError
from digest.newsletter import Newsletter
from digest.revise import Revision, revised
from subscribers.change import ALL, Choice

OFFERED: Mapping[str, Any] = {"sections": ["Sea", "Sky", "Town"], "authors": ["Ada", "Bo", "Sea"]}


def letter(**more: Any) -> Newsletter:
    given: dict[str, Any] = {
        "slug": "weekly",
        "title": "Weekly",
        "from_address": "post@lamp.example",
        "local_time": True,
        "quiet_hours": "21:00-06:00",
        "cadences": {"daily": {"schedule": "0 7 * * *"}},
        "sign_up": OFFERED,
    }
    return Newsletter.model_validate(given | more)


def names(*some: str) -> frozenset[str]:
    return frozenset(some)


def test_what_is_not_named_stays() -> None:
    kept = Choice(cadence="daily", sections=names("Sea"), authors=names("Ada"), muted_sections=names("Sky"), hour=8)
    assert revised(letter(), kept, Revision(weeks=2)) == kept
    assert revised(letter(), kept, Revision(cadence="")) == Choice(sections=kept.sections, authors=kept.authors, muted_sections=names("Sky"), hour=8)
    assert revised(letter(), kept, Revision(hour="")).hour is None
    assert revised(letter(), kept, Revision(sections=("",), authors=("",), mute=("",), cadence="", hour="")) == ALL


def test_names_are_found_in_any_spelling_and_several_at_once() -> None:
    assert revised(letter(), ALL, Revision(sections=("sky, SEA",))).sections == names("Sea", "Sky")
    assert revised(letter(), ALL, Revision(sections=("Sea", "Sky"), authors=("bo",))) == Choice(sections=names("Sea", "Sky"), authors=names("Bo"))
    assert revised(letter(sign_up={"sections": ["Arts, and letters", "Sea"]}), ALL, Revision(sections=("Arts, and letters",))).sections


def test_a_name_that_a_section_and_an_author_have_is_muted_as_the_section() -> None:
    muted = revised(letter(), ALL, Revision(mute=("Sea,Ada",)))
    assert (muted.muted_sections, muted.muted_authors) == (names("Sea"), names("Ada"))


def test_what_is_newly_followed_is_muted_no_longer_and_the_other_way_round() -> None:
    muted = Choice(muted_sections=names("Sea", "Sky"))
    assert revised(letter(), muted, Revision(sections=("Sea",))) == Choice(sections=names("Sea"), muted_sections=names("Sky"))
    followed = Choice(sections=names("Sea", "Sky"))
    assert revised(letter(), followed, Revision(mute=("Sea",))) == Choice(sections=names("Sky"), muted_sections=names("Sea"))


def test_all_sections_are_what_everybody_gets() -> None:
    assert revised(letter(), ALL, Revision(sections=("Sea,Sky,Town",))) == ALL


def test_what_they_have_all_the_same_may_stay() -> None:
    kept = Choice(cadence="hourly", sections=names("Cellar"), hour=3)
    assert revised(letter(), kept, Revision(cadence="hourly", sections=("cellar,Sea",), hour="3")) == Choice(
        cadence="hourly", sections=names("Cellar", "Sea"), hour=3
    )


@pytest.mark.parametrize(
    ("revision", "said"),
    [
        (Revision(cadence="hourly"), "has no cadence “hourly” in digest.toml (known: weekly, daily)"),
        (Revision(sections=("Sprot",)), "“Sprot” is not among the sections that can be chosen (offered: Sea, Sky, Town)."),
        (Revision(authors=("Adaa",)), "did you mean “Ada”?"),
        (Revision(mute=("Moon",)), "“Moon” is not among the sections or authors to mute"),
        (Revision(sections=("Sea",), mute=("Sea",)), "“Sea” cannot be followed and muted at once."),
        (Revision(hour="3"), "“3” is no hour to choose for “weekly”: it comes at 6 to 20."),
        (Revision(hour="seven"), "“seven” is no hour"),
    ],
)
def test_what_is_not_offered_is_told_with_what_is(revision: Revision, said: str) -> None:
    with pytest.raises(DigestError) as told:
        revised(letter(), ALL, revision)
    assert said in str(told.value)


def test_where_nothing_is_offered_it_says_so() -> None:
    plain = letter(sign_up={"muting": False, "sections": ["Sea"]}, local_time=False)
    for revision, said in (
        (Revision(authors=("Ada",)), "none are offered"),
        (Revision(mute=("Sea",)), "none are offered"),
        (Revision(hour="7"), "local_time is off"),
    ):
        with pytest.raises(DigestError) as told:
            revised(plain, ALL, revision)
        assert said in str(told.value)


SOME = st.frozensets(st.sampled_from([*OFFERED["sections"], "Cellar"]))
PEOPLE = st.frozensets(st.sampled_from(["Ada", "Bo"]))
TEXTS = st.none() | st.lists(st.sampled_from(["Sea", "sky", "Town,Sea", "Ada", "Bo , ada", "", "Moon"]), max_size=3).map(tuple)


REVISIONS = st.builds(Revision, sections=TEXTS, authors=TEXTS, mute=TEXTS)


@given(sections=SOME, authors=PEOPLE, muted=SOME, revision=REVISIONS)
def test_nothing_is_both_followed_and_left_out(sections: frozenset[str], authors: frozenset[str], muted: frozenset[str], revision: Revision) -> None:
    kept = Choice(sections=sections - muted, authors=authors, muted_sections=muted)
    try:
        choice = revised(letter(), kept, revision)
    except DigestError:
        return
    assert not choice.sections & choice.muted_sections and not choice.authors & choice.muted_authors
    assert choice.sections | choice.muted_sections <= names(*OFFERED["sections"], "Cellar")
