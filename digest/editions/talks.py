"""All the talk of a snapshot, by article: the eligible comments, and why the others are not."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from digest.content.values import Comment, Snapshot
from digest.editions.gates import Gates, eligible
from digest.editions.talk import Talk, talk


@dataclass(frozen=True, slots=True, kw_only=True)
class Talks:
    """`by_article` has every article that may be shown, with or without comments; `refused` the reason for each other article and comment."""

    by_article: Mapping[int, Talk]
    refused_articles: Mapping[int, str]
    refused_comments: Mapping[int, str]
    comments: Mapping[int, Comment]  # all of the snapshot


def talks(snapshot: Snapshot, gates: Gates) -> Talks:
    comments = {comment.id: comment for comment in sorted(snapshot.comments, key=lambda comment: comment.id)}
    articles = {article.id: article for article in sorted((*snapshot.articles, *snapshot.others), key=lambda article: article.id)}
    verdicts = {article.id: gates.article(article) for article in articles.values()}
    refused = {number: why for number, why in verdicts.items() if why is not None}
    shown: defaultdict[int, list[Comment]] = defaultdict(list)
    refused_comments: dict[int, str] = {}
    for number, why in eligible(comments.values(), gates).items():
        article_id = comments[number].article_id
        if why is None and article_id in articles and article_id not in refused:
            shown[article_id].append(comments[number])
        else:
            refused_comments[number] = why or f"its article is not shown: {refused.get(article_id, 'it is not at hand')}"
    return Talks(
        by_article={number: talk(article, tuple(shown[number])) for number, article in articles.items() if number not in refused},
        refused_articles=refused,
        refused_comments=refused_comments,
        comments=comments,
    )
