"""Tries a theme before the day of the send: a specimen edition with every block filled goes the whole way."""

from datetime import UTC, datetime

from digest.content.values import Image, Role
from digest.editions.values import Edition, Link, Parent, Person, Quote, Section, SponsorBlock, Story
from digest.newsletter import BLOCKS, Newsletter
from digest.render.compile import compile_edition
from digest.render.draw import draw
from digest.render.inline import inline
from digest.render.look import Look
from digest.settings import Publication

_SITE = "https://publication.example"
_SLOT = datetime(2026, 1, 5, 7, tzinfo=UTC)


def check_theme(publication: Publication, newsletter: Newsletter, engine: str = "premailer") -> None:
    """Draws, inlines and compiles the newsletter's theme. What is broken in it is a `TemplateError` that says where."""
    drawn = draw(_specimen(newsletter), Look.of(publication, newsletter))
    compile_edition(drawn.with_html(inline(drawn.html, engine)))


def _specimen(newsletter: Newsletter) -> Edition:
    lead, other = _story(1, _quote(1, reply=_quote(2))), _story(2, None)
    return Edition(
        newsletter=newsletter.slug,
        title=newsletter.title,
        slot=_SLOT,
        subject="A specimen",
        preheader="With every block filled.",
        introduction=("A paragraph of introduction.",),
        lead=lead,
        sections=(Section(title="Section", stories=(other,)),),
        top_comments=(_quote(3),),
        recent_comments=(_quote(4),),
        sponsor=SponsorBlock(label="Sponsored", title="A sponsor", text="What they say.", url=f"{_SITE}/sponsor", image=_picture()),
        people=(Person(name="A. Writer", role=Role.STAFF, articles=2, comments=1),),
        join=(Link(title=lead.title, url=lead.comments_url, article_id=1),),
        join_counts=(lead.comment_count,),
        blocks=BLOCKS,
    )


def _picture() -> Image:
    return Image(url=f"{_SITE}/picture.jpg", alt="A picture", width=1200, height=800)


def _story(number: int, quote: Quote | None) -> Story:
    return Story(
        article_id=number,
        title=f"Article {number}",
        url=f"{_SITE}/{number}/",
        section="Section",
        author="A. Writer",
        role=Role.STAFF,
        excerpt="The beginning of an article.",
        image=_picture(),
        published_at=_SLOT,
        comment_count=12,
        comments_url=f"{_SITE}/{number}/#comments",
        quote=quote,
        also=(Link(title="Another on the same", url=f"{_SITE}/9/", article_id=9),),
        discussed=True,
    )


def _quote(number: int, reply: Quote | None = None) -> Quote:
    return Quote(
        comment_id=number,
        article_id=1,
        article_title="Article 1",
        author=f"Reader {number}",
        role=Role.MODERATOR,
        avatar="",
        initials="R",
        text="What a reader said.\n\nAnd then said further.",
        cut=True,
        likes=3,
        dislikes=0,
        url=f"{_SITE}/1/#comment-{number}",
        thread_url=f"{_SITE}/1/#comments",
        posted_at=_SLOT,
        parent=Parent(author="Another reader", role=Role.READER, text="What it answers", cut=True),
        reply=reply,
    )
