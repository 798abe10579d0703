"""What sources find (`Found…`) and what the store gives back (`Article`, `Comment`, `Author`). All frozen, all moments aware and UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class Role(StrEnum):
    """Who a writer is to the publication. Everyone who is not declared is a reader."""

    READER = "reader"
    CONTRIBUTOR = "contributor"
    STAFF = "staff"
    MODERATOR = "moderator"


class ArticleState(StrEnum):
    PUBLISHED = "published"  # may be mailed
    WITHDRAWN = "withdrawn"  # was published once; trashed, deleted, made private or protected at its source


class CommentState(StrEnum):
    APPROVED = "approved"  # may be quoted
    HELD = "held"  # waits for a moderator at its source
    REMOVED = "removed"  # spam, trashed or deleted at its source: its text is blanked here too


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A picture by address. Width and height in pixels, 0 where the source does not say."""

    url: str
    alt: str = ""
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundAuthor:
    """`key` is the source's own name for the person (a login, a user number), never an e-mail address."""

    key: str
    name: str
    role: Role = Role.READER


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundArticle:
    """An article as a source shows it; `body` and `excerpt` are HTML as found, not yet sanitised. `key` is unique within its source."""

    key: str
    title: str
    url: str
    published_at: datetime
    modified_at: datetime | None = None
    section: str = ""
    tags: tuple[str, ...] = ()
    author: FoundAuthor | None = None
    image: Image | None = None
    excerpt: str = ""
    body: str = ""
    state: ArticleState = ArticleState.PUBLISHED
    votes: int | None = None  # None: the source does not tell
    views: int | None = None
    comment_count: int | None = None  # what the source says; may exceed the comments it delivers
    comments_url: str = ""  # where the conversation is; empty: the article's own address


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundComment:
    """A comment as a source shows it. Never holds an e-mail address or an IP address; `avatar` only where the site itself serves it."""

    key: str
    article_key: str
    parent_key: str = ""  # empty: answers the article itself
    author_name: str
    author_key: str = ""  # empty: a guest
    role: Role = Role.READER
    avatar: str = ""
    body: str
    posted_at: datetime
    edited_at: datetime | None = None
    permalink: str = ""
    votes_up: int | None = None  # None: the source has no votes
    votes_down: int | None = None
    flags: int = 0
    featured: bool = False  # an editor's pick at the source
    state: CommentState = CommentState.APPROVED


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    id: int
    name: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """A stored article. `excerpt` is sanitised HTML, and so is `body` where it was read: choosing goes by `text`, the body as plain text with
    paragraphs parted by an empty line."""

    id: int
    source: str
    key: str
    title: str
    url: str
    section: str
    tags: tuple[str, ...]
    author: Author | None
    image: Image | None
    excerpt: str
    body: str = ""
    text: str
    published_at: datetime
    modified_at: datetime | None
    first_seen_at: datetime
    state: ArticleState
    votes: int | None
    views: int | None
    comment_count: int | None
    comments_url: str


class Comment(NamedTuple):
    """A stored comment; `text` is plain text, paragraphs parted by an empty line, quoted blocks left out. `parent_id` is None for a thread's start,
    `orphan` is true when the source names a parent that we do not have (hidden, held or lost).

    A tuple, for a week may have 100,000 of them: made in a seventh of the time of a frozen dataclass.
    """

    id: int
    source: str
    key: str
    article_id: int
    parent_id: int | None
    orphan: bool
    author_name: str
    author_id: int | None
    role: Role
    avatar: str
    text: str
    posted_at: datetime
    edited_at: datetime | None
    permalink: str
    votes_up: int | None
    votes_down: int | None
    flags: int
    featured: bool
    state: CommentState

    @property
    def person(self) -> str:
        """Tells one commenter from another: the author's row where there is one, else the shown name."""
        return f"#{self.author_id}" if self.author_id is not None else self.author_name.casefold().strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All that choosing may look at, read in one go: nothing after it touches the store.

    `articles` are the candidates; `comments` are all comments of those articles, in every state (a held parent must be seen to be held) and, for the
    blocks of the week, those of any other published article in the window (`others` holds these articles). `missed` are further articles of earlier
    windows, with their comments: only for readers who came from another cadence since.
    """

    articles: tuple[Article, ...] = ()
    comments: tuple[Comment, ...] = ()
    others: tuple[Article, ...] = ()
    missed: tuple[Article, ...] = ()
    sent: Mapping[int, int] = field(default_factory=dict)  # article id → comments it had when last sent
    considered: frozenset[int] = frozenset()  # articles an earlier sent edition had before it, picked or not
    quoted: frozenset[int] = frozenset()  # comment ids quoted in any earlier edition
    quoted_people: frozenset[str] = frozenset()  # commenters (see `Comment.person`) quoted before
