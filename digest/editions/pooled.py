"""The pool of a composed edition: what `plan.py` and `titles.py` need to know of it, and nothing that must be drawn."""

from collections.abc import Mapping

from digest.editions.arrange import PINNED
from digest.editions.page import Entry, Page
from digest.editions.pool import Had, Item, Masthead, Pool, Said, folded
from digest.editions.stories import Writing, shortened
from digest.editions.values import Choice, Edition, Kind, Place, Quote
from digest.newsletter import Newsletter

GIST_WORDS = 14


def pool_of(
    choice: Choice, edition: Edition, page: Page, writing: Writing, newsletter: Newsletter, *, served: Mapping[str, Had], masthead: Masthead
) -> Pool:
    """All of the edition. Its own `articles` limit holds as far as it has blocks to show articles in, and editors did not put more into it."""
    leads = "lead" in newsletter.blocks
    most = max(newsletter.limits.articles, sum(entry.everybodys for entry in page.entries)) if "sections" in newsletter.blocks else int(leads)
    pinned = {pick.id for pick in choice.picks if pick.kind is Kind.COMMENT and pick.kept}
    return Pool(
        items=tuple(_item(entry) for entry in page.entries),
        top=tuple(_said(quote, writing, pinned=quote.comment_id in pinned) for quote in edition.top_comments),
        recent=tuple(_said(quote, writing) for quote in edition.recent_comments),
        join=tuple(link.article_id for link in edition.join),
        leads=leads,
        articles=most,
        filler=newsletter.limits.filler,
        join_links=newsletter.limits.join_links,
        served=served,
        masthead=masthead,
    )


def _item(entry: Entry) -> Item:
    pick, story = entry.pick, entry.story
    must_lead = PINNED in pick.note.split(", ")  # so the settings say
    return Item(
        id=story.article_id,
        section=folded(story.section),
        author=folded(story.author),
        score=pick.score,
        rank=entry.rank,
        pinned=pick.kept or must_lead,
        first=pick.first or must_lead,
        missed=pick.place is Place.MISSED,
        comments=story.comment_count,
        title=story.title,
        gist=shortened(story.quote.text, GIST_WORDS) if story.quote else "",
        speakers=(story.quote.author.strip(),) if story.quote else (),
    )


def _said(quote: Quote, writing: Writing, *, pinned: bool = False) -> Said:
    article = writing.talks[quote.article_id].article
    return Said(
        id=quote.comment_id,
        article_id=article.id,
        section=folded(article.section),
        author=folded(article.author.name) if article.author else "",
        gist=shortened(quote.text, GIST_WORDS),
        speakers=(quote.author.strip(),),
        pinned=pinned,
    )
