"""What parsing a feed starts from (`Reading`) and ends in (`Feed`, `Talk`). Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from digest.content.values import FoundArticle, FoundComment
from digest.settings import Source
from digest.sources.address import shown
from digest.sources.values import Problem

# The form WordPress puts in the place of a protected post, or its words where the feed gives excerpts only.
_PROTECTED = re.compile(r"""<input\b[^>]{0,200}\bname=["']post_password|There is no excerpt because this is a protected post""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """`url` is where the feed came from, or what the links of a `file` are relative to; `dates` are those given earlier to items without one."""

    url: str
    source: Source
    now: datetime
    dates: Mapping[str, datetime] = field(default_factory=dict)
    file: str = ""

    @property
    def where(self) -> str:
        """For a person: never with a password in it."""
        return self.file or shown(self.url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item. `dated` is false where the moment is our own; `talk` is the address of its comments' feed; `comments` is None where the
    item does not bring them along."""

    article: FoundArticle
    dated: bool
    talk: str = ""
    comments: tuple[FoundComment, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What a feed says. `gone` are keys it calls deleted or shows as protected, `whole` those of articles whose comments are all here,
    `undated` the dates given to items without one, and `talks` the addresses of comment feeds by article key."""

    articles: tuple[FoundArticle, ...]
    comments: tuple[FoundComment, ...]
    talks: Mapping[str, str]
    gone: tuple[str, ...]
    whole: frozenset[str]
    undated: Mapping[str, datetime]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """What the comment feed of one article says. `cut`: it broke off, so that what is missing tells nothing."""

    comments: tuple[FoundComment, ...]
    gone: tuple[str, ...] = ()
    cut: bool = False


def feed_of(found: Iterable[Item | Problem], *, gone: Iterable[str] = ()) -> Feed:
    """Of several items with one key the first counts. A deleted entry that is listed all the same is not gone; a protected one is."""
    everything = tuple(found)
    items: dict[str, Item] = {}
    for one in everything:
        if isinstance(one, Item):
            items.setdefault(one.article.key, one)
    protected = {key for key, item in items.items() if _PROTECTED.search(item.article.body) or _PROTECTED.search(item.article.excerpt)}
    open_items = {key: item for key, item in items.items() if key not in protected}
    return Feed(
        articles=tuple(item.article for item in open_items.values()),
        comments=tuple(comment for item in open_items.values() for comment in item.comments or ()),
        talks={key: item.talk for key, item in open_items.items() if item.talk},
        gone=tuple(dict.fromkeys(key for key in (*gone, *protected) if key not in open_items)),
        whole=frozenset(key for key, item in open_items.items() if item.comments is not None),
        undated={key: item.article.published_at for key, item in items.items() if not item.dated},
        problems=tuple(one for one in everything if isinstance(one, Problem)),
    )
