import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.content.values import Snapshot
from digest.editions.comment_score import Yardstick
from digest.editions.estimate import Estimate
from digest.editions.gates import Gates
from digest.editions.scores import Scores
from digest.editions.talks import talks
from digest.editions.votes import rate, rates, scale, votes_score, votes_scores
from digest.newsletter import Newsletter
from tests.editions.snapshots import CUTOFF, letters, snapshots


def scores_of(snapshot: Snapshot, letter: Newsletter) -> Scores:
    spoken = talks(snapshot, Gates(letter, CUTOFF)).by_article
    return Scores(spoken, Yardstick(rules=letter.comments, language="en", cutoff=CUTOFF, scale=scale(spoken.values(), CUTOFF)))


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(snapshots(), letters)
def test_the_best_come_in_the_very_order_of_rank(snapshot: Snapshot, letter: Newsletter) -> None:
    scores = scores_of(snapshot, letter)
    comments = [comment for talk in scores.talks.values() for comment in talk.comments]
    assert list(scores.best_first(scores.talks.values())) == sorted(map(scores.of, comments), key=lambda one: one.rank)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(snapshots(), letters, st.sampled_from(["en", "de", "ja"]))
def test_no_estimate_is_below_the_score(snapshot: Snapshot, letter: Newsletter, language: str) -> None:
    spoken = talks(snapshot, Gates(letter, CUTOFF)).by_article
    yardstick = Yardstick(rules=letter.comments, language=language, cutoff=CUTOFF, scale=scale(spoken.values(), CUTOFF))
    scores, estimate = Scores(spoken, yardstick), Estimate(yardstick)
    for talk in spoken.values():
        for comment, rough in zip(talk.comments, estimate.rough(talk), strict=True):
            score = scores.of(comment).score
            assert min(rough, estimate.fair(comment.text, rough), estimate.close(comment.text, rough)) > score


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(snapshots(), letters)
def test_votes_in_one_go_are_those_one_by_one(snapshot: Snapshot, letter: Newsletter) -> None:
    spoken = talks(snapshot, Gates(letter, CUTOFF)).by_article
    measure = scale(spoken.values(), CUTOFF)
    for talk in spoken.values():
        published = talk.article.published_at
        assert list(rates(talk, CUTOFF)) == [rate(comment, published, CUTOFF) for comment in talk.comments]
        assert list(votes_scores(talk, measure)) == pytest.approx([votes_score(comment, published, CUTOFF, measure) for comment in talk.comments])
