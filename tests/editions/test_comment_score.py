from math import isfinite, log, log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.content.values import Role
from digest.editions.comment_score import ScoredComment, Yardstick, quotable
from digest.editions.scores import Scores
from digest.editions.talk import talk
from digest.editions.text_score import text_score
from digest.editions.values import Term
from digest.editions.votes import Scale
from digest.rules import CommentRules
from tests.editions.snapshots import CUTOFF, STORY, article, author, comment, newsletter

RULES = CommentRules()


def terms(text: str, language: str = "en", rules: CommentRules = RULES) -> dict[str, float]:
    return {term.name: round(term.value, 9) for term in text_score(text, rules, language).terms}


def score(*said: object, article_given: dict[str, object] | None = None, **yardstick: object) -> dict[int, ScoredComment]:
    measure = Yardstick(**{"rules": RULES, "language": "en", "cutoff": CUTOFF, "quoted_people": frozenset(), **yardstick})  # type: ignore[arg-type]
    spoken = talk(article(1, **(article_given or {})), tuple(said))  # type: ignore[arg-type]
    scores = Scores({1: spoken}, measure)
    return {comment.id: scores.of(comment) for comment in spoken.comments}


def named(found: tuple[Term, ...]) -> dict[str, float]:
    return {term.name: term.value for term in found}


def test_length_saturates_at_120_words() -> None:
    assert text_score("a fine old boat came home", RULES, "en").value == pytest.approx(log(7) / log(121))  # .41
    assert terms(" ".join(f"w{letter}" for letter in "abcdefghijklmnopqrstuvwxyz" * 5))["length"] == 1
    assert text_score("", RULES, "en").value == 0


def test_the_community_preset_saturates_at_60_words() -> None:
    rules = newsletter(preset="community").comments
    assert text_score("a fine old boat came home", rules, "en").value == pytest.approx(log(7) / log(61))


def test_each_virtue_of_a_text_is_named() -> None:
    found = terms("Although it was old, we bought it because the data said 12 of 13, see https://harbour.example/x")
    assert found == {
        "length": pytest.approx(log(16) / log(121)),  # the link counts for itself
        "number": 0.05,
        "link": 0.05,
        "connectives": 0.10,
        "personal": 0.08,
    }


def test_each_vice_of_a_text_is_named() -> None:
    found = terms("WHAT AN IDIOT!!!!! stupid, stupid")
    assert found == {"length": pytest.approx(log(6) / log(121)), "exclamations": -0.20, "capitals": -0.30, "insults": -0.50}


def test_thirty_per_cent_of_capitals_are_not_too_many() -> None:
    assert "capitals" not in terms("ABCdefghij")
    assert "capitals" in terms("ABCDefghij")
    assert "capitals" in terms("ÄÖÜßéàabcÉÈ ÀÇ")


def test_repeating_oneself_costs() -> None:
    assert terms("the boat sank again. " * 15)["repetition"] == -0.15  # 4 of 60 words differ
    assert "repetition" not in terms("the boat sank again. " * 10)  # 40 words are not more than 40


def test_sentences_without_end_cost_by_their_length() -> None:
    assert terms(" ".join(f"word{number}" for number in range(60)))["long sentences"] == -0.05  # (60 − 40)/40 of .10
    assert "long sentences" not in terms(STORY)


def test_rambling_costs_up_to_three_tenths() -> None:
    def words(count: int) -> str:
        return ". ".join(" ".join(f"w{number}x{place}" for place in range(20)) for number in range(count // 20))

    assert terms(words(700))["rambling"] == -0.2
    assert terms(words(2000))["rambling"] == -0.3
    assert "rambling" not in terms(words(400))


def test_other_languages_go_without_word_lists() -> None:
    found = terms("Obwohl IDIOT data because we had 3 boats", language="de")
    assert found == {"length": pytest.approx(log(1 + 40 / 6) / log(121)), "number": 0.05}
    assert text_score("日本語の文章", RULES, "ja").value == pytest.approx(log(1 + 3) / log(121))


def test_an_opinion_that_begins_with_i_is_no_experience() -> None:
    assert "personal" not in terms("I think this is a fine idea")
    assert "personal" in terms("My father owned one of these")


def test_a_reply_by_the_house_lifts_what_it_answers() -> None:
    found = score(comment(1), comment(2, parent_id=1, role=Role.MODERATOR))
    assert named(found[1].terms)["staff reply"] == 0.15
    assert "staff reply" not in named(found[2].terms)


def test_a_reply_by_the_articles_author_counts_like_the_house() -> None:
    found = score(comment(1), comment(2, parent_id=1, author_id=9), article_given={"author": author(9)})
    assert named(found[1].terms)["staff reply"] == 0.15
    assert named(found[2].terms)["own thread"] == -0.20  # the author answers out of duty


def test_repliers_are_counted_once_and_four_are_enough() -> None:
    answers = [comment(number, parent_id=1, author_name=name) for number, name in enumerate(["A", "B", "A", "Reader 1"], 2)]
    assert named(score(comment(1), *answers)[1].terms)["repliers"] == pytest.approx(0.05 * log2(3))
    crowd = [comment(number, parent_id=1) for number in range(2, 12)]
    assert named(score(comment(1), *crowd)[1].terms)["repliers"] == pytest.approx(0.05 * log2(5))


def test_who_answers_in_the_own_thread_loses() -> None:
    found = score(comment(1, author_name="Ada"), comment(2, parent_id=1), comment(3, parent_id=2, author_name="ada "))
    assert named(found[3].terms)["own thread"] == -0.20
    assert "own thread" not in named(found[1].terms)
    assert "own thread" not in named(found[2].terms)


def test_depth_costs_from_the_second_answer_on() -> None:
    found = score(comment(1), comment(2, parent_id=1), comment(3, parent_id=2), comment(4, parent_id=3))
    assert [named(found[number].terms).get("depth") for number in (1, 2, 3, 4)] == [None, None, -0.05, -0.10]


def test_new_voices_and_talk_on_topic_gain() -> None:
    found = score(comment(1), comment(2), quoted_people=frozenset({"reader 2"}), article_given={"title": "The heater and the radio of a barn find"})
    assert named(found[1].terms)["new voice"] == 0.05
    assert "new voice" not in named(found[2].terms)
    assert named(found[1].terms)["on topic"] == 0.05
    assert "on topic" not in named(score(comment(1), article_given={"title": "Council votes on budget"})[1].terms)


def test_votes_weigh_one_and_a_half() -> None:
    found = score(comment(1, hours=24, votes_up=6), scale=Scale(reference=9))
    assert named(found[1].terms)["votes"] == pytest.approx(1.5 * log(5) / log(10))


def test_votes_or_an_editor_make_any_comment_quotable() -> None:
    found = score(
        comment(1, text="Boat floats."), comment(2, text="Boat floats.", votes_up=3), comment(3, text="Boat floats.", featured=True), comment(4)
    )
    assert [quotable(found[number], RULES) for number in (1, 2, 3, 4)] == [False, True, True, True]


def test_ties_go_to_the_shorter_then_the_earlier_then_the_lower_id() -> None:
    same = [comment(3), comment(1, hours=13), comment(2)]
    found = score(*same, comment(4, featured=True, text="Ha"))
    assert [one.comment.id for one in sorted(found.values(), key=lambda one: one.rank)] == [4, 1, 2, 3]


@given(st.text(max_size=300))
def test_any_text_has_a_finite_score_that_its_terms_add_up_to(text: str) -> None:
    one = score(comment(1, text=text))[1]
    assert isfinite(one.score)
    assert one.score == pytest.approx(sum(term.value for term in one.terms))


@pytest.mark.parametrize(
    "text", ["", "😀" * 300, "x" * 1_000_000, "a@" * 500_000, "!" * 1_000_000, "\n" * 1_000_000, "word. " * 170_000, "(" * 1_000_000]
)
def test_hostile_texts_have_finite_scores(text: str) -> None:
    assert isfinite(score(comment(1, text=text))[1].score)
