"""The scores of an edition's comments, each worked out when it is first asked for.

Of 100,000 comments a few hundred can matter. To judge all of them to the last term took ten times as long.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from heapq import heapify, heappop, heappush, heapreplace
from math import ceil
from typing import Any

from digest.content.values import Comment
from digest.editions.comment_score import ScoredComment, Yardstick, score_comment, topic
from digest.editions.estimate import Estimate
from digest.editions.talk import Talk

# How near an estimate is. Each stands where a scored comment of the same score has its number of words, and so comes before it: whatever might
# be better is looked into before any is given out.
_FAIR, _CLOSE = -2.0, -1.0
_HEAPS = 20  # rough estimates to a point


class Scores:
    """Gives the score of any eligible comment by its id."""

    def __init__(self, talks: Mapping[int, Talk], yardstick: Yardstick) -> None:
        self.talks = talks
        self.rules = yardstick.rules
        self._yardstick = yardstick
        self._estimate = Estimate(yardstick)
        self._topics: dict[int, frozenset[str]] = {}
        self._known: dict[int, ScoredComment] = {}

    def of(self, comment: Comment) -> ScoredComment:
        if comment.id not in self._known:
            talk = self.talks[comment.article_id]
            self._known[comment.id] = score_comment(comment, talk, self._topic(comment.article_id), self._yardstick)
        return self._known[comment.id]

    def known(self) -> list[ScoredComment]:
        """All that were scored so far, the best first."""
        return sorted(self._known.values(), key=lambda one: one.rank)

    def best_first(self, talks: Iterable[Talk], wanted: Callable[[Comment], bool] = lambda comment: True) -> Iterator[ScoredComment]:
        """The wanted comments of these talks in exact order of rank. Judged are only those whose best possible score still stands before all that
        are judged."""
        heap, waiting = self._laid_out(talks, wanted)
        heapify(heap)
        while heap or waiting:
            while waiting and (not heap or heap[0][:2] >= (True, -waiting[-1][0])):
                for comment, rough in waiting.pop()[1]:
                    heappush(heap, self._fair(comment, rough))
            estimate, comment, rough = heap[0][2], heap[0][-2], heap[0][-1]
            if estimate >= 0:
                heappop(heap)
                yield self.of(comment)
            elif estimate == _FAIR:
                heapreplace(heap, _estimated(comment, self._estimate.close(comment.text, rough), _CLOSE, rough))
            else:
                heapreplace(heap, (*self.of(comment).rank, comment, rough))

    def _laid_out(
        self, talks: Iterable[Talk], wanted: Callable[[Comment], bool]
    ) -> tuple[list[tuple[Any, ...]], list[tuple[float, list[tuple[Comment, float]]]]]:
        """What was scored before, or is an editor's pick; the others in heaps of nearly the same rough estimate, each with the most that is in it,
        the best last."""
        heap: list[tuple[Any, ...]] = []
        heaps: defaultdict[int, list[tuple[Comment, float]]] = defaultdict(list)
        for talk in talks:
            for comment, rough in zip(talk.comments, self._estimate.rough(talk), strict=True):
                if not wanted(comment):
                    continue
                if comment.id in self._known:
                    heap.append((*self._known[comment.id].rank, comment, rough))
                elif comment.featured:
                    heap.append(self._fair(comment, rough))
                else:
                    heaps[ceil(rough * _HEAPS)].append((comment, rough))
        return heap, [(most / _HEAPS, heaps[most]) for most in sorted(heaps)]

    def _fair(self, comment: Comment, rough: float) -> tuple[Any, ...]:
        return _estimated(comment, self._estimate.fair(comment.text, rough), _FAIR, rough)

    def _topic(self, article_id: int) -> frozenset[str]:
        if article_id not in self._topics:
            self._topics[article_id] = topic(self.talks[article_id].article, self._yardstick.language)
        return self._topics[article_id]


def _estimated(comment: Comment, most: float, estimate: float, rough: float) -> tuple[Any, ...]:
    return (not comment.featured, -round(most, 6), estimate, comment.id, comment, rough)
