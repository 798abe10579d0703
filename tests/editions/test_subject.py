import re
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.editions.headline import cut, headline
from digest.editions.subject import Substance, named, preheader, recount, subject
from digest.editions.words import jaccard, words
from digest.render.translation import languages, own_texts

PLAIN = Substance(
    titles=("The old ferry comes home", "Council votes for a second quay", "Where the herring went"),
    newsletter="The Harbour Week",
    publication="The Harbour Post",
    description="Boats, weather and what people said about them, every Monday.",
    day="2026-11-23",
)


def test_the_lead_comes_first_and_then_what_else_there_is() -> None:
    assert subject(PLAIN) == "The old ferry comes home, + 2 more"
    assert subject(replace(PLAIN, readers_speak=True)) == "The old ferry comes home, and what readers said"
    assert subject(replace(PLAIN, titles=PLAIN.titles[:1])) == "The old ferry comes home"


def test_other_languages_have_their_own_words_or_only_a_number() -> None:
    said = {language: subject(replace(PLAIN, texts=own_texts(language))) for language in ("de-AT", "fr", "es", "ar")}
    assert said == {
        "de-AT": "The old ferry comes home, + 2 weitere",
        "fr": "The old ferry comes home, + 2 autres",
        "es": "The old ferry comes home, + 2 más",
        "ar": "The old ferry comes home، وموضوعان آخران",
    }
    assert subject(replace(PLAIN, texts=own_texts("fr"), readers_speak=True)) == "The old ferry comes home, et ce qu’en disent les lecteurs"
    assert subject(replace(PLAIN, texts=own_texts("fi"), readers_speak=True)) == "The old ferry comes home (+2)"


def test_a_long_title_is_cut_at_a_clause_or_between_words() -> None:
    assert (
        subject(replace(PLAIN, titles=("The old ferry comes home: after forty years on the rocks of the northern isles",)))
        == "The old ferry comes home"
    )
    long = "The old ferry comes home after forty years on the rocks of the northern isles"
    assert subject(replace(PLAIN, titles=(long,))) == "The old ferry comes home after forty years on the rocks of…"


def test_last_weeks_subject_is_not_repeated() -> None:
    assert subject(PLAIN, "the old ferry comes home, + 2 MORE") == "The old ferry comes home"


def test_neither_commenters_nor_sponsors_are_named() -> None:
    substance = replace(PLAIN, unnamed=lambda line: bool(named(line, {"Old Ferry", "Herring", "Al"})))
    assert subject(substance) == "Council votes for a second quay, + 2 more"
    nothing_left = replace(PLAIN, unnamed=lambda line: bool(named(line, {"ferry", "quay", "herring"})))
    assert subject(nothing_left) == "The Harbour Post, 2026-11-23"


@pytest.mark.parametrize(
    ("title", "line"),
    [
        ("Re: Fwd: The ferry", "The ferry"),
        ("THE FERRY IS BACK", "The ferry is back"),
        ("The ferry!!! Is back!", "The ferry! Is back"),
        ("Boats ⛵⛵ and fish 🐟", "Boats ⛵ and fish"),
        ("Family 👩‍👩‍👧 boat", "Family 👩‍👩‍👧 boat"),
        ("Two\r\nBcc: all@harbour.example\x00 lines\u202e", "Two Bcc: all@harbour.example lines"),
        ("NATO", "NATO"),
    ],
)
def test_a_headline_is_one_calm_line(title: str, line: str) -> None:
    assert headline(title) == line


def test_a_cut_never_parts_a_grapheme() -> None:
    family = "👩‍👩‍👧"
    assert cut(family * 3, 8) == f"{family}…"
    assert cut("e\u0301" * 40, 10) == "e\u0301" * 4 + "…"


def test_the_preheader_adds_to_the_subject() -> None:
    assert preheader(PLAIN, subject(PLAIN)) == "Council votes for a second quay · Where the herring went"
    alone = replace(PLAIN, titles=PLAIN.titles[:1], gists=("“My father sailed on her for twelve years …”",))
    assert preheader(alone, subject(alone)) == "“My father sailed on her for twelve years …”"
    bare = Substance(titles=("Ferry",), newsletter="Week", publication="Post", day="2026-11-23")
    assert preheader(bare, subject(bare)) == "Week, Post, 2026-11-23 · The latest articles, and what their readers have to say about…"


def test_a_subject_keeps_count_when_stories_go() -> None:
    assert recount("The old ferry comes home, + 4 more", 4, 3) == "The old ferry comes home, + 3 more"
    assert recount("The old ferry comes home (+1)", 1, 0, None) == "The old ferry comes home"
    assert recount("Plan 4 of 4", 4, 3) == "Plan 4 of 4"


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize(("before", "after"), [(12, 11), (3, 2), (2, 1), (1, 0), (101, 100)])
def test_it_keeps_count_in_every_language(language: str, before: int, after: int) -> None:
    """In Arabic one and two further ones are words, and have no figure that could be replaced."""
    texts = own_texts(language)

    def line(more: int) -> str:
        return subject(replace(PLAIN, titles=("Ferry",) + ("Quay",) * more, texts=texts))

    assert line(before) != line(after)
    assert recount(line(before), before, after, texts) == line(after)


titles = st.one_of(st.text(min_size=1, max_size=150), st.sampled_from(["RE: RE: GO!!", "😀😀😀", "The ferry", "x" * 200, "SHOUTING ALL THE TIME"]))


@given(st.lists(titles, min_size=1, max_size=5), st.booleans(), st.text(max_size=30))
def test_any_titles_make_a_lawful_subject_and_preheader(given_titles: list[str], readers_speak: bool, last: str) -> None:
    substance = replace(PLAIN, titles=tuple(given_titles), readers_speak=readers_speak)
    line = subject(substance, last)
    added = preheader(substance, line)
    assert 0 < len(line) <= 100
    assert 40 <= len(added) <= 90
    assert line.casefold() != last.casefold()
    for text in (line, added):
        assert not any(unicodedata.category(character) in ("Cc", "Zl", "Zp", "Cs") for character in text)
    assert not re.match(r"(?i)(re|fwd?)\s*:", line)
    assert line.count("!") <= 1
    assert not line.isupper() or line == line.capitalize()  # a single letter, or one that has no small form
    assert jaccard(frozenset(words(line)), frozenset(words(added))) < 0.5
