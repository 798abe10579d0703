"""The articles of one choice: scored, without doubles, in their places; and which others are kept for some readers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from digest.editions.arrange import Arrangement, arrange
from digest.editions.article_score import Candidate, ScoredArticle, score_articles
from digest.editions.canonical import canonical
from digest.editions.comment_score import quotable, raised
from digest.editions.extras import Extras, extras, further
from digest.editions.ground import Ground
from digest.editions.similar import Print, clusters, fingerprint
from digest.editions.talk import Talk


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """`scored` are all candidates, `repeats` each duplicate with the article that stands for it; the rest is arranged. `extras` are for some only."""

    scored: Sequence[ScoredArticle]
    repeats: dict[int, int]
    arrangement: Arrangement
    extras: Extras
    notes: Sequence[str]


def ranking(ground: Ground) -> Ranked:
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
    added = extras(distinct, owed, demand, newsletter.limits, besides=placed)
    return Ranked(scored=scored, repeats=repeats, arrangement=arrangement, extras=added, notes=notes)


def _repeats(ground: Ground, prints: list[Print], first: frozenset[int]) -> dict[int, int]:
    spoken = ground.talks.all
    return clusters(prints, ground.newsletter.articles, discussed=lambda article: len(spoken[article.id].comments), first=first)


def _candidates(ground: Ground, talks: Iterable[Talk]) -> list[Candidate]:
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


def _has_quotable(talk: Talk, ground: Ground) -> bool:
    """Whether any comment may be quoted. One is enough: those whose text need not be looked at come first, then the longest."""
    rules = ground.newsletter.comments
    free = [comment for comment in talk.comments if comment.id not in ground.snapshot.quoted]
    if any(raised(comment, rules) for comment in free):
        return True
    longest = sorted(free, key=lambda comment: len(comment.text), reverse=True)  # by id where equal, as they come
    return any(quotable(ground.scores.of(comment), rules) for comment in longest)


def _pin(ground: Ground, scored: Sequence[ScoredArticle]) -> tuple[int | None, list[str]]:
    rules = ground.newsletter.articles
    if not rules.pin:
        return None, []
    today = ground.cutoff.astimezone(ground.newsletter.zone).date()
    if rules.pin_until is None or today > rules.pin_until:
        return None, [f"The pin {rules.pin} has run out and can be taken out of the settings."]
    address = canonical(rules.pin)
    found = [one.article.id for one in scored if canonical(one.article.url) == address]
    return (min(found), []) if found else (None, [f"The pinned article {rules.pin} is not among those that may go in."])
