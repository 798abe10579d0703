"""Frozen values of an edition: the `Choice` (ids and reasons, no text) and the `Edition` (everything the templates show)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from digest.content.values import Image, Role
from digest.editions.pool import Pool


class EditionState(StrEnum):
    DRAFT = "draft"  # chosen, may still change
    HELD = "held"  # an editor stopped it before it was approved
    APPROVED = "approved"  # fixed; its deliveries are queued in the same transaction that makes it `sending`
    SENDING = "sending"  # deliveries are queued or under way
    PAUSED = "paused"  # no delivery is claimed until it is resumed
    SENT = "sent"  # every delivery is settled: its rows add up
    CANCELLED = "cancelled"  # an editor's decision, nothing more goes out
    SKIPPED = "skipped"  # too little to say: no mail, and its window is left to the next one


class Kind(StrEnum):
    ARTICLE = "article"
    COMMENT = "comment"


class Place(StrEnum):
    """Where in the edition a pick stands."""

    LEAD = "lead"
    SECTION = "section"
    QUOTE = "quote"  # the comment under an article
    TOP = "top"  # top comments of the week
    RECENT = "recent"  # recent comments
    NEXT = "next"  # the ranking goes on: for readers who do not want, or have, what is before it; steps in as a reserve does
    EXTRA = "extra"  # only for readers who follow its section or author
    MISSED = "missed"  # had its turn in an earlier edition: only for readers who came from another cadence since
    RESERVE = "reserve"  # steps in when a pick falls before the send


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One part of a score: what it is, what it added, and the figures behind it in a few words."""

    name: str
    value: float
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """An article or comment that is in, where, and why. `article_id` is the article itself, or the one the comment belongs to."""

    kind: Kind
    id: int
    article_id: int
    place: Place
    score: float
    terms: tuple[Term, ...] = ()
    note: str = ""  # "pinned", "limit per section relaxed", "still being discussed" …
    section: str = ""
    reply_id: int | None = None  # the staff answer shown with a quoted comment
    also: tuple[int, ...] = ()  # articles on the same thing, named under this one
    kept: bool = False  # an editor pinned it: in for everybody, and the last to go for the size of the mail
    first: bool = False  # an editor made it the lead: in every selection that holds it


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    """An article or comment that is out, and why: a gate it fell at, or what it lacked against the last one in."""

    kind: Kind
    id: int
    article_id: int
    why: str
    score: float | None = None  # None: fell at a gate before any score
    terms: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The outcome of choosing: ids, scores and reasons, in the order of the edition. `enough` is false when there is too little for an edition."""

    newsletter: str
    window_start: datetime
    cutoff: datetime
    picks: tuple[Pick, ...]
    passed_over: tuple[PassedOver, ...]
    considered: tuple[int, ...]  # every article that had its turn
    new_articles: int
    enough: bool
    notes: tuple[str, ...] = ()  # relaxations, stretched windows, what was trimmed: for the editor


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """What a quoted comment answered, in a few words."""

    author: str
    role: Role
    text: str
    cut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A comment as quoted. `text` is the stored words, unaltered, cut only at its end (`cut`); paragraphs are parted by an empty line."""

    comment_id: int
    article_id: int
    article_title: str
    author: str
    role: Role
    avatar: str  # an address on the site itself, or empty: then `initials` is shown
    initials: str
    text: str
    cut: bool
    likes: int | None  # None: the site has no votes
    dislikes: int | None
    url: str  # this very comment
    thread_url: str  # the conversation it stands in
    posted_at: datetime
    parent: "Parent | None" = None
    reply: "Quote | None" = None  # the staff answer, shown with it as one exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    title: str
    url: str
    article_id: int = 0  # 0: leads to no stored article, so it cannot fall with one


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """An article as an edition shows it. `excerpt` is plain text, already cut."""

    article_id: int
    title: str
    url: str
    section: str
    author: str
    role: Role
    excerpt: str
    image: Image | None
    published_at: datetime
    comment_count: int
    comments_url: str
    quote: Quote | None = None
    also: tuple[Link, ...] = ()
    discussed: bool = False  # sent before, back once because the talk went on
    rank: int = 0  # 0 leads, then by score: the size budget takes out the last


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    title: str
    stories: tuple[Story, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SponsorBlock:
    """Paid content: always under its label."""

    label: str
    title: str
    text: str
    url: str
    image: Image | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Someone who made this edition: a contributor or moderator, and what they did, in figures."""

    name: str
    role: Role
    articles: int
    comments: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """Everything a template shows of one edition, in order. The same store and the same moment give the same value."""

    newsletter: str
    title: str
    slot: datetime
    subject: str
    preheader: str
    introduction: tuple[str, ...]  # paragraphs of plain text
    lead: Story | None
    sections: tuple[Section, ...]
    top_comments: tuple[Quote, ...]
    recent_comments: tuple[Quote, ...]
    sponsor: SponsorBlock | None
    people: tuple[Person, ...]
    join: tuple[Link, ...]  # "join the conversation": the liveliest threads
    blocks: tuple[str, ...]  # which blocks, in which order: "introduction", "lead", "sections", "top_comments" …
    join_counts: tuple[int, ...] = ()  # comments of each link in `join`
    leads: tuple[Story, ...] = ()  # each as long as a lead: one reader gets this one, another that. Empty: `lead` alone
    pool: Pool | None = None  # what readers' own selections are made from; None: all get all

    @property
    def stories(self) -> tuple[Story, ...]:
        """Each article once: the lead, then the others in the order of the page."""
        lead = (self.lead,) if self.lead else ()
        found: dict[int, Story] = {}
        for story in (*lead, *(story for section in self.sections for story in section.stories), *self.leads):
            found.setdefault(story.article_id, story)
        return tuple(found.values())
