"""What `digest.toml` says of one newsletter: its sender, its schedule, its rules of choice, its look. Values only."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from digest.mark import mark


class Section(BaseModel):
    """The base of every part of the settings: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"“{name}” is no time zone; use a name like Europe/Berlin") from error
    return name


def _cron(expression: str) -> str:
    try:
        CronSim(expression, datetime(2026, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        raise ValueError(f"“{expression}” is no cron expression ({error}); use five fields like 0 7 * * 1 (Mondays at 7:00)") from error
    return expression


# U+2028 and U+2029 end a line, too.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def _one_line(text: str) -> str:
    if _CONTROLS.search(text):
        raise ValueError("must be a single line without control characters")
    return text


def _link(text: str) -> str:
    if text and not text.startswith(("https://", "http://")):
        raise ValueError(f"“{text}” is no web address; it must begin with https://")
    return text


TimeZone = Annotated[str, AfterValidator(_zone)]
Cron = Annotated[str, AfterValidator(_cron)]
Line = Annotated[str, AfterValidator(_one_line)]
Link = Annotated[Line, AfterValidator(_link)]  # stands in the mail: never javascript:, data: or a file
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]

BlockName = Literal["introduction", "lead", "sections", "top_comments", "recent_comments", "sponsor", "people", "join"]
# Presets of docs/choosing.md: what differs from the defaults of `CommentRules`.
PRESETS: dict[str, dict[str, float]] = {
    "news": {},
    "community": {"saturation_words": 60, "votes_weight": 2.0, "quotable_from": 0.35},
    "qa": {"own_thread": 0.5},
}

BLOCKS: tuple[BlockName, ...] = ("introduction", "lead", "sections", "sponsor", "top_comments", "recent_comments", "people", "join")


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


class Sponsor(Section):
    label: Line = mark("Sponsored")  # where it is not set: in the newsletter's language
    title: Line
    text: str
    url: Link
    image: Link = ""
    image_alt: Line = ""
    image_width: int = 0
    image_height: int = 0
    starts: date | None = Field(default=None, alias="from")
    ends: date | None = Field(default=None, alias="until")


class SignUp(Section):
    """How people come to a newsletter by themselves, and what they may choose."""

    open: bool = Field(default=True, description="whether the pages offer it")
    double_opt_in: bool = Field(default=True, description="a confirmation letter first; provable")
    wording: Line = Field(default="", description="what they agree to; empty: a sentence of ours, in their language")
    welcome: Literal["none", "letter", "edition"] = "letter"  # after the second yes; "edition": and the latest one
    cadences: tuple[Line, ...] = Field(default=(), description="offered to choose from; empty: only the newsletter's own")
    sections: tuple[Line, ...] = Field(default=(), description="offered to choose from; empty: all go to everybody")


class Newsletter(Section):
    """A publication that people subscribe to."""

    slug: Slug
    title: Line
    description: Line = ""
    from_name: Line = ""  # empty: the title
    from_address: Line
    reply_to: Line = ""
    schedule: Cron = "0 7 * * 1"
    cadence: Line = "weekly"
    time_zone: TimeZone = "UTC"
    language: str = "en"
    theme: Slug = "classic"
    sources: tuple[str, ...] = ()  # empty: all
    sections: tuple[str, ...] = ()  # their order in the edition; the rest follow by rank
    exclude_sections: tuple[str, ...] = ()
    exclude_tags: tuple[str, ...] = ()
    sponsored_tags: tuple[str, ...] = ("sponsored", "advertorial")
    blocks: tuple[BlockName, ...] = BLOCKS
    introduction: str = ""
    # Both where they are not set: in the newsletter's language.
    # Translators: the first line of a mail, to a reader whose name is known. {name} stays as it is.
    greeting: Line = mark("Hello {name},")
    # Translators: the first line of a mail, to a reader whose name is not known.
    greeting_without_name: Line = mark("Hello,")
    preset: Literal["news", "community", "qa"] = "news"
    on_unknown: Literal["hold", "resend"] = "hold"
    sign_up: SignUp = SignUp()
    limits: Limits = Limits()
    articles: ArticleRules = ArticleRules()
    comments: CommentRules = CommentRules()
    sponsor: Sponsor | None = None

    @model_validator(mode="before")
    @classmethod
    def _apply_preset(cls, given: Any) -> Any:
        if isinstance(given, dict) and isinstance(given.get("comments", {}), dict) and given.get("preset") in PRESETS:
            return {**given, "comments": {**PRESETS[given["preset"]], **given.get("comments", {})}}
        return given

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def slot_at(self, moment: datetime) -> datetime:
        """The latest slot at or before `moment`, in UTC."""
        # CronSim looks strictly before the moment it is given, in whole seconds.
        local = (moment.replace(microsecond=0) + timedelta(seconds=1)).astimezone(self.zone)
        return next(CronSim(self.schedule, local, reverse=True)).astimezone(UTC)

    def slot_after(self, moment: datetime) -> datetime:
        """The first slot after `moment`, in UTC."""
        return next(CronSim(self.schedule, moment.astimezone(self.zone))).astimezone(UTC)

    def slots(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """All slots in (start, end], in order, in UTC."""
        later = (slot.astimezone(UTC) for slot in CronSim(self.schedule, start.astimezone(self.zone)))
        return takewhile(lambda slot: slot <= end, later)
