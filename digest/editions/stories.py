"""Articles and comments as an edition shows them: `Story` and `Quote`, made from what is stored."""

from collections.abc import Mapping
from dataclasses import dataclass

from digest.content.excerpt import excerpt
from digest.content.values import Article, Comment, Role
from digest.editions.article_score import usable
from digest.editions.canonical import host
from digest.editions.lede import lede
from digest.editions.picks import DISCUSSED
from digest.editions.talk import Talk
from digest.editions.values import Link, Parent, Pick, Quote, Story
from digest.rules import Limits

ELLIPSIS = "…"
TITLE_WORDS = 10  # of an article that has none


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """What is shown, by id. Only what may be shown is in it, so that nothing else can be. `dropped` are comments that an editor does not want
    anywhere, nor as what another answered."""

    talks: Mapping[int, Talk]
    limits: Limits
    site: str  # the host that may serve readers' pictures; empty: each article's own
    dropped: frozenset[int] = frozenset()

    def comment(self, number: int | None, article_id: int) -> Comment | None:
        talk = self.talks.get(article_id)
        return talk.by_id.get(number) if talk is not None and number is not None and number not in self.dropped else None

    def story(self, pick: Pick, quoted: Pick | None, *, words: int, rank: int) -> Story | None:
        """The article of `pick` with its excerpt cut to `words`; None when it may not be shown any more."""
        talk = self.talks.get(pick.article_id)
        if talk is None:
            return None
        article = talk.article
        return Story(
            article_id=article.id,
            title=title(article),
            url=article.url,
            section=article.section,
            author=article.author.name if article.author else "",
            role=article.author.role if article.author else Role.READER,
            excerpt=shortened(lede(article), words),
            image=article.image if usable(article.image) else None,
            published_at=article.published_at,
            comment_count=talk.count,
            comments_url=thread(article),
            quote=self.quote(quoted, words=self.limits.quote_words) if quoted else None,
            also=tuple(self._also(pick)),
            discussed=DISCUSSED in pick.note.split(", "),
            rank=rank,
        )

    def quote(self, pick: Pick, *, words: int) -> Quote | None:
        """The comment of `pick`, cut to `words`, with what it answers and what the staff answered; None when it may not be shown any more."""
        comment = self.comment(pick.id, pick.article_id)
        if comment is None:
            return None
        reply = self.comment(pick.reply_id, pick.article_id)
        return self._quote(comment, words, self._parent(comment), self._quote(reply, words, None, None) if reply else None)

    def _quote(self, comment: Comment, words: int, parent: Parent | None, reply: Quote | None) -> Quote:
        article = self.talks[comment.article_id].article
        own = excerpt(comment.text, words, paragraphs=True)
        return Quote(
            comment_id=comment.id,
            article_id=article.id,
            article_title=title(article),
            author=comment.author_name,
            role=comment.role,
            avatar=self._avatar(comment, article),
            initials=initials(comment.author_name),
            text=own.text,
            cut=own.cut,
            likes=comment.votes_up,
            dislikes=comment.votes_down,
            url=comment.permalink or thread(article),
            thread_url=thread(article),
            posted_at=comment.posted_at,
            parent=parent,
            reply=reply,
        )

    def _parent(self, comment: Comment) -> Parent | None:
        parent = self.comment(comment.parent_id, comment.article_id)
        if parent is None:
            return None
        own = excerpt(parent.text, self.limits.short_words)
        return Parent(author=parent.author_name, role=parent.role, text=own.text, cut=own.cut)

    def _also(self, pick: Pick) -> list[Link]:
        others = (self.talks[number].article for number in pick.also if number in self.talks)
        return [Link(title=title(other), url=other.url, article_id=other.id) for other in others]

    def _avatar(self, comment: Comment, article: Article) -> str:
        """Only a picture from the site itself: any other host would learn who opens the mail."""
        served_by = host(comment.avatar)
        site = self.site or host(article.url)
        return comment.avatar if served_by and (served_by == site or served_by.endswith(f".{site}")) else ""


def title(article: Article) -> str:
    """The article's title, or its first words where it has none."""
    return article.title.strip() or shortened(article.text, TITLE_WORDS)


def thread(article: Article) -> str:
    return article.comments_url or article.url


def shortened(text: str, words: int) -> str:
    """Cut to `words`, with an ellipsis if so."""
    own = excerpt(text, words)
    return ellipsed(own.text) if own.cut else own.text


def ellipsed(text: str) -> str:
    """Marked as cut; after a whole sentence the mark stands apart."""
    return f"{text} {ELLIPSIS}" if text.endswith((".", "!", "?", "”", '"')) else text + ELLIPSIS


def initials(name: str) -> str:
    """One or two letters to stand for a picture."""
    parts = [part for part in name.split() if part[0].isalnum()]
    letters = [part[0] for part in (parts[:1] + parts[-1:] if len(parts) > 1 else parts)]
    return "".join(letters).upper()[:2] or "?"
