"""The comments of an item of an export file. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from lxml.etree import _Element as Element

from digest.content.sanitise import clean_name
from digest.content.values import FoundArticle, FoundAuthor, FoundComment, Image, Role
from digest.settings import Source
from digest.sources.roles import role_of
from digest.sources.values import Problem
from digest.sources.wxr_fields import meta, moment, said
from digest.sources.wxr_text import as_html
from digest.sources.wxr_votes import FEATURED, votes_of


@dataclass(slots=True, kw_only=True)
class Writers:
    """The authors of the header: by login, and by user number for their comments."""

    by_login: dict[str, FoundAuthor] = field(default_factory=dict)
    by_number: dict[str, FoundAuthor] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What every item is read with. `line` is where the item begins in the file."""

    source: Source
    writers: Writers
    pictures: Mapping[str, Image]
    now: datetime
    line: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """A comment that is not public: waiting for a moderator (`held`), or thrown away."""

    key: str
    held: bool


def read_comment(element: Element, article: FoundArticle, reading: Reading) -> FoundComment | Hidden | Problem | None:
    """None for what is no comment: pingbacks, trackbacks, editors' notes. Approved ones are told, of others only that they are hidden."""
    key, approved = said(element, "comment_id"), said(element, "comment_approved")
    if said(element, "comment_type") not in ("", "comment"):
        return None
    where = f"line {reading.line + max(0, (element.sourceline or 1) - 1)} (comment {key or 'without a number'})"
    if not key.isdigit():
        return Problem(where=where, what="It was left out.")
    if approved != "1":
        return Hidden(key=key, held=approved == "0")
    posted_at = moment(element, "comment_date", reading.now)
    if posted_at is None:
        return Problem(where=where, what="Its date is missing, before 1990 or in the future; it was left out.")
    return _approved(element, article, reading, key=key, posted_at=posted_at)


def _approved(element: Element, article: FoundArticle, reading: Reading, *, key: str, posted_at: datetime) -> FoundComment:
    name = clean_name(said(element, "comment_author"))
    parent = said(element, "comment_parent")
    extra = meta(element, "commentmeta")
    up, down = votes_of(extra)
    author_key, role = _commenter(said(element, "comment_user_id"), name, reading)
    return FoundComment(
        key=key,
        article_key=article.key,
        parent_key="" if parent in ("", "0") else parent,
        author_name=name,
        author_key=author_key,
        role=role,
        body=as_html(said(element, "comment_content")),
        posted_at=posted_at,
        permalink=f"{article.url}#comment-{key}",
        votes_up=up,
        votes_down=down,
        featured=extra.get(FEATURED, "").lower() in ("1", "true", "yes"),
    )


def _commenter(number: str, name: str, reading: Reading) -> tuple[str, Role]:
    """A guest may type any name, so only the site's own users have a key and a role."""
    if number in ("", "0"):
        return "", Role.READER
    if number in reading.writers.by_number:
        writer = reading.writers.by_number[number]
        return writer.key, writer.role
    return f"user-{number}", role_of(reading.source, name)
