"""The talk under an article: its comments as a tree, of those only that may be shown."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from operator import attrgetter

from digest.content.values import Article, Comment, Role

# Who speaks for the publication: an answer of theirs lifts a comment, and they do not count among the readers who take part.
HOUSE = frozenset({Role.STAFF, Role.MODERATOR})
# A thread nested deeper than this is looked up no further: 10,000 answers in a row would take 50 million steps.
DEEPEST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """`comments` in order of their ids; `answers` by the id of what they answer."""

    article: Article
    comments: tuple[Comment, ...] = ()
    by_id: Mapping[int, Comment] = field(default_factory=dict)
    answers: Mapping[int, tuple[Comment, ...]] = field(default_factory=dict)

    def above(self, comment: Comment) -> Iterator[Comment]:
        """What it answers, what that answers, and so on up to the thread's start."""
        return islice(self._climb(comment), DEEPEST)

    def _climb(self, comment: Comment) -> Iterator[Comment]:
        parent = self.by_id.get(comment.parent_id) if comment.parent_id is not None else None
        while parent is not None:
            yield parent
            parent = self.by_id.get(parent.parent_id) if parent.parent_id is not None else None

    def is_by_house(self, comment: Comment) -> bool:
        return comment.role in HOUSE or self.is_by_author(comment)

    def is_by_author(self, comment: Comment) -> bool:
        author = self.article.author
        return author is not None and comment.author_id == author.id

    @property
    def people(self) -> int:
        """Different readers who take part: neither the article's author nor the house."""
        return len({comment.person for comment in self.comments if not self.is_by_house(comment)})

    @property
    def count(self) -> int:
        """How many comments an edition names: the source's own count, which may include some that are not delivered, or those at hand."""
        return max(len(self.comments), self.article.comment_count or 0)


def talk(article: Article, comments: tuple[Comment, ...]) -> Talk:
    """The talk made of an article's eligible comments."""
    ordered = tuple(sorted(comments, key=attrgetter("id")))
    answers: defaultdict[int, list[Comment]] = defaultdict(list)
    for comment in ordered:
        if comment.parent_id is not None:
            answers[comment.parent_id].append(comment)
    return Talk(
        article=article,
        comments=ordered,
        by_id={comment.id: comment for comment in ordered},
        answers={parent: tuple(found) for parent, found in answers.items()},
    )
