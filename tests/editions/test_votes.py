from datetime import timedelta
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.editions.talk import talk
from digest.editions.votes import Scale, exposure, percentile, rate, scale, votes_score, wilson
from tests.editions.snapshots import CUTOFF, article, comment

DAY = CUTOFF - timedelta(hours=24)


def test_exposure_is_the_share_of_the_articles_time_on_a_scale_of_logarithms() -> None:
    assert exposure(comment(1, hours=11), DAY, CUTOFF) == pytest.approx(log(12) / log(25))
    assert exposure(comment(1, hours=0.01), DAY, CUTOFF) == 0.15
    assert exposure(comment(1, hours=30), DAY, CUTOFF) == 1  # older than its article: republished
    assert exposure(comment(1, hours=1), CUTOFF, CUTOFF) == 1


def test_rate_is_net_votes_by_exposure_and_never_below_zero() -> None:
    assert rate(comment(1, hours=24, votes_up=6), DAY, CUTOFF) == pytest.approx(6 / 1.5)
    assert rate(comment(1, votes_up=2, votes_down=5), DAY, CUTOFF) == 0
    assert rate(comment(1, votes_up=None), DAY, CUTOFF) == 0


def test_wilson_is_the_lower_bound() -> None:
    # (p + z²/2n − z·√((p(1−p) + z²/4n)/n)) / (1 + z²/n) with z = 1.2816, for 5 of 5 and 8 of 10
    assert wilson(5, 0) == pytest.approx(0.7527, abs=1e-4)
    assert wilson(8, 2) == pytest.approx(0.6016, abs=1e-4)
    assert wilson(0, 0) == 0


def test_votes_fill_the_scale_at_its_reference() -> None:
    liked = comment(1, hours=24, votes_up=6)  # a rate of 4
    assert votes_score(liked, DAY, CUTOFF, Scale(reference=9)) == pytest.approx(log(5) / log(10))
    assert votes_score(liked, DAY, CUTOFF, Scale(reference=3)) == 1


def test_where_readers_vote_down_the_wilson_bound_joins_in() -> None:
    liked = comment(1, hours=24, votes_up=6, votes_down=0)
    measure = Scale(reference=9, downvoting=frozenset({"site"}))
    assert votes_score(liked, DAY, CUTOFF, measure) == pytest.approx(0.6 * wilson(6, 0) + 0.4 * log(5) / log(10))


def test_the_scale_is_the_rate_at_the_95th_percentile_but_at_least_five() -> None:
    said = tuple(comment(number, hours=24, votes_up=number, votes_down=int(number == 7)) for number in range(1, 101))
    found = scale([talk(article(1), said)], CUTOFF)
    assert found.reference == pytest.approx(95 / 1.5)
    assert found.downvoting == {"site"}
    assert scale([talk(article(1), said[:2])], CUTOFF) == Scale(reference=5)
    assert scale([], CUTOFF) == Scale()


def test_percentile_is_an_observed_value() -> None:
    assert percentile([3, 1, 2], 0.5) == 2
    assert percentile([], 0.95) == 0


@given(votes=st.integers(0, 500), earlier=st.floats(0.3, 23), later=st.floats(0.3, 23))
def test_a_later_comment_with_equal_votes_is_never_below_an_earlier_one(votes: int, earlier: float, later: float) -> None:
    long, short = max(earlier, later), min(earlier, later)
    first, second = (votes_score(comment(1, hours=hours, votes_up=votes), DAY, CUTOFF, Scale(reference=20)) for hours in (long, short))
    assert second >= first


@given(st.lists(st.tuples(st.integers(0, 60), st.floats(0.3, 23)), min_size=2, max_size=30))
def test_doubling_every_vote_turns_no_pair_around(given: list[tuple[int, float]]) -> None:
    def scores(factor: int) -> list[float]:
        said = tuple(comment(number, hours=hours, votes_up=factor * votes) for number, (votes, hours) in enumerate(given, 1))
        measure = scale([talk(article(1), said)], CUTOFF)
        return [votes_score(one, DAY, CUTOFF, measure) for one in said]

    once, twice = scores(1), scores(2)
    for one in range(len(given)):
        for other in range(len(given)):
            assert not (once[one] > once[other] + 1e-12 and twice[one] < twice[other] - 1e-12)


@given(st.lists(st.tuples(st.integers(0, 60), st.floats(0.3, 23)), min_size=1, max_size=40), st.data())
def test_one_more_vote_never_lowers_a_comment(given: list[tuple[int, float]], data: st.DataObject) -> None:
    lucky = data.draw(st.integers(1, len(given)))

    def score(extra: int) -> float:
        said = tuple(comment(number, hours=hours, votes_up=votes + extra * (number == lucky)) for number, (votes, hours) in enumerate(given, 1))
        return votes_score(said[lucky - 1], DAY, CUTOFF, scale([talk(article(1), said)], CUTOFF))

    assert score(1) >= score(0)
