"""The outcome of choosing, written down: a `Pick` for what is in, in the order of the edition, a `PassedOver` for what is not."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from digest.editions.arrange import Placed
from digest.editions.article_score import ScoredArticle
from digest.editions.comment_score import ScoredComment, quotable
from digest.editions.quotes import Quoted, plain
from digest.editions.scores import Scores
from digest.editions.talks import Talks
from digest.editions.values import Kind, PassedOver, Pick, Place
from digest.newsletter import CommentRules, Newsletter

# A busy week has a hundred thousand comments; an editor reads the first few dozen reasons. The rest is counted.
PASSED_COMMENTS = 2_000
DISCUSSED = "still being discussed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What was chosen, before it is written down. `repeats` names each duplicate's representative; `left` and `passed` say why not."""

    articles: Sequence[Placed]
    discussed: frozenset[int] = frozenset()
    repeats: Mapping[int, int] = field(default_factory=dict)
    left: Mapping[int, str] = field(default_factory=dict)
    quotes: Mapping[int, Quoted] = field(default_factory=dict)
    top: Sequence[ScoredComment] = ()
    recent: Sequence[ScoredComment] = ()
    spare_articles: Sequence[ScoredArticle] = ()
    spare_comments: Sequence[ScoredComment] = ()
    spare_quotes: Mapping[int, Quoted] = field(default_factory=dict)
    passed: Mapping[int, str] = field(default_factory=dict)


def picks(chosen: Chosen, newsletter: Newsletter) -> tuple[Pick, ...]:
    """Lead first, then section by section, each article followed by its quote; the week's blocks; reserves."""
    return tuple(_picks(chosen, newsletter))


def _picks(chosen: Chosen, newsletter: Newsletter) -> Iterator[Pick]:
    for place, one in _in_order(chosen.articles, newsletter):
        yield _article(one.scored, place, chosen, one.note)
        if quoted := chosen.quotes.get(one.scored.article.id):
            yield _quote(quoted, Place.QUOTE)
    for top in chosen.top:
        yield _comment(top, Place.TOP)
    for recent in chosen.recent:
        yield _comment(recent, Place.RECENT)
    for article in chosen.spare_articles:
        yield _article(article, Place.RESERVE, chosen, chosen.left.get(article.article.id, ""))
    for spare in chosen.spare_comments:
        yield _comment(spare, Place.RESERVE)
    for quoted in chosen.spare_quotes.values():
        yield _quote(quoted, Place.RESERVE)


def _in_order(placed: Sequence[Placed], newsletter: Newsletter) -> Iterator[tuple[Place, Placed]]:
    """The lead, then the newsletter's own sections in its order, then the others by their best article."""
    if not placed:
        return
    yield Place.LEAD, placed[0]
    named = {section.casefold().strip(): number for number, section in enumerate(newsletter.sections)}
    sections: dict[str, list[Placed]] = {}
    for one in placed[1:]:
        sections.setdefault(one.scored.article.section.casefold().strip(), []).append(one)

    def order(section: str) -> tuple[int, float, str]:
        return (named.get(section, len(named)), -max(one.scored.score for one in sections[section]), section)

    for section in sorted(sections, key=order):
        for one in sections[section]:
            yield Place.SECTION, one


def _article(one: ScoredArticle, place: Place, chosen: Chosen, note: str = "") -> Pick:
    again = DISCUSSED if one.article.id in chosen.discussed else ""
    return Pick(
        kind=Kind.ARTICLE,
        id=one.article.id,
        article_id=one.article.id,
        place=place,
        score=one.score,
        terms=one.terms,
        note=", ".join(part for part in (note, again) if part),
        section=one.article.section,
        also=tuple(sorted(duplicate for duplicate, stands_for in chosen.repeats.items() if stands_for == one.article.id)),
    )


def _quote(quoted: Quoted, place: Place) -> Pick:
    return _comment(quoted.scored, place, reply_id=quoted.reply.comment.id if quoted.reply else None)


def _comment(one: ScoredComment, place: Place, reply_id: int | None = None) -> Pick:
    return Pick(
        kind=Kind.COMMENT,
        id=one.comment.id,
        article_id=one.comment.article_id,
        place=place,
        score=one.score,
        terms=one.terms,
        note="picked by an editor" if one.comment.featured else "",
        reply_id=reply_id,
    )


def passed_over(
    talks: Talks, refused: Mapping[int, str], scored: Sequence[ScoredArticle], scores: Scores, chosen: Chosen
) -> tuple[tuple[PassedOver, ...], list[str]]:
    """What is not in, articles first, the best first; and a note where not every comment could be named."""
    articles = [*_runners_up(scored, chosen), *_refused(refused)]
    shown = _shown(chosen)
    others = [comment for talk in talks.by_article.values() for comment in talk.comments if comment.id not in shown]
    judged = [comment for comment in others if scores.weighed(comment)]
    unjudged = [comment for comment in others if not scores.weighed(comment)]
    named = [*judged, *unjudged[: max(0, PASSED_COMMENTS - len(judged))]]
    passed = [_passed(one, chosen.passed, scores.rules) for one in islice(scores.best_first(named), PASSED_COMMENTS)]
    gated = sorted(talks.refused_comments.items())[: PASSED_COMMENTS - len(passed)]
    passed.extend(PassedOver(kind=Kind.COMMENT, id=number, article_id=talks.comments[number].article_id, why=why) for number, why in gated)
    unnamed = len(others) + len(talks.refused_comments) - len(passed)
    notes = [f"{unnamed} more comments were not chosen; only the first {PASSED_COMMENTS} are named."] if unnamed else []
    return (*articles, *passed), notes


def _runners_up(scored: Sequence[ScoredArticle], chosen: Chosen) -> Iterator[PassedOver]:
    spare = {one.article.id for one in chosen.spare_articles}
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
