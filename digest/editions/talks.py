"""All the talk of a snapshot, by article: the eligible comments, and why the others are not."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from digest.content.values import Comment, Snapshot
from digest.editions.gates import Gates, eligible
from digest.editions.talk import Talk, talk


@dataclass(frozen=True, slots=True, kw_only=True)
class Talks:
    """`by_article` has every article that may be shown, with or without comments; `refused_articles` the reason for each other one,
    `refused_comments` each comment that may not be shown, with the reason. `missed` has those that only some readers are owed, and may be shown."""

    by_article: Mapping[int, Talk]
    refused_articles: Mapping[int, str]
    refused_comments: tuple[tuple[Comment, str], ...]
    missed: Mapping[int, Talk] = field(default_factory=dict)

    @property
    def all(self) -> Mapping[int, Talk]:
        return {**self.by_article, **self.missed} if self.missed else self.by_article


def talks(snapshot: Snapshot, gates: Gates) -> Talks:
    articles = {article.id: article for article in (*snapshot.articles, *snapshot.others)}
    verdicts = {number: gates.article(articles[number]) for number in sorted(articles)}
    refused = {number: why for number, why in verdicts.items() if why is not None}
    said = _by_article(snapshot.comments)
    missed = _missed(snapshot, said, gates)
    by_article: dict[int, Talk] = {}
    refused_comments: list[tuple[Comment, str]] = []
    # Article by article, for nobody answers a comment of another: dictionaries of a hundred are looked up in half the time of those of 100,000.
    for number in sorted(said.keys() | articles.keys()):
        comments = said.get(number, [])
        reasons = eligible(comments, gates)
        if number in articles and number not in refused:
            by_article[number] = talk(articles[number], tuple(comment for comment in comments if reasons[comment.id] is None))
            otherwise = ""
        else:
            otherwise = f"its article is not shown: {refused.get(number, 'it is not at hand')}"
        refused_comments += [(comment, why) for comment in comments if (why := reasons[comment.id] or otherwise)]
    return Talks(by_article=by_article, missed=missed, refused_articles=refused, refused_comments=tuple(refused_comments))


def _missed(snapshot: Snapshot, said: dict[int, list[Comment]], gates: Gates) -> dict[int, Talk]:
    """Their talk, taken out of `said`: nobody is told why of theirs something is not shown."""
    found: dict[int, Talk] = {}
    for article in sorted(snapshot.missed, key=lambda article: article.id):
        comments = said.pop(article.id, [])
        if gates.article(article) is None:
            reasons = eligible(comments, gates)
            found[article.id] = talk(article, tuple(comment for comment in comments if reasons[comment.id] is None))
    return found


def _by_article(comments: Iterable[Comment]) -> dict[int, list[Comment]]:
    found: defaultdict[int, list[Comment]] = defaultdict(list)
    for comment in comments:
        found[comment.article_id].append(comment)
    return found
