"""What is not in an edition, and why: a `PassedOver` for each item that an editor may ask about, and notes that count the others."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from digest.editions.article_score import ScoredArticle
from digest.editions.comment_score import ScoredComment, quotable
from digest.editions.picks import Chosen
from digest.editions.quotes import plain
from digest.editions.scores import Scores
from digest.editions.talks import Talks
from digest.editions.values import Kind, PassedOver
from digest.rules import CommentRules

# A busy week has a hundred thousand comments; an editor reads the first few dozen reasons. The rest is counted: to score 2,000 for the sake of being
# named took half the time of choosing.
NAMED = 300
RUNNERS_UP = 3  # are named of each article in the edition, whatever their score


def passed_over(
    talks: Talks, refused: Mapping[int, str], scored: Sequence[ScoredArticle], scores: Scores, chosen: Chosen
) -> tuple[tuple[PassedOver, ...], list[str]]:
    """What is not in: articles first, then the best comments of those scored in full, then those that fell at a gate. Notes count the comments
    that could not be named."""
    articles = [*_runners_up(scored, chosen), *_refused(refused)]
    shown = _shown(chosen)
    judged = [_passed(one, chosen.passed, scores.rules) for one in _judged(talks, scores, chosen, shown)]
    gated = sorted(talks.refused_comments, key=lambda one: one[0].id)
    fallen = [PassedOver(kind=Kind.COMMENT, id=one.id, article_id=one.article_id, why=why) for one, why in gated[:NAMED]]
    left = sum(comment.id not in shown for talk in talks.by_article.values() for comment in talk.comments) - len(judged)
    notes = [f"{left:,} more comments were not chosen; the best of those that were scored in full are named."] if left else []
    return (*articles, *judged, *fallen), [*notes, *_counted([why for _, why in gated[NAMED:]])]


def _judged(talks: Talks, scores: Scores, chosen: Chosen, shown: set[int]) -> list[ScoredComment]:
    """The runners-up of each article in the edition, then whoever was scored, then, where these are few, whoever was not; the best first."""
    found: dict[int, ScoredComment] = {}
    for placed in chosen.articles:
        others = (one for one in scores.best_first([placed.scored.candidate.talk]) if one.comment.id not in shown)
        found.update((one.comment.id, one) for one in islice(others, RUNNERS_UP))
    scored = (one for one in scores.known() if one.comment.id not in shown and one.comment.article_id in talks.by_article)
    others = (scores.of(comment) for talk in talks.by_article.values() for comment in talk.comments if comment.id not in shown)
    for more in (scored, others):
        for one in more:
            if len(found) >= NAMED:
                break
            found[one.comment.id] = one
    return sorted(found.values(), key=lambda one: one.rank)


def _counted(reasons: Sequence[str]) -> list[str]:
    """A note of how many comments fell for which reason, figures within a reason left out."""
    if not reasons:
        return []
    kinds = Counter(re.sub(r"[0-9]+", "…", why) for why in reasons)
    counts = "; ".join(f"{number:,} {why}" for why, number in sorted(kinds.items(), key=lambda one: (-one[1], one[0])))
    return [f"{len(reasons):,} more comments fell at a gate: {counts}."]


def _runners_up(scored: Sequence[ScoredArticle], chosen: Chosen) -> Iterator[PassedOver]:
    spare = {one.article.id for one in (*chosen.spare_articles, *chosen.next, *chosen.extras.followed)}
    for one in sorted(scored, key=lambda one: (-one.score, one.article.id)):
        number = one.article.id
        if number in spare:
            continue
        why = f"the same as article {chosen.repeats[number]}" if number in chosen.repeats else chosen.left.get(number)
        if why is not None:
            yield PassedOver(kind=Kind.ARTICLE, id=number, article_id=number, why=why, score=one.score, terms=one.terms)


def _refused(refused: Mapping[int, str]) -> Iterator[PassedOver]:
    for number, why in sorted(refused.items()):
        yield PassedOver(kind=Kind.ARTICLE, id=number, article_id=number, why=why)


def _shown(chosen: Chosen) -> set[int]:
    quotes = (*chosen.quotes.values(), *chosen.spare_quotes.values())
    shown = {quoted.scored.comment.id for quoted in quotes} | {quoted.reply.comment.id for quoted in quotes if quoted.reply}
    return shown | {one.comment.id for one in (*chosen.top, *chosen.recent, *chosen.spare_comments)}


def _passed(one: ScoredComment, reasons: Mapping[int, str], rules: CommentRules) -> PassedOver:
    otherwise = f"scored {one.score:.2f}, others were better or newer" if quotable(one, rules) else plain(one, rules)
    why = reasons.get(one.comment.id, otherwise)
    return PassedOver(kind=Kind.COMMENT, id=one.comment.id, article_id=one.comment.article_id, why=why, score=one.score, terms=one.terms)
