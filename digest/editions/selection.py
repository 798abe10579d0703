"""One reader's edition as a value of its own: what it would be if it were made for this reader alone. Pure."""

from collections.abc import Iterator
from dataclasses import replace

from digest.editions.pool import Plan
from digest.editions.titles import Titles
from digest.editions.values import Edition, Section, Story


def personal(edition: Edition, plan: Plan, titles: Titles) -> Edition:
    """The edition with exactly what `plan`, made from its pool, names. Who made the edition, and its sponsor, are everybody's."""
    ranks = {article_id: rank for rank, article_id in enumerate(plan.ranked)}
    lead = next((story for story in edition.leads if story.article_id == plan.lead), None)
    links = [(link, count) for link, count in zip(edition.join, edition.join_counts, strict=True) if link.article_id in plan.join]
    own = replace(
        edition,
        subject=titles.subject,
        preheader=titles.preheader,
        lead=replace(lead, rank=ranks[lead.article_id]) if lead else None,
        leads=(),
        sections=tuple(_sections(edition, frozenset(plan.stories), ranks)),
        top_comments=tuple(quote for quote in edition.top_comments if quote.comment_id in plan.top),
        recent_comments=tuple(quote for quote in edition.recent_comments if quote.comment_id in plan.recent),
        join=tuple(link for link, _ in links),
        join_counts=tuple(count for _, count in links),
        pool=None,
    )
    return replace(own, blocks=present(own, edition.blocks))


def present(edition: Edition, blocks: tuple[str, ...]) -> tuple[str, ...]:
    """Those of `blocks` that have something to show."""
    return tuple(block for block in blocks if getattr(edition, block))


def _sections(edition: Edition, shown: frozenset[int], ranks: dict[int, int]) -> Iterator[Section]:
    for section in edition.sections:
        stories: tuple[Story, ...] = tuple(replace(story, rank=ranks[story.article_id]) for story in section.stories if story.article_id in shown)
        if stories:
            yield replace(section, stories=stories)
