from hypothesis import HealthCheck, given, settings

from digest.content.values import Snapshot
from digest.editions.comment_score import Yardstick
from digest.editions.gates import Gates
from digest.editions.scores import Scores
from digest.editions.talks import talks
from digest.editions.votes import scale
from digest.newsletter import Newsletter
from tests.editions.snapshots import CUTOFF, letters, snapshots


def scores_of(snapshot: Snapshot, letter: Newsletter) -> Scores:
    spoken = talks(snapshot, Gates(letter, CUTOFF)).by_article
    return Scores(spoken, Yardstick(rules=letter.comments, language="en", cutoff=CUTOFF, scale=scale(spoken.values(), CUTOFF)))


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
@given(snapshots(), letters)
def test_the_best_come_in_the_very_order_of_rank(snapshot: Snapshot, letter: Newsletter) -> None:
    scores = scores_of(snapshot, letter)
    comments = [comment for talk in scores.talks.values() for comment in talk.comments]
    assert list(scores.best_first(comments)) == sorted(map(scores.of, comments), key=lambda one: one.rank)
