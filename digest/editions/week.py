"""The blocks of the week: its top comments, and the newest ones."""

from collections import Counter
from collections.abc import Sequence

from digest.editions.comment_score import ScoredComment, quotable
from digest.editions.quotes import plain
from digest.editions.voices import Voices
from digest.newsletter import CommentRules

RELEVANCE = 0.8  # λ: 1 = score alone, 0 = variety alone
SAME_ARTICLE = 0.5  # how alike two comments on one article are


def top_comments(pool: Sequence[ScoredComment], number: int, voices: Voices, rules: CommentRules) -> list[ScoredComment]:
    """The best comments of `pool`, which is ranked, that may still be shown; each further one on the same article is paid less."""
    remaining = []
    for one in pool:
        if quotable(one, rules):
            remaining.append(one)
        else:
            voices.passed.setdefault(one.comment.id, plain(one, rules))
    chosen: list[ScoredComment] = []
    articles: Counter[int] = Counter()
    while len(chosen) < number and (best := _best(remaining, articles, voices)):
        remaining.remove(best)
        voices.add(best)
        articles[best.comment.article_id] += 1
        chosen.append(best)
    return chosen


def recent_comments(pool: Sequence[ScoredComment], number: int, voices: Voices) -> list[ScoredComment]:
    """The newest comments that may still be shown, one a person, insults left out."""
    chosen: list[ScoredComment] = []
    for one in sorted(pool, key=lambda one: (one.comment.posted_at, -one.comment.id), reverse=True):
        if len(chosen) == number:
            break
        if one.insulting:
            voices.passed[one.comment.id] = "holds an insult"
        elif not voices.objects(one):
            voices.add(one)
            chosen.append(one)
    return chosen


def _best(remaining: list[ScoredComment], articles: Counter[int], voices: Voices) -> ScoredComment | None:
    """The best by score less likeness, editors' picks before all others. `remaining` is sorted, so the search ends early: likeness only
    takes away."""
    best: ScoredComment | None = None
    worth = 0.0
    for one in remaining:
        if best is not None and (RELEVANCE * one.score < worth or best.comment.featured > one.comment.featured):
            break
        own = RELEVANCE * one.score - (1 - RELEVANCE) * SAME_ARTICLE * bool(articles[one.comment.article_id])
        if (best is None or own > worth) and not voices.objects(one):
            best, worth = one, own
    return best
