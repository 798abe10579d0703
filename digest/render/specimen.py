"""A small edition in which every block is filled: for looking a theme over before there is anything to send."""

from datetime import UTC, datetime

from digest.content.values import Image, Role
from digest.editions.values import Edition, Link, Parent, Person, Quote, Section, SponsorBlock, Story
from digest.newsletter import Newsletter

SITE = "https://specimen.example"
SLOT = datetime(2026, 1, 5, 7, 0, tzinfo=UTC)
WORDS = "The quick brown fox looked at the lazy dog for a while, and then both of them went to see about breakfast."


def specimen(newsletter: Newsletter) -> Edition:
    """Two stories, one quoted with its parent and a staff answer, and one of everything else."""
    exchange = _quote(1, Role.READER, parent=Parent(author="Pat Parent", role=Role.READER, text=WORDS, cut=True), reply=_quote(2, Role.STAFF))
    return Edition(
        newsletter=newsletter.slug,
        title=newsletter.title,
        slot=SLOT,
        subject="A specimen of every block",
        preheader="Nothing in here is news; it only shows where news would stand.",
        introduction=(WORDS,),
        lead=_story(1, "A lead story", quote=exchange),
        sections=(Section(title="A section", stories=(_story(2, "A shorter story"),)),),
        top_comments=(_quote(3, Role.MODERATOR),),
        recent_comments=(_quote(4, Role.CONTRIBUTOR),),
        sponsor=SponsorBlock(label="Sponsored", title="A sponsor", text=WORDS, url=f"{SITE}/sponsor"),
        people=(Person(name="Con Tributor", role=Role.CONTRIBUTOR, articles=2, comments=1),),
        join=(Link(title="A lively thread", url=f"{SITE}/2/#comments", article_id=2),),
        join_counts=(12,),
        blocks=newsletter.blocks,
    )


def _story(number: int, title: str, quote: Quote | None = None) -> Story:
    return Story(
        article_id=number,
        title=title,
        url=f"{SITE}/{number}/",
        section="A section",
        author="Sam Staff",
        role=Role.STAFF,
        excerpt=WORDS,
        image=Image(url=f"{SITE}/{number}.png", alt="A fox and a dog at breakfast.", width=1040, height=585),
        published_at=SLOT,
        comment_count=12,
        comments_url=f"{SITE}/{number}/#comments",
        quote=quote,
    )


def _quote(number: int, role: Role, parent: Parent | None = None, reply: Quote | None = None) -> Quote:
    return Quote(
        comment_id=number,
        article_id=1,
        article_title="A lead story",
        author=f"Reader {number}",
        role=role,
        avatar="",
        initials=f"R{number}",
        text=WORDS,
        cut=False,
        likes=3,
        dislikes=0,
        url=f"{SITE}/1/#comment-{number}",
        thread_url=f"{SITE}/1/#comments",
        posted_at=SLOT,
        parent=parent,
        reply=reply,
    )
