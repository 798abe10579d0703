"""The scores of an edition's comments, each worked out when it is first asked for.

Of 100,000 comments a few thousand can matter. To judge all of them to the last term took three times as long.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from heapq import heapify, heappop, heappush, heapreplace
from math import ceil, log, log1p, log2
from typing import Any

from digest.content.values import Comment
from digest.editions.comment_score import ScoredComment, Yardstick, context, score_comment, topic
from digest.editions.lexicon import lexicon
from digest.editions.talk import DEEPEST, Talk
from digest.editions.votes import votes_score
from digest.editions.words import has_address, has_digit, length, words

# How near an estimate is. Each stands where a scored comment of the same score has its number of words, and so comes before it: whatever might
# be better is looked into before any is given out.
_FAIR, _CLOSE = -2.0, -1.0
_HEAPS = 20  # rough estimates to a point
_SLACK = 1e-6  # sums in another order differ by less, and ranks are rounded to it


class Scores:
    """Gives the score of any eligible comment by its id."""

    def __init__(self, talks: Mapping[int, Talk], yardstick: Yardstick) -> None:
        self.talks = talks
        self.rules = yardstick.rules
        self._yardstick = yardstick
        self._lists = lexicon(yardstick.language)
        self._topics: dict[int, frozenset[str]] = {}
        self._known: dict[int, ScoredComment] = {}
        self._close: dict[int, float] = {}
        rules = yardstick.rules
        self._virtues = sum(max(0.0, weight) for weight in (rules.connectives, rules.number, rules.link, rules.personal, rules.on_topic))
        self._alone = max(0.0, rules.new_voice) + max(0.0, -rules.own_thread) + DEEPEST * max(0.0, -rules.depth)
        self._answered = [max(0.0, rules.repliers) * log2(1 + answers) for answers in range(5)]
        self._staff = max(0.0, rules.staff_reply)

    def of(self, comment: Comment) -> ScoredComment:
        if comment.id not in self._known:
            talk = self.talks[comment.article_id]
            self._known[comment.id] = score_comment(comment, talk, self._topic(comment.article_id), self._yardstick)
        return self._known[comment.id]

    def weighed(self, comment: Comment) -> bool:
        """Whether it was looked into so far: scored, or estimated closely because it might have been among the best."""
        return comment.id in self._known or comment.id in self._close

    def best_first(self, comments: Iterable[Comment]) -> Iterator[ScoredComment]:
        """In exact order of rank, judging only those whose best possible score still stands before all that are judged."""
        heap, waiting = self._laid_out(comments)
        heapify(heap)
        while heap or waiting:
            while waiting and (not heap or heap[0][:2] >= (True, -waiting[-1][0])):
                for one in waiting.pop()[1]:
                    heappush(heap, _estimated(one, self._fair(one), _FAIR))
            _, value, estimate, *_, comment = heap[0]
            if estimate >= 0:
                yield self.of(heappop(heap)[-1])
            elif estimate == _FAIR:
                self._close[comment.id] = self._closer(comment, -value)
                heapreplace(heap, _estimated(comment, self._close[comment.id], _CLOSE))
            else:
                heapreplace(heap, (*self.of(comment).rank, comment))

    def _laid_out(self, comments: Iterable[Comment]) -> tuple[list[tuple[Any, ...]], list[tuple[float, list[Comment]]]]:
        """What was looked into before, or is an editor's pick; the others in heaps of nearly the same rough estimate, each with the most that is
        in it, the best last."""
        heap: list[tuple[Any, ...]] = []
        rough: defaultdict[int, list[Comment]] = defaultdict(list)
        for comment in comments:
            if comment.id in self._known:
                heap.append((*self._known[comment.id].rank, comment))
            elif comment.id in self._close:
                heap.append(_estimated(comment, self._close[comment.id], _CLOSE))
            elif comment.featured:
                heap.append(_estimated(comment, self._fair(comment), _FAIR))
            else:
                rough[ceil(self._rough(comment) * _HEAPS)].append(comment)
        return heap, [(most / _HEAPS, rough[most]) for most in sorted(rough)]

    def _rough(self, comment: Comment) -> float:
        """No less than `_fair`, without a look at its text or its place in the thread."""
        talk = self.talks[comment.article_id]
        most = self._alone
        if answers := talk.answers.get(comment.id):
            most += self._answered[min(4, len(answers))] + (self._staff if any(map(talk.is_by_house, answers)) else 0.0)
        return self._votes(comment) + 1.0 + self._virtues + most + 2 * _SLACK

    def _fair(self, comment: Comment) -> float:
        """No less than its score: its votes, length and context as they are, every virtue a text can have, and no vice."""
        count = length(comment.text, words(comment.text), self._lists)
        long = min(1.0, log1p(count) / log(1 + self.rules.saturation_words))
        terms = context(comment, self.talks[comment.article_id], self._yardstick)
        return self._votes(comment) + long + self._virtues + sum([value for _, value, _ in terms]) + _SLACK

    def _closer(self, comment: Comment, fair: float) -> float:
        """No less than its score: of the virtues only those that its words allow, and its exclamation marks."""
        rules, text = self.rules, comment.text
        if has_address(text):
            return fair  # it does not count as words: what is left has to be found first
        known = frozenset(words(text))
        lacks = [rules.link]
        if not has_digit(text):
            lacks.append(rules.number)
        if known.isdisjoint(self._topic(comment.article_id)):
            lacks.append(rules.on_topic)
        if self._lists is None or known.isdisjoint(self._lists.connectives):
            lacks.append(rules.connectives)
        if self._lists is None or known.isdisjoint(self._lists.first_person) or known.isdisjoint(self._lists.experience):
            lacks.append(rules.personal)
        marks = max(0.0, rules.exclamation) * min(4, text.count("!"))
        return fair - sum(max(0.0, weight) for weight in lacks) - marks + _SLACK

    def _topic(self, article_id: int) -> frozenset[str]:
        if article_id not in self._topics:
            self._topics[article_id] = topic(self.talks[article_id].article, self._yardstick.language)
        return self._topics[article_id]

    def _votes(self, comment: Comment) -> float:
        published = self.talks[comment.article_id].article.published_at
        return self.rules.votes_weight * votes_score(comment, published, self._yardstick.cutoff, self._yardstick.scale)


def _estimated(comment: Comment, most: float, estimate: float) -> tuple[Any, ...]:
    return (not comment.featured, -round(most, 6), estimate, comment.id, comment)
