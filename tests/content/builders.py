"""Small articles and comments for the tests of this folder."""

from datetime import UTC, datetime, timedelta
from typing import Any

from digest.content.values import FoundArticle, FoundComment

MONDAY = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


def article(key: str, **given: Any) -> FoundArticle:
    fields: dict[str, Any] = {
        "title": f"The harbour, part {key}",
        "url": f"https://paper.example/{key}/",
        "published_at": MONDAY - timedelta(days=2),
        "body": f"<p>What happened at quay {key}.</p>",
    }
    return FoundArticle(key=key, **(fields | given))


def comment(key: str, article_key: str, **given: Any) -> FoundComment:
    fields: dict[str, Any] = {
        "author_name": "Tilda Marsh",
        "body": f"<p>I saw number {key} from the bridge.</p>",
        "posted_at": MONDAY - timedelta(days=1),
        "permalink": f"https://paper.example/{article_key}/#comment-{key}",
    }
    return FoundComment(key=key, article_key=article_key, **(fields | given))
