"""What goes into an edition: gates, scores, duplicates, arrangement, quotes, the blocks of the week, reserves – and why for each item.

Pure: the same snapshot and rules give the same `Choice`, in whatever order the snapshot's items come.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.content.values import Comment, Snapshot
from digest.editions.arrange import Arrangement, arrange
from digest.editions.article_score import Candidate, ScoredArticle, score_articles
from digest.editions.candidates import Turn, turn
from digest.editions.canonical import canonical
from digest.editions.comment_score import Yardstick, quotable, raised
from digest.editions.demand import NOBODY, Demand
from digest.editions.drop import drop
from digest.editions.extras import Extras, extras, further
from digest.editions.gates import ALREADY_QUOTED, Gates
from digest.editions.passed import passed_over
from digest.editions.picks import Chosen, picks
from digest.editions.quotes import Quoted, quote
from digest.editions.scores import Scores
from digest.editions.similar import Print, clusters, fingerprint
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
    demand: Demand


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ranked:
    """`scored` are all candidates, `repeats` each duplicate with the article that stands for it; the rest is arranged. `extras` are for some only."""

    scored: Sequence[ScoredArticle]
    repeats: dict[int, int]
    arrangement: Arrangement
    extras: Extras
    notes: Sequence[str]


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
    ground = _ground(snapshot, newsletter, window_start=window_start, cutoff=cutoff, site_host=site_host, demand=demand)
    ranked = _articles(ground)
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


def _ground(snapshot: Snapshot, newsletter: Newsletter, *, window_start: datetime, cutoff: datetime, site_host: str, demand: Demand) -> _Ground:
    gates = Gates(newsletter, cutoff)
    spoken = talks(snapshot, gates)
    yardstick = Yardstick(
        rules=newsletter.comments,
        language=newsletter.language,
        cutoff=cutoff,
        scale=scale(spoken.by_article.values(), cutoff, spoken.missed.values()),
        quoted_people=snapshot.quoted_people,
    )
    return _Ground(
        snapshot=snapshot,
        newsletter=newsletter,
        window_start=window_start,
        cutoff=cutoff,
        site_host=site_host,
        talks=spoken,
        turn=turn(snapshot, spoken, gates, demand.missed),
        scores=Scores(spoken.all, yardstick),
        demand=demand,
    )


def _articles(ground: _Ground) -> _Ranked:
    """All candidates, in places; and notes on the pin."""
    newsletter, demand = ground.newsletter, ground.demand
    candidates = _candidates(ground, (*ground.turn.fresh, *ground.turn.discussed))
    besides = _candidates(ground, ground.turn.missed)
    judged, any_signal = score_articles(candidates, newsletter.articles, window_start=ground.window_start, cutoff=ground.cutoff, besides=besides)
    scored, missed = judged[: len(candidates)], judged[len(candidates) :]
    pin, notes = _pin(ground, scored)
    prints = {one.article.id: fingerprint(one.article, newsletter.language) for one in judged}
    repeats = _repeats(ground, [prints[one.article.id] for one in scored], frozenset() if pin is None else frozenset({pin}))
    distinct = [one for one in scored if one.article.id not in repeats]
    reserves = further(demand, newsletter.limits)
    arrangement = arrange(distinct, prints, newsletter, rotate=not any_signal, pin=pin, site_host=ground.site_host, reserves=reserves)
    told = _repeats(ground, [prints[one.article.id] for one in (*distinct, *missed)], frozenset(one.article.id for one in distinct)) if missed else {}
    owed = [one for one in missed if one.article.id not in told]
    placed = {one.article.id for one in (*(placed.scored for placed in arrangement.placed), *arrangement.reserves)}
    added = extras(distinct, owed, demand, newsletter.limits.articles, besides=placed)
    return _Ranked(scored=scored, repeats=repeats, arrangement=arrangement, extras=added, notes=notes)


def _repeats(ground: _Ground, prints: list[Print], first: frozenset[int]) -> dict[int, int]:
    spoken = ground.talks.all
    return clusters(prints, ground.newsletter.articles, discussed=lambda article: len(spoken[article.id].comments), first=first)


def _candidates(ground: _Ground, talks: Iterable[Talk]) -> list[Candidate]:
    delivering = {talk.article.source for talk in ground.talks.by_article.values() if talk.comments}
    return [
        Candidate(
            article=talk.article,
            talk=talk,
            quotable=_has_quotable(talk, ground),
            delivers_comments=talk.article.source in delivering,
        )
        for talk in sorted(talks, key=lambda talk: talk.article.id)
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


def _comments(ground: _Ground, ranked: _Ranked) -> Chosen:
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


def _seconds(ground: _Ground, voices: Voices, quoted: Sequence[ScoredArticle], reserves: Sequence[ScoredArticle]) -> dict[int, Quoted]:
    """A second quote for each article that has one, and one for each article in reserve."""
    limits, articles = ground.newsletter.limits, [*quoted, *reserves]
    return {
        **_quotes(ground, voices, articles[:1], limits.lead_excerpt_words),
        **_quotes(ground, voices, articles[1:], limits.excerpt_words),
    }


def _quotes(ground: _Ground, voices: Voices, articles: Sequence[ScoredArticle], words: int) -> dict[int, Quoted]:
    """`words`: how much of the article is told beside it."""
    if not ground.newsletter.limits.quotes_per_article:
        return {}
    found = {}
    for one in articles:
        if quoted := quote(one.candidate.talk, ground.scores, voices, excerpt_words=words):
            found[one.article.id] = quoted
    return found


def _week(ground: _Ground) -> Callable[[Comment], bool]:
    """Whether a comment was posted in the window. Both ends are moved by the least age: what was too fresh for the last edition has its turn now."""
    shift = timedelta(minutes=ground.newsletter.comments.minimum_age_minutes)
    since, until = ground.window_start - shift, ground.cutoff - shift
    return lambda comment: since < comment.posted_at <= until
