from hypothesis import given
from hypothesis import strategies as st

from digest.editions.lexicon import ENGLISH, lexicon
from digest.editions.words import has_address, jaccard, length, sentences, telling, words


def test_words_are_lower_case_with_plain_apostrophes() -> None:
    assert words("I’ve a 1987 Well-kept “thing”!") == ["i've", "a", "1987", "well-kept", "thing"]


def test_scripts_without_spaces_go_by_characters() -> None:
    assert words("東京 is big") == ["東", "京", "is", "big"]


def test_length_counts_words_where_there_are_lists_and_characters_elsewhere() -> None:
    text = "Das ist ein kurzer Satz."
    assert length(text, words(text), ENGLISH) == 5
    assert length(text, words(text), None) == 24 / 6
    assert length("日本語日本", words("日本語日本"), None) == 2.5
    assert length("日本 ok", words("日本 ok"), ENGLISH) == 2


def test_only_english_has_lists() -> None:
    assert lexicon("en-GB") is ENGLISH
    assert lexicon("EN_us") is ENGLISH
    assert lexicon("de") is None


def test_sentences_end_at_stops_and_at_lines_ends() -> None:
    assert sentences("") == 1
    assert sentences("One. Two! Three?") == 3
    assert sentences("He said “no.” She said 3.5 was fine") == 2
    assert sentences("A list\n\nof lines") == 2
    assert sentences("一つ。二つ。") == 2


def test_telling_words_are_no_stop_words() -> None:
    assert telling(["the", "old", "harbour"], ENGLISH) == {"old", "harbour"}
    assert telling(["der", "alte", "hafen", "m3"], None) == {"alte", "hafen", "m3"}


def test_jaccard_is_shared_by_all() -> None:
    assert jaccard(frozenset("abc"), frozenset("bcd")) == 0.5
    assert jaccard(frozenset(), frozenset()) == 0


def test_addresses_are_seen() -> None:
    assert has_address("see WWW.harbour.example now")
    assert not has_address("the www is wide")


@given(st.text())
def test_any_text_has_words_and_a_length(text: str) -> None:
    found = words(text)
    assert all(word == word.lower() for word in found if word.isascii())
    assert length(text, found, None) >= 0
    assert length(text, found, ENGLISH) >= 0
    assert sentences(text) >= 1
