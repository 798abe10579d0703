"""What goes into an edition: gates, scores, duplicates, arrangement, quotes, the blocks of the week, reserves – and why for each item.

Pure: the same snapshot and rules give the same `Choice`, in whatever order the snapshot's items come.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.content.values import Comment, Snapshot
from digest.editions.arrange import Arrangement, arrange
from digest.editions.article_score import Candidate, ScoredArticle, score_articles
from digest.editions.candidates import Turn, turn
from digest.editions.canonical import canonical
from digest.editions.comment_score import Yardstick, quotable, raised
from digest.editions.drop import drop
from digest.editions.gates import ALREADY_QUOTED, Gates
from digest.editions.passed import passed_over
from digest.editions.picks import Chosen, picks
from digest.editions.quotes import Quoted, quote
from digest.editions.scores import Scores
from digest.editions.similar import clusters, fingerprint
from digest.editions.talk import Talk
from digest.editions.talks import Talks, talks
from digest.editions.values import Choice
from digest.editions.voices import Voices
from digest.editions.votes import scale
from digest.editions.week import TopComments, recent_comments
from digest.newsletter import Newsletter

__all__ = ["choose", "drop"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ground:
    """What every step of one choice needs."""

    snapshot: Snapshot
    newsletter: Newsletter
    window_start: datetime
    cutoff: datetime
    site_host: str
    talks: Talks
    turn: Turn
    scores: Scores


def choose(
    snapshot: Snapshot, newsletter: Newsletter, *, window_start: datetime, cutoff: datetime, site_host: str = "", allow_few: bool = False
) -> Choice:
    """The edition of one window. `site_host` tells the site's own articles from those it links to; `allow_few` makes any article enough."""
    ground = _ground(snapshot, newsletter, window_start, cutoff, site_host)
    articles, repeats, arrangement, notes = _articles(ground)
    chosen = _comments(ground, arrangement, repeats)
    new = len(ground.turn.fresh) - sum(talk.article.id in repeats for talk in ground.turn.fresh)
    enough = bool(chosen.articles) and (allow_few or new >= newsletter.limits.min_new)
    if not enough:
        notes = [*notes, f"{new} new article{'' if new == 1 else 's'}: at least {max(1, newsletter.limits.min_new)} are needed for an edition."]
    passed, left_out = passed_over(ground.talks, ground.turn.refused, articles, ground.scores, chosen)
    return Choice(
        newsletter=newsletter.slug,
        window_start=window_start,
        cutoff=cutoff,
        picks=picks(chosen, newsletter),
        passed_over=passed,
        considered=tuple(one.article.id for one in articles),
        new_articles=new,
        enough=enough,
        notes=(*notes, *arrangement.notes, *left_out),
    )


def _ground(snapshot: Snapshot, newsletter: Newsletter, window_start: datetime, cutoff: datetime, site_host: str) -> _Ground:
    gates = Gates(newsletter, cutoff)
    spoken = talks(snapshot, gates)
    yardstick = Yardstick(
        rules=newsletter.comments,
        language=newsletter.language,
        cutoff=cutoff,
        scale=scale(spoken.by_article.values(), cutoff),
        quoted_people=snapshot.quoted_people,
    )
    return _Ground(
        snapshot=snapshot,
        newsletter=newsletter,
        window_start=window_start,
        cutoff=cutoff,
        site_host=site_host,
        talks=spoken,
        turn=turn(snapshot, spoken, gates),
        scores=Scores(spoken.by_article, yardstick),
    )


def _articles(ground: _Ground) -> tuple[list[ScoredArticle], dict[int, int], Arrangement, list[str]]:
    """All scored candidates, each duplicate with the article that stands for it, the arrangement of the rest, and notes on the pin."""
    rules = ground.newsletter.articles
    scored, any_signal = score_articles(_candidates(ground), rules, window_start=ground.window_start, cutoff=ground.cutoff)
    pin, notes = _pin(ground, scored)
    prints = {one.article.id: fingerprint(one.article, ground.newsletter.language) for one in scored}
    repeats = clusters(
        list(prints.values()),
        rules,
        discussed=lambda article: len(ground.talks.by_article[article.id].comments),
        first=frozenset() if pin is None else frozenset({pin}),
    )
    distinct = [one for one in scored if one.article.id not in repeats]
    arrangement = arrange(distinct, prints, ground.newsletter, rotate=not any_signal, pin=pin, site_host=ground.site_host)
    return scored, repeats, arrangement, notes


def _candidates(ground: _Ground) -> list[Candidate]:
    delivering = {talk.article.source for talk in ground.talks.by_article.values() if talk.comments}
    return [
        Candidate(
            article=talk.article,
            talk=talk,
            quotable=_has_quotable(talk, ground),
            delivers_comments=talk.article.source in delivering,
        )
        for talk in sorted((*ground.turn.fresh, *ground.turn.discussed), key=lambda talk: talk.article.id)
    ]


def _has_quotable(talk: Talk, ground: _Ground) -> bool:
    """Whether any comment may be quoted. One is enough: those whose text need not be looked at come first, then the longest."""
    rules = ground.newsletter.comments
    free = [comment for comment in talk.comments if comment.id not in ground.snapshot.quoted]
    if any(raised(comment, rules) for comment in free):
        return True
    longest = sorted(free, key=lambda comment: len(comment.text), reverse=True)  # by id where equal, as they come
    return any(quotable(ground.scores.of(comment), rules) for comment in longest)


def _pin(ground: _Ground, scored: Sequence[ScoredArticle]) -> tuple[int | None, list[str]]:
    rules = ground.newsletter.articles
    if not rules.pin:
        return None, []
    today = ground.cutoff.astimezone(ground.newsletter.zone).date()
    if rules.pin_until is None or today > rules.pin_until:
        return None, [f"The pin {rules.pin} has run out and can be taken out of the settings."]
    address = canonical(rules.pin)
    found = [one.article.id for one in scored if canonical(one.article.url) == address]
    return (min(found), []) if found else (None, [f"The pinned article {rules.pin} is not among those that may go in."])


def _comments(ground: _Ground, arrangement: Arrangement, repeats: dict[int, int]) -> Chosen:
    """Quotes in the articles' order, so that the lead has the first word; then the blocks of the week; reserves last, from what is left."""
    limits, blocks = ground.newsletter.limits, ground.newsletter.blocks
    voices = Voices(ground.talks.by_article, ground.snapshot.quoted, ground.newsletter.comments.duplicate)
    quotes = _quotes(ground, voices, [one.scored for one in arrangement.placed])
    week = _week(ground)
    best = TopComments(ground.talks.by_article.values(), week, ground.scores, voices)
    top = best.take(limits.top_comments if "top_comments" in blocks else 0)
    eligible = (comment for talk in ground.talks.by_article.values() for comment in talk.comments if week(comment))
    recent = recent_comments(eligible, limits.recent_comments if "recent_comments" in blocks else 0, ground.scores, voices)
    spare = best.take(limits.reserves)
    quoted = [one.scored for one in arrangement.placed if one.scored.article.id in quotes] if limits.reserves else []
    seconds = _quotes(ground, voices, [*quoted, *arrangement.reserves])
    return Chosen(
        articles=arrangement.placed,
        discussed=frozenset(talk.article.id for talk in ground.turn.discussed),
        repeats=repeats,
        left=arrangement.left,
        quotes=quotes,
        top=tuple(top),
        recent=tuple(recent),
        spare_articles=arrangement.reserves,
        spare_comments=tuple(spare),
        spare_quotes=seconds,
        passed={**dict.fromkeys(ground.snapshot.quoted, ALREADY_QUOTED), **voices.passed},
    )


def _quotes(ground: _Ground, voices: Voices, articles: Sequence[ScoredArticle]) -> dict[int, Quoted]:
    limits = ground.newsletter.limits
    if not limits.quotes_per_article:
        return {}
    found = {}
    for place, one in enumerate(articles):
        words = limits.excerpt_words if place else limits.lead_excerpt_words
        if quoted := quote(one.candidate.talk, ground.scores, voices, excerpt_words=words):
            found[one.article.id] = quoted
    return found


def _week(ground: _Ground) -> Callable[[Comment], bool]:
    """Whether a comment was posted in the window. Both ends are moved by the least age: what was too fresh for the last edition has its turn now."""
    shift = timedelta(minutes=ground.newsletter.comments.minimum_age_minutes)
    since, until = ground.window_start - shift, ground.cutoff - shift
    return lambda comment: since < comment.posted_at <= until
