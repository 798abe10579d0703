"""What may not go in, whatever its score. Each gate answers with a short sentence why not, or None."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from digest.content.values import Article, ArticleState, Comment, CommentState
from digest.editions.canonical import canonical, host
from digest.editions.glance import is_plain
from digest.editions.private import private
from digest.editions.script import foreign
from digest.editions.words import ADDRESS, has_address
from digest.newsletter import Newsletter

ANSWERS_NOTHING = "an answer to a comment that may not be shown"
ALREADY_QUOTED = "already quoted in an earlier edition"

_PROTECTED_TITLE = ("protected:", "private:")  # WordPress puts these before the title
_PROTECTED_TEXT = re.compile(r"\A.{0,80}\b(?:is|this)\b.{0,20}\b(?:password[ -]protected|a protected post)\b", re.IGNORECASE | re.DOTALL)
_NAMELESS = frozenset({"", "[deleted]", "deleted user", "[removed]"})
_LETTER = re.compile(r"[^\W\d_]")
_QUOTED_LINE = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
_PING = re.compile(r"\A\s*\[(?:…|\.\.\.)\].*\[(?:…|\.\.\.)\]\s*\Z", re.DOTALL)


class Gates:
    """The gates of one edition, opened at its cut-off. What an editor `asked` for waits for nothing, and no section or tag keeps it out."""

    def __init__(self, newsletter: Newsletter, cutoff: datetime, asked: frozenset[int] = frozenset()) -> None:
        self.newsletter = newsletter
        self.cutoff = cutoff
        self._asked = asked
        self._excluded_sections = _folded(newsletter.exclude_sections)
        self._excluded_tags = _folded(newsletter.exclude_tags)
        self._sponsored_tags = _folded(newsletter.sponsored_tags)
        self._never_quote = _folded(newsletter.comments.never_quote)
        self._names: dict[str, str | None] = {}
        rules = newsletter.comments
        self._latest = cutoff - timedelta(minutes=rules.minimum_age_minutes)
        self._settled = cutoff - timedelta(minutes=rules.settle_minutes)
        # Plain text is ASCII: where the newsletter's language is written so, and no day is to be looked up, a glance is enough.
        self._glance = rules.quotable_since is None and not foreign("a plain text", newsletter.language)

    def article(self, article: Article) -> str | None:
        """Why neither the article nor its comments may be shown in this edition."""
        return self._unfit(article) or self._unready(article) or self._unwanted(article)

    def too_old(self, article: Article) -> str | None:
        days = self.newsletter.articles.maximum_age_days
        if self.cutoff - article.published_at > timedelta(days=days):
            return f"published {_span(self.cutoff - article.published_at)} before the cut-off: older than {days} days"
        return None

    def comment(self, comment: Comment) -> str | None:
        """Why the comment may not be shown, all but what it answers: see `eligible`."""
        return self.comments((comment,))[comment.id]

    def comments(self, comments: Iterable[Comment]) -> dict[int, str | None]:
        """Each comment's id with what `comment` says of it. Nine tenths are settled at a glance: every gate would say None."""
        flags, latest, settled = self.newsletter.comments.maximum_flags, self._latest, self._settled
        return {
            one.id: None
            if self._glance
            and one.state is CommentState.APPROVED
            and one.flags <= flags
            and one.posted_at <= latest
            and (one.edited_at is None or one.edited_at <= settled)
            and not one.votes_down
            and is_plain(one.text)
            and self._nameless(one.author_name) is None
            else self._hidden(one) or self._unsettled(one) or self._unwilling(one) or self._unquotable(one)
            for one in comments
        }

    def _unfit(self, article: Article) -> str | None:
        title = article.title.strip()
        if article.state is not ArticleState.PUBLISHED:
            return "withdrawn at its source"
        if not host(article.url) or not article.url.strip().casefold().startswith(("http://", "https://")):
            return "has no web address"
        if not title and not article.text.strip():
            return "has neither title nor text"
        if (title.casefold().startswith(_PROTECTED_TITLE) and not article.text.strip()) or _PROTECTED_TEXT.match(article.text):
            return "protected by a password at its source"
        return None

    def _unready(self, article: Article) -> str | None:
        age = self.cutoff - article.published_at
        if age < timedelta(0):
            return "dated after the cut-off"
        if article.id not in self._asked and age < timedelta(minutes=self.newsletter.articles.grace_minutes):
            return f"published {_span(age)} before the cut-off: waits for the next edition"
        return None

    def _unwanted(self, article: Article) -> str | None:
        tags = _folded(article.tags)
        if self.newsletter.sources and article.source not in self.newsletter.sources:
            return f"from the source “{article.source}”, which this newsletter does not use"
        if tags & self._sponsored_tags:
            return "a sponsored article: these have a slot of their own"
        if article.id in self._asked:
            return None
        if article.section.casefold().strip() in self._excluded_sections:
            return f"in the excluded section “{article.section}”"
        if tags & self._excluded_tags:
            return f"has the excluded tag “{min(tags & self._excluded_tags)}”"
        return None

    def _hidden(self, comment: Comment) -> str | None:
        if comment.state is CommentState.HELD:
            return "held by a moderator"
        if comment.state is not CommentState.APPROVED:
            return "removed at its source"
        if comment.flags > self.newsletter.comments.maximum_flags:
            return f"flagged by {comment.flags} readers"
        return None

    def _unsettled(self, comment: Comment) -> str | None:
        rules = self.newsletter.comments
        age = self.cutoff - comment.posted_at
        if age < timedelta(0):
            return "posted after the cut-off"
        if age < timedelta(minutes=rules.minimum_age_minutes):
            return f"posted {_span(age)} before the cut-off: too fresh"
        if comment.edited_at is not None and self.cutoff - comment.edited_at < timedelta(minutes=rules.settle_minutes):
            return "edited just before the cut-off"
        return None

    def _unwilling(self, comment: Comment) -> str | None:
        since = self.newsletter.comments.quotable_since
        if since is not None and comment.posted_at.astimezone(self.newsletter.zone).date() < since:
            return f"posted before {since.isoformat()}, since when comments may be quoted"
        return self._nameless(comment.author_name)

    def _nameless(self, author_name: str) -> str | None:
        """Why nothing under this name is quoted; looked into once, for some people write a hundred comments."""
        if author_name not in self._names:
            self._names[author_name] = self._unnamed(author_name.casefold().strip())
        return self._names[author_name]

    def _unnamed(self, name: str) -> str | None:
        if name in self._never_quote:
            return "its writer asked not to be quoted"
        if name in _NAMELESS:
            return "its writer has no name any more"
        if "@" in name and private(name):
            return "its writer’s name is an e-mail address"
        return None

    def _unquotable(self, comment: Comment) -> str | None:
        if not comment.text.strip():
            return "has no text"
        if held := private(comment.text):
            return f"holds {held}"
        if says_nothing(comment.text):
            return "nothing but a link, a quotation, figures or emoji"
        if _PING.match(comment.text):
            return "an announcement of a link, no comment"
        if foreign(comment.text, self.newsletter.language):
            return "in another script than this newsletter’s language"
        return self._disputed(comment)

    def _disputed(self, comment: Comment) -> str | None:
        rules = self.newsletter.comments
        up, down = comment.votes_up or 0, comment.votes_down or 0
        if comment.featured or down < rules.disputed_from or down / (max(up, 0) + down) <= rules.disputed_share:
            return None
        return f"disputed: {down} of {max(up, 0) + down} votes are against it"


def says_nothing(text: str) -> bool:
    """True when no word of the writer's own is left beside links, quoted lines, figures and emoji."""
    own = _QUOTED_LINE.sub("", text) if ">" in text else text
    if has_address(own):
        own = ADDRESS.sub("", own)
    return not _LETTER.search(own)


def eligible(comments: Iterable[Comment], gates: Gates) -> dict[int, str | None]:
    """Each comment's id with why it may not be shown, or None. An answer falls with what it answers, at any depth."""
    by_id = {comment.id: comment for comment in comments}
    alone = gates.comments(by_id.values())
    answers = [comment for comment in by_id.values() if comment.parent_id is not None or comment.orphan]
    verdicts = {**alone}
    for answer in answers:
        del verdicts[answer.id]
    for answer in answers:
        below = answer.id not in verdicts and answer.parent_id not in verdicts
        for one in reversed(_unjudged_line(answer, by_id, verdicts)) if below else (answer,):
            verdicts[one.id] = alone[one.id] or _falls_with_parent(one, by_id, verdicts)
    return verdicts


def _unjudged_line(comment: Comment, by_id: dict[int, Comment], verdicts: dict[int, str | None]) -> list[Comment]:
    """The comment and what it answers, upwards, as far as nothing is known yet. A ring of answers ends where it began."""
    line: dict[int, Comment] = {}
    current: Comment | None = comment
    while current is not None and current.id not in verdicts and current.id not in line:
        line[current.id] = current
        current = by_id.get(current.parent_id) if current.parent_id is not None else None
    return list(line.values())


def _falls_with_parent(comment: Comment, by_id: dict[int, Comment], verdicts: dict[int, str | None]) -> str | None:
    if comment.parent_id is None:
        return ANSWERS_NOTHING if comment.orphan else None
    parent = by_id.get(comment.parent_id)
    shown = parent is not None and parent.article_id == comment.article_id and verdicts.get(parent.id, ANSWERS_NOTHING) is None
    return None if shown else ANSWERS_NOTHING


def sent_addresses(articles: Iterable[Article], sent: Iterable[int]) -> frozenset[str]:
    """The addresses, in one spelling, of articles that earlier editions had."""
    taken = frozenset(sent)
    return frozenset(canonical(article.url) for article in articles if article.id in taken)


def _folded(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.casefold().strip() for name in names)


def _span(age: timedelta) -> str:
    minutes = int(age.total_seconds() // 60)
    if minutes < 120:
        return f"{minutes} minutes"
    return f"{minutes // 60} hours" if minutes < 2 * 24 * 60 else f"{minutes // (24 * 60)} days"
