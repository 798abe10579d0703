"""Who made an edition, and where its talk goes on."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from digest.content.values import Role
from digest.editions.talk import Talk
from digest.editions.values import Link, Person, Story


def people(stories: Sequence[Story], talks: Sequence[Talk], *, since: datetime, limit: int) -> tuple[Person, ...]:
    """Who wrote in this edition, and the contributors, staff and moderators who commented since `since`; whoever did most first."""
    shown = {story.article_id for story in stories}
    writers = [talk.article.author for talk in talks if talk.article.id in shown and talk.article.author is not None]
    comments = [comment for talk in talks for comment in talk.comments if comment.posted_at >= since]
    written = Counter(f"#{author.id}" for author in writers)  # as `Comment.person` names them
    said = Counter(comment.person for comment in comments)
    # Whoever wrote an article is no mere reader, declared or not.
    found = {f"#{author.id}": (author.name, Role.CONTRIBUTOR if author.role is Role.READER else author.role) for author in writers}
    for comment in comments:
        if comment.role is not Role.READER:
            found.setdefault(comment.person, (comment.author_name, comment.role))
    everyone = [Person(name=name, role=role, articles=written[key], comments=said[key]) for key, (name, role) in found.items()]
    return tuple(sorted(everyone, key=lambda one: (-one.articles, -one.comments, one.name, one.role)))[:limit]


def join(stories: Sequence[Story], limit: int | None) -> tuple[tuple[Link, ...], tuple[int, ...]]:
    """The liveliest threads of the edition and their comments, the liveliest first; None: all of them."""
    lively = sorted((story for story in stories if story.comment_count), key=lambda story: (-story.comment_count, story.article_id))[:limit]
    links = tuple(Link(title=story.title, url=story.comments_url, article_id=story.article_id) for story in lively)
    return links, tuple(story.comment_count for story in lively)
