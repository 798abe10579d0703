from datetime import timedelta
from math import log2, sqrt

import pytest

from digest.content.values import Image, Role
from digest.editions.article_score import Candidate, ScoredArticle, Signals, score_articles, usable
from digest.editions.talk import talk
from digest.rules import ArticleRules
from tests.editions.snapshots import CUTOFF, START, article, author, comment

RULES = ArticleRules()


def candidate(number: int, *, said: int = 0, quotable: bool = False, delivers: bool = True, **given: object) -> Candidate:
    one = article(number, **given)  # type: ignore[arg-type]
    spoken = tuple(comment(100 * number + place, number) for place in range(said))
    return Candidate(article=one, talk=talk(one, spoken), quotable=quotable, delivers_comments=delivers)


def scores(*candidates: Candidate, rules: ArticleRules = RULES) -> dict[int, ScoredArticle]:
    found, _ = score_articles(candidates, rules, window_start=START, cutoff=CUTOFF)
    return {one.article.id: one for one in found}


def terms(one: ScoredArticle) -> dict[str, float]:
    return {term.name: term.value for term in one.terms}


def test_engagement_is_a_sum_of_logarithms() -> None:
    signals = Signals(comments=7, people=3, votes=15, views=300)
    assert signals.engagement == pytest.approx(3 + 2 * 2 + 4 + 0.5 * 2)


def test_the_best_has_one_and_the_others_their_share_corrected_for_age() -> None:
    found = scores(candidate(1, said=3, hours=156), candidate(2, said=1, hours=24), candidate(3, hours=24))

    def corrected(engagement: float, hours: float) -> float:
        return (engagement + 0.3) / sqrt(sqrt((hours + 12) / 180))

    best = corrected(log2(2) + 2 * log2(2), 24)
    first = corrected(log2(4) + 2 * log2(4), 156)
    assert terms(found[1])["talk"] == 1
    assert terms(found[2])["talk"] == pytest.approx(best / first)
    assert terms(found[3])["talk"] == pytest.approx(corrected(0, 24) / first)
    assert terms(found[2])["freshness"] == pytest.approx(0.15 * 2 ** (-24 / 84))


def test_picture_comment_and_boost_add_their_parts() -> None:
    url = "https://harbour.example/1/"
    picture = Image(url="https://harbour.example/1.jpg", width=1200, height=800)
    found = scores(candidate(1, said=1, quotable=True, image=picture), rules=ArticleRules(boosts={"http://www.harbour.example/1?utm_medium=x": 3}))
    assert found[1].article.url == url
    assert terms(found[1]) == {"talk": 1, "freshness": pytest.approx(0.15 * 2 ** (-24 / 84)), "image": 0.05, "comment": 0.05, "editor’s boost": 1}
    assert found[1].score == pytest.approx(sum(terms(found[1]).values()))


def test_without_any_signal_the_newest_is_the_best() -> None:
    found, any_signal = score_articles([candidate(1, hours=84), candidate(2, hours=1)], RULES, window_start=START, cutoff=CUTOFF)
    assert not any_signal
    assert [terms(one) for one in found] == [{"freshness": 0.5}, {"freshness": pytest.approx(2 ** (-1 / 84))}]
    assert score_articles([], RULES, window_start=START, cutoff=CUTOFF) == ([], False)


def test_a_missing_signal_is_the_median_where_half_have_it_and_nothing_elsewhere() -> None:
    half = scores(candidate(1, votes=3), candidate(2, votes=15), candidate(3), candidate(4))
    assert "9 votes" in half[3].terms[0].note
    fewer = scores(candidate(1, votes=3), candidate(2), candidate(3))
    assert fewer[2].terms[0].note == "no talk yet"


def test_the_author_and_the_house_are_not_among_the_people() -> None:
    one = article(1, author=author(9))
    said = (comment(1), comment(2, author_id=9), comment(3, role=Role.STAFF), comment(4, role=Role.CONTRIBUTOR), comment(5, author_name="reader 1"))
    assert talk(one, said).people == 2


def test_a_source_that_hands_over_no_comments_is_believed_in_its_count() -> None:
    found = scores(candidate(1, delivers=False, comment_count=7), candidate(2, said=1))
    assert found[1].terms[0].note == "7 comments, 1 people"  # people: the median of those known


def test_what_a_source_counts_beyond_the_comments_at_hand_is_shown_but_not_ranked() -> None:
    one = candidate(1, said=2, comment_count=30)  # pings are in there
    assert one.talk.count == 30
    assert scores(one)[1].terms[0].note.startswith("2 comments")


def test_icons_and_what_is_not_on_the_web_are_no_pictures() -> None:
    assert usable(Image(url="https://harbour.example/x.png"))
    assert not usable(Image(url="https://harbour.example/x.png", width=1, height=1))
    assert not usable(Image(url="data:image/png;base64,AA", width=900))
    assert not usable(None)


def test_votes_below_zero_and_future_dates_do_no_harm() -> None:
    found = scores(candidate(1, votes=-9, published_at=CUTOFF + timedelta(days=2)))
    assert found[1].score == 1
