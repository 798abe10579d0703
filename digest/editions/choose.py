"""What goes into an edition: gates, scores, duplicates, arrangement, quotes, the blocks of the week, reserves – and why for each item.

Pure: the same snapshot and rules give the same `Choice`, in whatever order the snapshot's items come.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from digest.content.values import Comment, Snapshot
from digest.editions.article_score import ScoredArticle
from digest.editions.demand import NOBODY, Demand
from digest.editions.drop import drop
from digest.editions.gates import ALREADY_QUOTED
from digest.editions.ground import Ground, ground_of
from digest.editions.passed import passed_over
from digest.editions.picks import Chosen, picks
from digest.editions.quotes import Quoted, quote
from digest.editions.ranking import Ranked, ranking
from digest.editions.values import Choice
from digest.editions.voices import Voices
from digest.editions.week import TopComments, recent_comments
from digest.newsletter import Newsletter

__all__ = ["choose", "drop"]


def choose(
    snapshot: Snapshot,
    newsletter: Newsletter,
    *,
    window_start: datetime,
    cutoff: datetime,
    site_host: str = "",
    allow_few: bool = False,
    demand: Demand = NOBODY,
) -> Choice:
    """The edition of one window. `site_host` tells the site's own articles from those it links to; `allow_few` makes any article enough.

    `demand` adds what only some readers get, and changes nothing of what everybody gets.
    """
    ground = ground_of(snapshot, newsletter, window_start=window_start, cutoff=cutoff, site_host=site_host, demand=demand)
    ranked = ranking(ground)
    chosen = _comments(ground, ranked)
    new = len(ground.turn.fresh) - sum(talk.article.id in ranked.repeats for talk in ground.turn.fresh)
    enough = bool(chosen.articles) and (allow_few or new >= newsletter.limits.min_new)
    notes = list(ranked.notes)
    if not enough:
        notes.append(f"{new} new article{'' if new == 1 else 's'}: at least {max(1, newsletter.limits.min_new)} are needed for an edition.")
    passed, left_out = passed_over(ground.talks, ground.turn.refused, ranked.scored, ground.scores, chosen)
    return Choice(
        newsletter=newsletter.slug,
        window_start=window_start,
        cutoff=cutoff,
        picks=picks(chosen, newsletter),
        passed_over=passed,
        considered=tuple(one.article.id for one in ranked.scored),
        new_articles=new,
        enough=enough,
        notes=(*notes, *ranked.arrangement.notes, *left_out),
    )


def _comments(ground: Ground, ranked: Ranked) -> Chosen:
    """Quotes in the articles' order, so that the lead has the first word; then the blocks of the week; reserves, from what is left; last, what only
    some readers get."""
    limits, blocks, arrangement = ground.newsletter.limits, ground.newsletter.blocks, ranked.arrangement
    voices = Voices(ground.talks.all, ground.snapshot.quoted, ground.newsletter.comments.duplicate)
    placed = [one.scored for one in arrangement.placed]
    quotes = {**_quotes(ground, voices, placed[:1], limits.lead_excerpt_words), **_quotes(ground, voices, placed[1:], limits.excerpt_words)}
    week = _week(ground)
    best = TopComments(ground.talks.by_article.values(), week, ground.scores, voices)
    top = best.take(limits.top_comments if "top_comments" in blocks else 0)
    eligible = (comment for talk in ground.talks.by_article.values() for comment in talk.comments if week(comment))
    recent = recent_comments(eligible, limits.recent_comments if "recent_comments" in blocks else 0, ground.scores, voices)
    spare = best.take(limits.reserves)
    quoted = [one for one in placed if one.article.id in quotes] if limits.reserves else []
    following, reserves = (arrangement.reserves, ()) if ground.demand.personal else ((), arrangement.reserves)
    seconds = _seconds(ground, voices, quoted, reserves)
    some = [*following, *ranked.extras.followed, *ranked.extras.missed]
    return Chosen(
        articles=arrangement.placed,
        discussed=frozenset(talk.article.id for talk in ground.turn.discussed),
        repeats=ranked.repeats,
        left=arrangement.left,
        quotes={**quotes, **_quotes(ground, voices, some, limits.lead_excerpt_words)},
        top=tuple(top),
        recent=tuple(recent),
        spare_articles=reserves,
        spare_comments=tuple(spare),
        spare_quotes=seconds,
        next=following,
        extras=ranked.extras,
        passed={**dict.fromkeys(ground.snapshot.quoted, ALREADY_QUOTED), **voices.passed},
    )


def _seconds(ground: Ground, voices: Voices, quoted: Sequence[ScoredArticle], reserves: Sequence[ScoredArticle]) -> dict[int, Quoted]:
    """A second quote for each article that has one, and one for each article in reserve."""
    limits, articles = ground.newsletter.limits, [*quoted, *reserves]
    return {
        **_quotes(ground, voices, articles[:1], limits.lead_excerpt_words),
        **_quotes(ground, voices, articles[1:], limits.excerpt_words),
    }


def _quotes(ground: Ground, voices: Voices, articles: Sequence[ScoredArticle], words: int) -> dict[int, Quoted]:
    """`words`: how much of the article is told beside it."""
    if not ground.newsletter.limits.quotes_per_article:
        return {}
    found = {}
    for one in articles:
        if quoted := quote(one.candidate.talk, ground.scores, voices, excerpt_words=words):
            found[one.article.id] = quoted
    return found


def _week(ground: Ground) -> Callable[[Comment], bool]:
    """Whether a comment was posted in the window. Both ends are moved by the least age: what was too fresh for the last edition has its turn now."""
    shift = timedelta(minutes=ground.newsletter.comments.minimum_age_minutes)
    since, until = ground.window_start - shift, ground.cutoff - shift
    return lambda comment: since < comment.posted_at <= until
