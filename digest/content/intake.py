"""What is stored of a found item: sanitised HTML, its plain text, single lines where lines are meant, figures a database can hold."""

import hashlib
from typing import Any

from digest.content.sanitise import one_line, sanitise_article, sanitise_comment, shown_name, storable, web_address
from digest.content.text import comment_text, plain_text
from digest.content.values import FoundArticle, FoundAuthor, FoundComment

KEY_LENGTH = 500
PERSON_LENGTH = 200
SECTION_LENGTH = 200
LARGEST = 2**31 - 1  # of an INTEGER column in PostgreSQL

Row = dict[str, Any]  # column → value


def stored_key(key: str) -> str:
    """A source's key as it is stored: one too long for its column is cut, and kept apart from its like by a hash."""
    return _fitting(storable(key), KEY_LENGTH)


def person_key(key: str) -> str:
    """A writer's key as it is stored. Some sites log people in by e-mail address: then only its hash is kept."""
    plain = storable(key)
    return hashlib.sha256(plain.encode()).hexdigest() if "@" in plain else _fitting(plain, PERSON_LENGTH)


def author_row(source: str, author: FoundAuthor) -> Row:
    return {"source": source, "key": person_key(author.key), "name": shown_name(author.name), "role": author.role}


def article_row(source: str, found: FoundArticle) -> Row:
    """All columns of an article but its id, its author and when it was first seen."""
    url = web_address(found.url)
    body = sanitise_article(found.body, url)
    return {
        "source": source,
        "key": stored_key(found.key),
        "title": one_line(found.title),
        "url": url,
        "section": one_line(found.section)[:SECTION_LENGTH],
        "tags": [tag for given in found.tags if (tag := one_line(given))],
        **_image(found),
        "excerpt": sanitise_article(found.excerpt, url),
        "body": body,
        "text": plain_text(body),
        "published_at": found.published_at,
        "modified_at": found.modified_at,
        "state": found.state,
        "votes": _figure(found.votes),
        "views": _figure(found.views),
        "comment_count": _figure(found.comment_count),
        "comments_url": web_address(found.comments_url),
    }


def comment_row(source: str, found: FoundComment, page: str) -> Row:
    """All columns of a comment on the article at `page` but its id, its article, its parent, its author's row and when it was first seen."""
    body = sanitise_comment(found.body, page)
    return {
        "source": source,
        "key": stored_key(found.key),
        "parent_key": stored_key(found.parent_key),
        "author_name": shown_name(found.author_name) or "Anonymous",
        "role": found.role,
        "avatar": web_address(found.avatar),
        "body": body,
        "text": comment_text(body),
        "posted_at": found.posted_at,
        "edited_at": found.edited_at,
        "permalink": web_address(found.permalink),
        "votes_up": _figure(found.votes_up),
        "votes_down": _figure(found.votes_down),
        "flags": _figure(found.flags),
        "featured": found.featured,
        "state": found.state,
    }


def _image(found: FoundArticle) -> Row:
    image = found.image
    url = web_address(image.url) if image else ""
    if not image or not url:
        return {"image_url": "", "image_alt": "", "image_width": 0, "image_height": 0}
    width, height = (max(0, min(side, LARGEST)) for side in (image.width, image.height))
    return {"image_url": url, "image_alt": one_line(image.alt), "image_width": width, "image_height": height}


def _figure(number: int | None) -> int | None:
    return None if number is None else max(-LARGEST, min(number, LARGEST))


def _fitting(key: str, length: int) -> str:
    if len(key) <= length:
        return key
    digest = hashlib.sha256(key.encode()).hexdigest()
    return f"{key[: length - len(digest) - 1]}~{digest}"
