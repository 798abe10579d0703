"""The rules by which an edition is made: how items are judged, how much goes in, and what differs from cadence to cadence. Values only."""

from datetime import date
from typing import Any, Literal

from pydantic import Field, model_validator

from digest.fields import Cron, Line, Review, Section

# Presets of docs/choosing.md: what differs from the defaults of `CommentRules`.
PRESETS: dict[str, dict[str, float]] = {
    "news": {},
    "community": {"saturation_words": 60, "votes_weight": 2.0, "quotable_from": 0.35},
    "qa": {"own_thread": 0.5},
}


EVERY_TEN_MINUTES = "*/10 * * * *"


class CommentRules(Section):
    """How comments are judged (docs/choosing.md). Every number is a judgement: `digest draft` shows what each one added."""

    minimum_age_minutes: int = Field(default=15, ge=0)
    settle_minutes: int = Field(default=15, ge=0, description="time since the last edit")
    maximum_flags: int = Field(default=1, ge=0)
    disputed_share: float = Field(default=0.35, ge=0, le=1)
    disputed_from: int = Field(default=3, ge=1)
    quotable_since: date | None = Field(default=None, description="comments before this day are not quoted (the site's terms did not yet say so)")
    never_quote: tuple[str, ...] = Field(default=(), description="display names that asked not to be quoted")
    votes_weight: float = 1.5
    saturation_words: int = Field(default=120, ge=10)
    quotable_from: float = Field(default=0.50, description="text score from which a comment without votes may be quoted")
    quotable_votes: int = Field(default=3, description="net votes that make any comment quotable")
    connectives: float = 0.10
    number: float = 0.05
    link: float = 0.05
    personal: float = 0.08
    insult: float = 0.25
    exclamation: float = 0.05
    capitals: float = 0.30
    repetition: float = 0.15
    long_sentences: float = 0.10
    staff_reply: float = 0.15
    repliers: float = 0.05
    on_topic: float = 0.05
    new_voice: float = 0.05
    own_thread: float = 0.20
    depth: float = 0.05
    exchange_from: float = Field(default=0.30, description="text score from which a staff reply is shown with the comment")
    duplicate: float = Field(default=0.60, ge=0, le=1, description="word-set Jaccard to the excerpt or another quote from which a comment is dropped")


class ArticleRules(Section):
    """How articles are judged and arranged (docs/choosing.md)."""

    grace_minutes: int = Field(default=30, ge=0, description="an article younger than this waits for the next edition")
    maximum_age_days: int = Field(default=31, ge=1)
    decay: float = Field(default=0.25, ge=0)
    freshness: float = 0.15
    image: float = 0.05
    comment: float = 0.05
    relevance: float = Field(default=0.80, ge=0, le=1, description="λ of the greedy arrangement: 1 = score alone, 0 = variety alone")
    same_item: float = Field(default=0.60, ge=0, le=1)
    same_story: float = Field(default=0.27, ge=0, le=1)
    same_body: float = Field(default=0.50, ge=0, le=1)
    same_within_hours: int = Field(default=72, ge=1)
    per_author: int = Field(default=2, ge=1)
    per_domain: int = Field(default=2, ge=1)
    per_section_share: float = Field(default=0.5, gt=0, le=1, description="of all items, rounded up")
    discussed_again: int = Field(default=10, ge=1, description="new comments that bring an article back once")
    boosts: dict[str, float] = Field(default={}, description="article address → −1 … +1, an editor's thumb on the scale")
    pin: str = Field(default="", description="address of the article that must lead")
    pin_until: date | None = None

    @model_validator(mode="after")
    def _pin_ends(self) -> "ArticleRules":
        if self.pin and self.pin_until is None:
            raise ValueError("a pin needs its end: set pin_until")
        return self


class Limits(Section):
    """How much goes in."""

    articles: int = Field(default=9, ge=1, le=50, description="the lead included")
    filler: int = Field(default=3, ge=0, le=50, description="fewer articles of a reader's own choice than this are filled up with the best")
    min_new: int = Field(default=3, ge=0, description="fewer new articles than this: no edition")
    quotes_per_article: int = Field(default=1, ge=0, le=1)
    top_comments: int = Field(default=3, ge=0, le=20)
    recent_comments: int = Field(default=4, ge=0, le=20)
    people: int = Field(default=8, ge=0, le=50)
    join_links: int = Field(default=3, ge=0, le=10)
    reserves: int = Field(default=2, ge=0, le=10, description="per kind, stepping in when a pick falls before the send")
    excerpt_words: int = Field(default=55, ge=5)
    lead_excerpt_words: int = Field(default=80, ge=5)
    quote_words: int = Field(default=60, ge=5)
    short_words: int = Field(default=20, ge=3, description="recent comments, and what a quote answered")
    html_bytes: int = Field(default=90_000, ge=20_000, le=102_400)


class Checks(Section):
    """What is looked for in a finished mail, and what stops it (docs/checks.md)."""

    stop_at: Literal["never", "error", "warning"] = Field(
        default="error", description="the level from which a finding keeps an edition from going out"
    )
    # Of caniemail's programs those that most readers have; Gmail in a phone's browser knows next to nothing, and next to nobody uses it.
    clients: tuple[Line, ...] = Field(
        default=(
            "apple-mail",
            "gmail-webmail",
            "gmail-ios",
            "gmail-android",
            "outlook-windows",
            "outlook-macos",
            "outlook-com",
            "outlook-ios",
            "outlook-android",
            "yahoo",
            "samsung-email",
            "thunderbird",
        ),
        description="the mail programs that the page is meant for",
    )
    ignore: tuple[Line, ...] = Field(default=(), description="rules, or whole parts, that are not spoken of: links.same, subject")
    spam_score: float = Field(default=5.0, gt=0, description="points from which a mail is taken for spam")
    rspamd: Line = Field(default="", description="where rspamd answers, like http://127.0.0.1:11333; empty: SpamAssassin's program is asked")


class Cadence(Section):
    """Another rhythm in which readers may have the newsletter. What its tables do not say is as the newsletter has it."""

    schedule: Cron
    every_article: bool = Field(default=False, description="a mail as soon as there is anything new")
    review: Review | None = Field(default=None, description="as the newsletter's own, where it is not set")
    limits: Limits = Limits()
    articles: ArticleRules = ArticleRules()

    @model_validator(mode="before")
    @classmethod
    def _follow_articles(cls, given: Any) -> Any:
        return following_articles(given)

    @model_validator(mode="after")
    def _review_has_its_time(self) -> "Cadence":
        if self.every_article and self.review not in (None, "none"):
            raise ValueError("review: what writes of each article as it comes waits for no editor")
        return self


def following_articles(given: Any) -> Any:
    """What a table means by `every_article` where it says no more: to look every ten minutes, and that one article is enough."""
    if not isinstance(given, dict) or str(given.get("every_article")).lower() != "true" or not isinstance(given.get("limits", {}), dict):
        return given
    return {"schedule": EVERY_TEN_MINUTES, **given, "limits": {"min_new": 1, **given.get("limits", {})}}
