"""Choosing from a busy week."""

from dataclasses import replace
from datetime import timedelta

from digest.content.values import Article, ArticleState, Comment, CommentState, Role, Snapshot
from digest.editions.choose import choose
from tests.benchmarks.edition import NEWSLETTER, NOW
from tests.benchmarks.measure import Measured, seconds
from tests.benchmarks.prose import prose


def choosing() -> Measured:
    """How it grows: ten times the articles and comments."""
    small, large = _choose(100, 10_000), _choose(1_000, 100_000)
    return Measured(what="choosing from 1,000 articles, 100,000 comments", ours=large, against="from 100 and 10,000", other=small)


def _choose(articles: int, comments: int) -> float:
    snapshot = Snapshot(
        articles=tuple(_article(number) for number in range(articles)),
        comments=tuple(_comment(number, number % articles) for number in range(comments)),
    )
    return seconds(lambda: choose(snapshot, NEWSLETTER, window_start=NOW - timedelta(days=7), cutoff=NOW), rounds=1)


def _article(number: int) -> Article:
    return Article(
        id=number,
        source="bench",
        key=str(number),
        title=prose(number, 7).rstrip("."),
        url=f"https://bench.example/{number}",
        section=f"Section {number % 8}",
        tags=(),
        author=None,
        image=None,
        excerpt="",
        body="",
        text=prose(number, 150),
        published_at=NOW - timedelta(hours=1 + number % 160),
        modified_at=None,
        first_seen_at=NOW - timedelta(hours=1 + number % 160),
        state=ArticleState.PUBLISHED,
        votes=None,
        views=None,
        comment_count=None,
        comments_url="",
    )


COMMENT = Comment(
    id=0,
    source="bench",
    key="",
    article_id=0,
    parent_id=None,
    orphan=False,
    author_name="",
    author_id=None,
    role=Role.READER,
    avatar="",
    text="",
    posted_at=NOW,
    edited_at=None,
    permalink="",
    votes_up=0,
    votes_down=0,
    flags=0,
    featured=False,
    state=CommentState.APPROVED,
)


def _comment(number: int, article: int) -> Comment:
    return replace(
        COMMENT,
        id=number,
        key=str(number),
        article_id=article,
        author_name=f"Reader {number % 5_003}",
        text=prose(number, 9 + number % 60),
        posted_at=NOW - timedelta(minutes=20 + number % 9_000),
        votes_up=number % 13,
    )
