"""A choice and the stored content become an `Edition`: everything the templates show."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from gettext import NullTranslations

from digest.content.values import Image, Snapshot
from digest.editions.canonical import host
from digest.editions.changes import UNCHANGED, Changes
from digest.editions.company import join, people
from digest.editions.gates import Gates
from digest.editions.page import Page, page
from digest.editions.plan import plan
from digest.editions.pool import Had, Masthead, Plan, Pool
from digest.editions.pooled import pool_of
from digest.editions.reword import blocks_of, reworded, words_of
from digest.editions.selection import present
from digest.editions.stories import Writing
from digest.editions.subject import ENGLISH
from digest.editions.talks import Talks, talks
from digest.editions.titles import titles
from digest.editions.values import Choice, Edition, Place, Quote, SponsorBlock
from digest.newsletter import Newsletter, Sponsor
from subscribers.wish import EVERYTHING


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
    served: Mapping[str, Had] | None = None,
    changes: Changes = UNCHANGED,
) -> Edition:
    """The edition of `choice`, as of its cut-off. What may no longer be shown is left out; so is every block the newsletter does not name.

    `texts`: see `Substance`. `changes` are worked into the choice; their words come in here. `served` is what readers from other cadences had, and
    makes the edition one with a pool: of everything that any reader may get, under the subject of what everybody gets. None where no reader chose
    anything: then it holds what everybody gets, and has no pool.
    """
    spoken = talks(snapshot, Gates(newsletter, choice.cutoff, changes.asked))
    writing = Writing(talks=spoken.all, limits=newsletter.limits, site=host(site_url), dropped=changes.dropped_comments)
    words = words_of(changes)
    laid_out = page(choice, writing, newsletter, pooled=served is not None)
    edition = _edition(choice, laid_out, spoken, writing, newsletter, slot=slot, pooled=served is not None)
    paid = sponsor(words.sponsor if words.sponsored else newsletter.sponsor, newsletter, slot, texts or ENGLISH)
    edition = reworded(replace(edition, sponsor=paid), words)
    links, counts = join(edition.stories, newsletter.limits.join_links if served is None else None)
    edition = _with_blocks(replace(edition, join=links, join_counts=counts), newsletter)
    masthead = replace(_masthead(edition, newsletter, publication_name, last_subject), subject=words.subject, preheader=words.preheader)
    pool = pool_of(choice, edition, laid_out, writing, newsletter, served=served or {}, masthead=masthead)
    own = titles(pool, plan(pool, EVERYTHING) or _without_stories(pool), texts)
    return replace(edition, subject=own.subject, preheader=own.preheader, pool=pool if served is not None else None)


def _edition(choice: Choice, laid_out: Page, spoken: Talks, writing: Writing, newsletter: Newsletter, *, slot: datetime, pooled: bool) -> Edition:
    """All of it but what an editor may word, and what depends on the blocks it shows: titles and links to the talk."""
    limits = newsletter.limits
    return Edition(
        newsletter=newsletter.slug,
        title=newsletter.title,
        slot=slot,
        subject="",
        preheader="",
        introduction=blocks_of(newsletter.introduction),
        lead=laid_out.lead,
        leads=tuple(entry.long for entry in laid_out.entries if entry.long) if pooled else (),
        sections=laid_out.sections,
        top_comments=_quotes(choice, writing, Place.TOP, limits.quote_words),
        recent_comments=_quotes(choice, writing, Place.RECENT, limits.short_words),
        sponsor=None,
        people=people(laid_out.plain, list(spoken.by_article.values()), since=choice.window_start, limit=limits.people),
        join=(),
        blocks=(),
    )


def _masthead(edition: Edition, newsletter: Newsletter, publication_name: str, last_subject: str) -> Masthead:
    return Masthead(
        newsletter=newsletter.title,
        publication=publication_name,
        description=newsletter.description,
        day=edition.slot.astimezone(newsletter.zone).date().isoformat(),
        sponsor=edition.sponsor.title if edition.sponsor else "",
        last_subject=last_subject,
    )


def _without_stories(pool: Pool) -> Plan:
    return Plan(lead=None, stories=(), top=tuple(said.id for said in pool.top), recent=tuple(said.id for said in pool.recent))


def sponsor(paid: Sponsor | None, newsletter: Newsletter, slot: datetime, texts: NullTranslations = ENGLISH) -> SponsorBlock | None:
    """The sponsor, if that day in the newsletter's own time zone is one of theirs; both days of their dates are."""
    today = slot.astimezone(newsletter.zone).date()
    if paid is None or (paid.starts and today < paid.starts) or (paid.ends and today > paid.ends):
        return None
    image = Image(url=paid.image, alt=paid.image_alt, width=paid.image_width, height=paid.image_height) if paid.image else None
    label = paid.label if "label" in paid.model_fields_set else texts.gettext(paid.label)
    return SponsorBlock(label=label, title=paid.title, text=paid.text, url=paid.url, image=image)


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
