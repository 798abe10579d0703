"""Choosing from a busy week: the store read, and the edition chosen."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert

from digest.content.tables import ArticleRow, AuthorRow, CommentRow
from digest.content.values import ArticleState, CommentState, Role
from digest.database import open_database, upgrade
from digest.prepare import choose_from, gather_for
from tests.benchmarks.edition import NEWSLETTER, NOW
from tests.benchmarks.measure import Measured, seconds
from tests.benchmarks.prose import prose

WEEKLY = NEWSLETTER.model_copy(update={"slug": "busy"})
BATCH = 5_000


def choosing() -> Measured:
    """How it grows: ten times the articles and comments."""
    small, large = _choose(100, 10_000), _choose(1_000, 100_000)
    return Measured(what="gathering and choosing, 1,000 articles, 100,000 comments (SQLite)", ours=large, against="from 100 and 10,000", other=small)


def _choose(articles: int, comments: int) -> float:
    with busy_week(articles, comments) as engine:
        return seconds(lambda: _gather_and_choose(engine), rounds=1)


def _gather_and_choose(engine: Engine) -> None:
    with engine.begin() as connection:
        gathered = gather_for(connection, WEEKLY, NOW)
    if not choose_from(gathered, site="https://bench.example").choice.enough:
        raise ValueError("nothing was chosen, so nothing was measured")


@contextmanager
def busy_week(articles: int, comments: int) -> Iterator[Engine]:
    """A SQLite file with a week's articles of some 150 words and their comments of 9 to 68, a third of them answers."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'busy.db'}"
        # By a process of its own, so that the memory measured is that of choosing.
        subprocess.run([sys.executable, "-m", "tests.benchmarks.choosing", url, str(articles), str(comments)], check=True)
        engine = open_database(url)
        yield engine
        engine.dispose()


def fill(url: str, articles: int, comments: int) -> None:
    engine = open_database(url)
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(insert(AuthorRow), [{"id": 1, "source": "bench", "key": "1", "name": "Robin Desk", "role": Role.STAFF}])
        connection.execute(insert(ArticleRow), [_article(number) for number in range(1, articles + 1)])
        for start in range(1, comments + 1, BATCH):
            connection.execute(insert(CommentRow), [_comment(number, articles) for number in range(start, min(start + BATCH, comments + 1))])
    engine.dispose()


def _article(number: int) -> dict[str, Any]:
    seen = NOW - timedelta(hours=1 + number % 160)
    words = prose(number, 150)
    return {
        "id": number,
        "source": "bench",
        "key": str(number),
        "title": prose(number, 7).rstrip("."),
        "url": f"https://bench.example/{number}",
        "section": f"Section {number % 8}",
        "author_id": 1 if number % 4 == 0 else None,
        "body": f"<p>{words}</p>",
        "text": words,
        "published_at": seen,
        "first_seen_at": seen,
        "state": ArticleState.PUBLISHED,
    }


def _comment(number: int, articles: int) -> dict[str, Any]:
    article = number % articles + 1
    answered = number - articles if number % 3 == 0 and number > articles else None
    words = prose(number, 9 + number % 60)
    posted = NOW - timedelta(minutes=20 + number % 9_000)
    return {
        "id": number,
        "source": "bench",
        "key": str(number),
        "article_id": article,
        "parent_key": str(answered or ""),
        "parent_id": answered,
        "author_id": 1 if number % 500 == 0 else None,
        "author_name": "Robin Desk" if number % 500 == 0 else f"Reader {number % 5_003}",
        "role": Role.READER,
        "body": f"<p>{words}</p>",
        "text": words,
        "posted_at": posted,
        "edited_at": posted + timedelta(minutes=3) if number % 10 == 0 else None,
        "first_seen_at": posted,
        "permalink": f"https://bench.example/{article}#comment-{number}",
        "votes_up": number % 13,
        "votes_down": 0,
        "state": CommentState.HELD if number % 50 == 0 else CommentState.APPROVED,
    }


if __name__ == "__main__":
    fill(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
