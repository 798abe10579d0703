"""Excerpts: unaltered beginnings, never too long, never cut where it hurts."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.content.clusters import joins
from digest.content.excerpt import excerpt

STORY = (
    "The tram came late again. Nobody minded, e.g. the driver of No. 5. Dr. Marsh said “it is a fine evening for a walk home” and left. "
    "Then it rained; see https://paper.example/a/b?c=d,e and ask @tilda.marsh about it"
)
PIECES = [
    "word ",
    "A sentence. ",
    "“",
    "” ",
    "e\u0301",
    "👩\u200d🚀",
    "👍🏽",
    "🇳🇱",
    "海",
    "。",
    "กำ",
    "\n\n",
    "https://a.example/x, ",
    "@pim ",
    "\ud83d",
    "한",
]
TEXTS = st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=60).map("".join))


@given(TEXTS, st.integers(0, 20), st.booleans())
def test_an_excerpt_is_a_beginning_within_the_limit(text: str, words: int, paragraphs: bool) -> None:
    whole = excerpt(text, 10**9, paragraphs=paragraphs)
    short = excerpt(text, words, paragraphs=paragraphs)
    assert not whole.cut
    assert whole.text.split() == text.split()
    assert whole.text.startswith(short.text)
    assert short.cut == (short.text != whole.text)
    assert not joins(whole.text, len(short.text))
    spaced = [word for word in short.text.split() if not any("\u0e00" <= letter <= "\uffef" for letter in word)]
    assert len(spaced) <= words


@given(TEXTS, st.integers(1, 20))
def test_no_excerpt_ends_inside_an_emoji_or_on_half_a_letter(text: str, words: int) -> None:
    short = excerpt(text, words).text
    rest = excerpt(text, 10**9).text[len(short) :]
    assert not short.endswith("\u200d") or not rest
    assert not (rest and (unicodedata.combining(rest[0]) or unicodedata.category(rest[0]) == "Mn"))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (0, ""),
        (3, "The tram came"),
        (8, "The tram came late again."),
        (16, "The tram came late again. Nobody minded, e.g. the driver of No. 5. Dr. Marsh said"),
        (20, "The tram came late again. Nobody minded, e.g. the driver of No. 5. Dr. Marsh said"),
        (28, STORY[: STORY.index(" Then")]),
    ],
)
def test_cut_at_a_sentence_or_before_a_quotation(words: int, expected: str) -> None:
    short = excerpt(STORY, words)
    assert short.text == expected
    assert short.cut


def test_nothing_is_cut_within_the_limit() -> None:
    assert excerpt(STORY, 60).text == STORY
    assert not excerpt(STORY, 60).cut


@pytest.mark.parametrize("words", range(1, 12))
def test_addresses_and_mentions_stay_whole(words: int) -> None:
    text = "See https://paper.example/海/続き?x=1 now or ask @海海海海海海海海 there, or paper.example/海海海海海 instead"
    left = excerpt(text, words).text
    for whole in ("https://paper.example/海/続き?x=1", "@海海海海海海海海", "paper.example/海海海海海"):
        assert whole in left or not left.endswith(tuple(whole[:size] for size in range(5, len(whole))))


def test_a_text_that_is_one_endless_address_has_no_excerpt() -> None:
    assert excerpt("https://paper.example/" + "a" * 5_000, 20).text == ""


def test_an_endless_word_is_cut_by_its_length() -> None:
    assert excerpt("a" * 5_000, 5).text == "a" * 200


def test_a_quotation_at_the_beginning_may_be_cut() -> None:
    assert excerpt("“" + "word " * 100 + "end”", 4).text == "“word word word word"


def test_chinese_and_japanese_count_two_characters_a_word() -> None:
    assert excerpt("今日は天気がいいです。散歩に行きましょう。明日は雨です。", 8).text == "今日は天気がいいです。"


def test_thai_is_cut_between_clusters() -> None:
    text = "สวัสดีครับยินดีต้อนรับสู่กรุงเทพมหานคร"
    short = excerpt(text, 2).text
    assert 0 < len(short) <= 12
    assert not joins(text, len(short))


def test_paragraphs_stay_where_asked_for() -> None:
    text = "One.\n\nTwo three four.\n\nFive six"
    assert excerpt(text, 5, paragraphs=True).text == "One.\n\nTwo three four."
    assert excerpt(text, 5).text == "One. Two three four."


@pytest.mark.parametrize("text", ["a" * 10**6, "a-b." * 250_000, "“" * 10**6, "\u0301" * 10**6, "🇳🇱" * 100_000, "。" * 10**6, "x." * 500_000])
def test_a_megabyte_of_nonsense_is_cut_too(text: str) -> None:
    assert len(excerpt(text, 55).text) <= 55 * 40
