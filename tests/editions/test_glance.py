"""What is settled at a glance is settled as every gate would settle it, and words are parted as the pattern parts them."""

import re
from itertools import combinations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest.content.values import Comment
from digest.editions.comment_score import Yardstick
from digest.editions.gates import Gates, says_nothing
from digest.editions.glance import is_plain
from digest.editions.private import private
from digest.editions.scores import Scores
from digest.editions.similar import clusters, fingerprint, same_item
from digest.editions.talk import talk
from digest.editions.votes import scale
from digest.editions.words import words
from tests.editions.snapshots import CUTOFF, STORY, article, comment, comments, newsletter

quick = settings(max_examples=300)
PIECES = ["I", "we", "WWW.", "www.", "home", "plate ", "Registration", " ", "\n", "'", "-", "--", ".", "!", "?", "AB", "B-", "-A", "12", "1991"]
PIECES += [
    "555",
    "0104477",
    "@",
    "a@b.example",
    "(",
    "[…]",
    ">",
    "/",
    "_",
    "…",
    "’",
    "é",
    "ł",
    "日本",
    "😀",
    "don't",
    "well-known",
    "http://x.example",
]
JOINED = st.lists(st.sampled_from(PIECES), max_size=14)
TEXTS = st.one_of(st.text(max_size=60), JOINED.map("".join), JOINED.map(" ".join))
WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")


@quick
@given(TEXTS)
@example("I have it since 1991, and it runs.")
@example("www.harbour.example")
@example("my plate is 4711 today")
def test_plain_text_passes_every_gate_for_texts(text: str) -> None:
    if is_plain(text):
        assert (private(text), says_nothing(text)) == ("", False)
        assert Gates(newsletter(), CUTOFF).comment(comment(1, text=text)) is None


def test_most_text_is_plain() -> None:
    assert is_plain("We went there by boat, didn't we? It was cold!")
    assert is_plain("I have had mine since 1991, and it runs.")
    assert not is_plain("ring me: 5550104477")


@quick
@given(comments(1, 1), st.sampled_from(["en", "de", "ru", "ja", "xx"]), st.sampled_from([(), ("Ada",)]))
def test_a_glance_never_says_otherwise_than_the_gates(one: Comment, language: str, never: tuple[str, ...]) -> None:
    rules = {"never_quote": never}
    glancing = Gates(newsletter(language=language, comments=rules), CUTOFF)
    # A day long past keeps everything in, and has every gate asked.
    asking = Gates(newsletter(language=language, comments={**rules, "quotable_since": "1990-01-01"}), CUTOFF)
    assert glancing.comment(one) == asking.comment(one)


@quick
@given(st.one_of(TEXTS, st.text(alphabet="ab1'-_ .’", max_size=30)))
def test_plain_words_are_those_of_the_pattern(text: str) -> None:
    plain = text.lower().replace("’", "'")
    if plain.isascii():
        assert words(text) == WORD.findall(plain)


@settings(max_examples=50)
@given(st.lists(comments(1, 1), max_size=25), st.booleans())
def test_the_best_come_first_in_exact_order(found: list[Comment], english: bool) -> None:
    said = tuple(one._replace(id=number, article_id=1, parent_id=None) for number, one in enumerate(found, 1))
    thread = talk(article(1, text=STORY), said)
    measure = scale([thread], CUTOFF)
    yardstick = Yardstick(rules=newsletter().comments, language="en" if english else "xx", cutoff=CUTOFF, scale=measure)
    scores = Scores({1: thread}, yardstick)
    ordered = [one.comment.id for one in scores.best_first([thread])]
    plain = Scores({1: thread}, yardstick)
    assert ordered == [one.comment.id for one in sorted(map(plain.of, said), key=lambda one: one.rank)]


@pytest.mark.parametrize("alike", [1, 2, 5])
def test_duplicates_are_found_as_by_comparing_all_with_all(alike: int) -> None:
    texts = [f"{STORY} {number // alike} " * 2 for number in range(12)]
    prints = [fingerprint(article(number, title=f"Boat {number // alike} sails", text=text), "en") for number, text in enumerate(texts, 1)]
    rules = newsletter().articles
    found = clusters(prints, rules, discussed=lambda article: 0, first=frozenset())
    pairs = {(other.article.id, one.article.id) for one, other in combinations(prints, 2) if same_item(one, other, rules)}
    assert set(found.items()) <= {pair for one, other in pairs for pair in ((one, other), (other, one))}
    assert all(one in found or other in found for one, other in pairs)
