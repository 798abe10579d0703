"""The weights of a newsletter as sliders."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.desk.why.weights_tried import TABLES, NoSuchWeight, differing, groups, numbers, place_of, tried
from tests.editions.snapshots import newsletter

LETTER = newsletter(
    preset="community", articles={"decay": 0.5}, cadences={"daily": {"schedule": "0 6 * * *", "articles": {"freshness": 0.9}}}, cadence="weekly"
)


def test_every_number_of_the_rules_has_a_slider_with_words() -> None:
    for table, (rules, _) in TABLES.items():
        shown = [one.field for group in groups(table, LETTER, LETTER, {}) for one in group.weights]
        assert sorted(shown) == sorted(f"{table}.{key}" for key, field in rules.model_fields.items() if field.annotation in (int, float))


def test_a_slider_reaches_from_bound_to_bound_and_holds_its_value() -> None:
    shown = {one.field: one for table in TABLES for group in groups(table, LETTER, LETTER, {}) for one in group.weights}

    assert (shown["articles.relevance"].least, shown["articles.relevance"].most) == (0, 1)
    assert shown["articles.per_section_share"].low == 0.01
    assert (shown["articles.per_author"].low, shown["articles.per_author"].step) == (1, 1)
    assert (shown["articles.freshness"].low, shown["articles.freshness"].most) == ("", 1)
    assert shown["comments.votes_weight"].value == 2  # of the preset
    assert all(one.least <= one.value <= one.most for one in shown.values())


def test_what_the_environment_says_is_named() -> None:
    shown = [one for group in groups("articles", LETTER, LETTER, {"DIGEST_NEWSLETTERS__WEEKLY__ARTICLES__DECAY": "1"}) for one in group.weights]

    assert [one.field for one in shown if one.outside] == ["articles.decay"]


def test_each_cadence_keeps_its_own_rules_of_articles() -> None:
    daily = LETTER.at("daily")

    assert place_of(LETTER, "articles.decay") == ("newsletters", "weekly", "articles", "decay")
    assert place_of(daily, "articles.decay") == ("newsletters", "weekly", "cadences", "daily", "articles", "decay")
    assert place_of(daily, "comments.depth") == ("newsletters", "weekly", "comments", "depth")
    assert differing(daily, {"articles.freshness": 0.9, "articles.decay": 0.4}, {}) == {"articles.decay": 0.4}


def test_a_newsletter_with_other_weights_is_otherwise_the_same() -> None:
    other = tried(LETTER.at("daily"), numbers({"articles.freshness": "0,4", "comments.depth": "0.1", "csrf": "x"}))

    assert (other.articles.freshness, other.comments.depth, other.articles.decay) == (0.4, 0.1, 0.5)
    assert (other.cadence, other.own_cadence, other.comments.votes_weight) == ("daily", "weekly", 2)


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("articles.nothing", "1", "no weight"),
        ("articles.pin", "1", "no weight"),
        ("articles.freshness", "much", "no number"),
        ("articles.freshness", "nan", "out of all bounds"),
        ("articles.freshness", "1e300", "out of all bounds"),
        ("articles.per_author", "1.5", "no whole number"),
    ],
)
def test_what_is_no_weight_is_refused(field: str, text: str, said: str) -> None:
    with pytest.raises(NoSuchWeight, match=said):
        numbers({field: text})


def test_a_value_beyond_its_bounds_is_refused_in_words() -> None:
    with pytest.raises(NoSuchWeight, match=r"articles\.decay: .*greater than or equal to 0"):
        tried(LETTER, {"articles.decay": -1})


@given(
    st.dictionaries(st.sampled_from(["articles.decay", "articles.per_author", "comments.", ".", "articles", "comments.depth"]), st.text(max_size=8))
)
def test_whatever_an_address_says_is_a_number_or_refused(asked: dict[str, str]) -> None:
    try:
        found = numbers(asked)
    except NoSuchWeight:
        return
    assert all(abs(value) <= 1_000_000 for value in found.values())
