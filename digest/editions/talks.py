"""All the talk of a snapshot, by article: the eligible comments, and why the others are not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import TypeVar

from digest.content.values import Article, Comment, Snapshot
from digest.editions.gates import Gates, eligible
from digest.editions.talk import Talk, talk

T = TypeVar("T", Article, Comment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Talks:
    """`by_article` has every article that may be shown, with or without comments; `refused` the reason for each other article and comment."""

    by_article: Mapping[int, Talk]
    refused_articles: Mapping[int, str]
    refused_comments: Mapping[int, str]
    comments: Mapping[int, Comment]  # all of the snapshot


def talks(snapshot: Snapshot, gates: Gates) -> Talks:
    comments = _by_id(snapshot.comments)
    articles = _by_id((*snapshot.articles, *snapshot.others))
    verdicts = {article.id: gates.article(article) for article in articles.values()}
    refused = {number: why for number, why in verdicts.items() if why is not None}
    shown: dict[int, list[Comment]] = {number: [] for number in articles if number not in refused}
    refused_comments: dict[int, str] = {}
    for number, why in eligible(comments.values(), gates).items():
        article_id = comments[number].article_id
        if why is None and article_id in shown:
            shown[article_id].append(comments[number])
        else:
            refused_comments[number] = why or f"its article is not shown: {refused.get(article_id, 'it is not at hand')}"
    return Talks(
        by_article={number: talk(articles[number], tuple(found)) for number, found in shown.items()},
        refused_articles=refused,
        refused_comments=refused_comments,
        comments=comments,
    )


def _by_id(items: Iterable[T]) -> dict[int, T]:
    return {item.id: item for item in sorted(items, key=attrgetter("id"))}
