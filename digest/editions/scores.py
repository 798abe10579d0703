"""The scores of an edition's comments, each worked out when it is first asked for.

Of 100,000 comments a few hundred can matter. To judge all of them to the last term took ten times as long.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from heapq import heapify, heappop, heappush
from math import ceil

from digest.content.values import Comment
from digest.editions.comment_score import ScoredComment, Yardstick, score_comment, topic
from digest.editions.estimate import Estimate
from digest.editions.talk import Talk

_HEAPS = 100  # to a point: of those on the last one looked into, all are scored

_Ranked = tuple[bool, float, float, datetime, int, Comment]
_Heaps = defaultdict[int, list[tuple[int, Comment, float]]]


class Scores:
    """Gives the score of any eligible comment by its id."""

    def __init__(self, talks: Mapping[int, Talk], yardstick: Yardstick) -> None:
        self.talks = talks
        self.rules = yardstick.rules
        self._yardstick = yardstick
        self._estimate = Estimate(yardstick)
        self._nearer = (self._estimate.fair, self._estimate.close)
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
        scored, heaps = self._laid_out(talks, wanted)
        heapify(scored)
        while heaps:
            best = max(heaps)
            # No estimate is below the score, so whoever stands on a heap is below its number.
            while scored and scored[0][:2] <= (True, -best / _HEAPS):
                yield self.of(heappop(scored)[-1])
            self._look_into(best, heaps, scored)
        while scored:
            yield self.of(heappop(scored)[-1])

    def _laid_out(self, talks: Iterable[Talk], wanted: Callable[[Comment], bool]) -> tuple[list[_Ranked], _Heaps]:
        """What was scored before, or is an editor's pick; the others in heaps of nearly the same estimate, numbered by the most that is in it."""
        scored: list[_Ranked] = []
        heaps: _Heaps = defaultdict(list)
        for talk in talks:
            for comment, rough in zip(talk.comments, self._estimate.rough(talk), strict=True):
                if not wanted(comment):
                    continue
                if comment.featured or comment.id in self._known:
                    scored.append((*self.of(comment).rank, comment))
                else:
                    heaps[ceil(rough * _HEAPS)].append((0, comment, rough))
        return scored, heaps

    def _look_into(self, best: int, heaps: _Heaps, scored: list[_Ranked]) -> None:
        """The comments of the best heap go to the heaps of their next nearer estimates, which may be this one again; or they are scored."""
        for step, comment, rough in heaps[best]:
            if step == len(self._nearer):
                heappush(scored, (*self.of(comment).rank, comment))
            else:
                estimate = self._nearer[step](comment.text, rough)
                heaps[min(best, ceil(estimate * _HEAPS))].append((step + 1, comment, rough))
        del heaps[best]

    def _topic(self, article_id: int) -> frozenset[str]:
        if article_id not in self._topics:
            self._topics[article_id] = topic(self.talks[article_id].article, self._yardstick.language)
        return self._topics[article_id]
