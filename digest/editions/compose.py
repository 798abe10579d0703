"""A choice and the stored content become an `Edition`: everything the templates show."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from gettext import NullTranslations

from digest.content.values import Image, Snapshot
from digest.editions.canonical import host
from digest.editions.company import join, people
from digest.editions.gates import Gates
from digest.editions.stories import Writing, shortened
from digest.editions.subject import ENGLISH, Substance, preheader, subject
from digest.editions.talks import talks
from digest.editions.values import Choice, Edition, Kind, Place, Quote, Section, SponsorBlock, Story
from digest.newsletter import Newsletter

GIST_WORDS = 14


def compose(
    choice: Choice,
    snapshot: Snapshot,
    newsletter: Newsletter,
    *,
    slot: datetime,
    publication_name: str,
    site_url: str,
    last_subject: str = "",
    texts: NullTranslations | None = ENGLISH,
) -> Edition:
    """The edition of `choice`, as of its cut-off. What may no longer be shown is left out; so is every block the newsletter does not name.

    `texts`: see `Substance`.
    """
    spoken = talks(snapshot, Gates(newsletter, choice.cutoff)).by_article
    writing = Writing(talks=spoken, limits=newsletter.limits, site=host(site_url))
    lead, sections = _stories(choice, writing, newsletter)
    stories = ([lead] if lead else []) + [story for section in sections for story in section.stories]
    limits = newsletter.limits
    links, counts = join(stories, limits.join_links)
    edition = Edition(
        newsletter=newsletter.slug,
        title=newsletter.title,
        slot=slot,
        subject="",
        preheader="",
        introduction=tuple(part.strip() for part in re.split(r"\n\s*\n", newsletter.introduction) if part.strip()),
        lead=lead,
        sections=sections,
        top_comments=_quotes(choice, writing, Place.TOP, limits.quote_words),
        recent_comments=_quotes(choice, writing, Place.RECENT, limits.short_words),
        sponsor=sponsor(newsletter, slot, texts or ENGLISH),
        people=people(stories, list(spoken.values()), since=choice.window_start, limit=limits.people),
        join=links,
        join_counts=counts,
        blocks=(),
    )
    return _titled(_with_blocks(edition, newsletter), newsletter, publication_name, last_subject, texts)


def sponsor(newsletter: Newsletter, slot: datetime, texts: NullTranslations = ENGLISH) -> SponsorBlock | None:
    """The sponsor of that day in the newsletter's own time zone, both days of its dates included."""
    paid = newsletter.sponsor
    today = slot.astimezone(newsletter.zone).date()
    if paid is None or (paid.starts and today < paid.starts) or (paid.ends and today > paid.ends):
        return None
    image = Image(url=paid.image, alt=paid.image_alt, width=paid.image_width, height=paid.image_height) if paid.image else None
    label = paid.label if "label" in paid.model_fields_set else texts.gettext(paid.label)
    return SponsorBlock(label=label, title=paid.title, text=paid.text, url=paid.url, image=image)


def _stories(choice: Choice, writing: Writing, newsletter: Newsletter) -> tuple[Story | None, tuple[Section, ...]]:
    """The lead and the sections in the choice's order. A newsletter without a lead block shows that story first in its section."""
    quotes = {pick.article_id: pick for pick in choice.picks if pick.place is Place.QUOTE}
    limits = newsletter.limits
    ranks = _ranked(choice)
    lead: Story | None = None
    sections: dict[str, tuple[str, list[Story]]] = {}
    for pick in choice.picks:
        if pick.kind is not Kind.ARTICLE or pick.place is Place.RESERVE:
            continue
        leads = pick.place is Place.LEAD and "lead" in newsletter.blocks
        words = limits.lead_excerpt_words if leads else limits.excerpt_words
        story = writing.story(pick, quotes.get(pick.id), words=words, rank=ranks[pick.id])
        if leads:
            lead = story
        elif story is not None and "sections" in newsletter.blocks:
            sections.setdefault(story.section.casefold().strip(), (story.section, []))[1].append(story)
    return lead, tuple(Section(title=title, stories=tuple(stories)) for title, stories in sections.values())


def _quotes(choice: Choice, writing: Writing, place: Place, words: int) -> tuple[Quote, ...]:
    quotes = (writing.quote(pick, words=words) for pick in choice.picks if pick.place is place)
    return tuple(quote for quote in quotes if quote is not None)


def _with_blocks(edition: Edition, newsletter: Newsletter) -> Edition:
    """`blocks` are the newsletter's own, in its order, that have something to show; what it does not name is taken out."""
    named = newsletter.blocks
    kept = replace(
        edition,
        introduction=edition.introduction if "introduction" in named else (),
        top_comments=edition.top_comments if "top_comments" in named else (),
        recent_comments=edition.recent_comments if "recent_comments" in named else (),
        sponsor=edition.sponsor if "sponsor" in named else None,
        people=edition.people if "people" in named else (),
        join=edition.join if "join" in named else (),
        join_counts=edition.join_counts if "join" in named else (),
    )
    return replace(kept, blocks=present(kept, named))


def present(edition: Edition, blocks: tuple[str, ...]) -> tuple[str, ...]:
    """Those of `blocks` that have something to show."""
    return tuple(block for block in blocks if getattr(edition, block))


def _ranked(choice: Choice) -> Mapping[int, int]:
    """Each article's rank among those in the edition: the lead, then by score."""
    articles = [pick for pick in choice.picks if pick.kind is Kind.ARTICLE and pick.place is not Place.RESERVE]
    order = sorted(articles, key=lambda pick: (pick.place is not Place.LEAD, -pick.score, pick.id))
    return {pick.id: rank for rank, pick in enumerate(order)}


def _titled(edition: Edition, newsletter: Newsletter, publication: str, last_subject: str, texts: NullTranslations | None) -> Edition:
    by_rank = sorted(edition.stories, key=lambda story: story.rank)
    quotes = [*(story.quote for story in by_rank if story.quote), *edition.top_comments]
    speakers = (*quotes, *edition.recent_comments)
    substance = Substance(
        titles=tuple(story.title for story in by_rank),
        gists=tuple((texts or ENGLISH).gettext("“%(text)s”") % {"text": shortened(quote.text, GIST_WORDS)} for quote in quotes[:2]),
        readers_speak=bool(quotes),
        unnamed=frozenset(quote.author.strip() for quote in speakers) | ({edition.sponsor.title} if edition.sponsor else frozenset()),
        newsletter=newsletter.title,
        publication=publication,
        description=newsletter.description,
        day=edition.slot.astimezone(newsletter.zone).date().isoformat(),
        texts=texts,
    )
    line = subject(substance, last_subject)
    return replace(edition, subject=line, preheader=preheader(substance, line))
