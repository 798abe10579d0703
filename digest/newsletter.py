"""What `digest.toml` says of one newsletter: its sender, its schedule, its rules of choice, its look. Values only."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from math import ceil
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, PrivateAttr, model_validator

from digest.errors import UnknownCadence
from digest.fields import CadenceName, Cron, Line, Link, QuietHours, RemindMinutes, Review, Section, Slug, TimeZone
from digest.local_time import FIRST, LocalTime, Quiet
from digest.mark import mark
from digest.rules import PRESETS, ArticleRules, Cadence, Checks, CommentRules, Limits, following_articles
from digest.slots import between, distances, following, latest

A_SECOND = timedelta(seconds=1)
BlockName = Literal["introduction", "lead", "sections", "top_comments", "recent_comments", "sponsor", "people", "join"]
BLOCKS: tuple[BlockName, ...] = ("introduction", "lead", "sections", "sponsor", "top_comments", "recent_comments", "people", "join")


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
    cadences: tuple[Line, ...] = Field(default=(), description="offered to choose from; empty: all that are declared")
    sections: tuple[Line, ...] = Field(default=(), description="offered to choose from; empty: all go to everybody")
    authors: tuple[Line, ...] = Field(default=(), description="offered to choose from; empty: all go to everybody")
    muting: bool = Field(default=True, description="whether they may also be left out, and not only followed")


class Newsletter(Section):
    """A publication that people subscribe to."""

    slug: Slug
    title: Line
    description: Line = ""
    from_name: Line = ""  # empty: the title
    from_address: Line
    reply_to: Line = ""
    schedule: Cron = "0 7 * * 1"
    cadence: CadenceName = "weekly"
    every_article: bool = False
    cadences: dict[CadenceName, Cadence] = {}  # beside its own
    time_zone: TimeZone = "UTC"
    local_time: bool = False  # the schedule's time of day is the reader's own, wherever they are
    quiet_hours: QuietHours = ""  # of the reader's day, 22:00-07:00: nothing is handed over
    review: Review = "none"
    review_hours: float = Field(default=12, gt=0, le=24 * 31, description="the cut-off lies so long before the slot, where editions are reviewed")
    editors: tuple[Line, ...] = Field(default=(), description="addresses that are written to when a draft is ready, or waits")
    remind_minutes: tuple[RemindMinutes, ...] = Field(
        default=(60,), description="so long before the slot a draft that nobody let go is spoken of again"
    )
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
    checks: Checks = Checks()
    sponsor: Sponsor | None = None
    _own: "Newsletter | None" = PrivateAttr(default=None)  # of one that stands in another cadence: as it is declared

    @model_validator(mode="before")
    @classmethod
    def _apply_preset(cls, given: Any) -> Any:
        if isinstance(given, dict) and isinstance(given.get("comments", {}), dict) and given.get("preset") in PRESETS:
            return {**given, "comments": {**PRESETS[given["preset"]], **given.get("comments", {})}}
        return given

    @model_validator(mode="before")
    @classmethod
    def _follow_articles(cls, given: Any) -> Any:
        return following_articles(given)

    @model_validator(mode="after")
    def _review_has_its_time(self) -> "Newsletter":
        if self.every_article and self.review != "none":
            raise ValueError('review: what writes of each article as it comes waits for no editor; set review = "none", or every_article = false')
        return self

    @model_validator(mode="after")
    def _cadences_are_apart(self) -> "Newsletter":
        if self.cadence in self.cadences:
            raise ValueError(f"cadences: “{self.cadence}” is its own already, with the schedule of the newsletter itself")
        slugs = [slugged(cadence) for cadence in self.cadences]
        for cadence, slug in zip(self.cadences, slugs, strict=True):
            if not slug or slugs.count(slug) > 1 or slug == slugged(self.cadence):
                raise ValueError(f"cadences: “{cadence}” needs Latin letters or digits that no other has: they stand in the addresses of its mails")
        if unknown := [cadence for cadence in self.sign_up.cadences if cadence not in self.cadence_names]:
            names = ", ".join(self.cadence_names)
            raise ValueError(f"sign_up.cadences: there is no “{unknown[0]}” (known: {names}); declare it in [newsletters.{self.slug}.cadences]")
        return self

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.slot_zone)

    @property
    def slot_zone(self) -> str:
        """In which slots are counted: of readers' local time, where their day begins first."""
        return FIRST if self.follows_readers else self.time_zone

    @property
    def follows_readers(self) -> bool:
        """Whether each reader gets it at the time of day where they are. What goes out as soon as there is anything waits for nobody's morning."""
        return self.local_time and not self.every_article

    @property
    def readers_time(self) -> LocalTime:
        """When each of its readers gets it."""
        return LocalTime(home=self.time_zone, follows=self.follows_readers, quiet=Quiet.parse(self.quiet_hours) if self.quiet_hours else None)

    def slot_at(self, moment: datetime) -> datetime:
        """The latest slot at or before `moment`, in UTC."""
        return latest(self.schedule, self.zone, moment)

    def slot_after(self, moment: datetime) -> datetime:
        """The first slot after `moment`, in UTC."""
        return following(self.schedule, self.zone, moment)

    @property
    def reviewed(self) -> bool:
        """Whether its editions wait for editors before they go out."""
        return self.review != "none"

    def cutoff_of(self, slot: datetime) -> datetime:
        """Up to when the edition of a slot looks, in UTC: the slot, or where editions are reviewed `review_hours` before it, but never before the
        slot that precedes it. A moment that is not on the schedule is a person's, who sends by hand: it has no time for review."""
        if not self.reviewed or self.slot_at(slot) != slot:
            return slot
        return max(slot - timedelta(hours=self.review_hours), self.slot_at(slot - A_SECOND))

    def slot_in_hand(self, moment: datetime) -> datetime:
        """The latest slot whose cut-off has come: its edition is to be made, or waits."""
        following = self.slot_after(moment)
        return following if self.cutoff_of(following) <= moment else self.slot_at(moment)

    def slots(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """All slots in (start, end], in order, in UTC."""
        return between(self.schedule, self.zone, start, end)

    @property
    def own_cadence(self) -> str:
        """The one of readers who chose none."""
        return (self._own or self).cadence

    @property
    def cadence_names(self) -> tuple[str, ...]:
        """All that it comes in, its own first."""
        return (self.own_cadence, *self.cadences)

    @property
    def offered_cadences(self) -> tuple[str, ...]:
        """Those that readers are offered."""
        return self.sign_up.cadences or self.cadence_names

    @property
    def label(self) -> str:
        """What it is called to its publisher: its slug, and the cadence where that is not its own."""
        return self.slug if self.cadence == self.own_cadence else f"{self.slug} ({self.cadence})"

    def cadence_of(self, chosen: str) -> str:
        """In which cadence a reader with this choice gets it: that one if there is such a one, else its own."""
        return chosen if chosen in self.cadences else self.own_cadence

    def at(self, cadence: str) -> "Newsletter":
        """The same newsletter in that cadence: with its schedule and its limits. Raises `UnknownCadence`."""
        own = self._own or self
        if cadence == own.cadence:
            return own
        if cadence not in own.cadences:
            raise UnknownCadence(own.slug, cadence, own.cadence_names)
        return own._as(cadence, own.cadences[cadence])

    def in_every_cadence(self) -> Iterator["Newsletter"]:
        """Once in each of its cadences, its own first."""
        return (self.at(cadence) for cadence in self.cadence_names)

    def of_edition(self, cadence: str) -> "Newsletter":
        """As `at`, for an edition there is already: one of a cadence that is declared no longer goes on under its own name."""
        own = self._own or self
        return self.at(cadence) if cadence in self.cadence_names else own._as(cadence)

    def rarer_than(self, cadence: str) -> str | None:
        """Of the cadences offered, the next that comes less often than this one; None where none does."""
        apart = {name: self.at(name).distance for name in {*self.offered_cadences, cadence} if name in self.cadence_names}
        rarer = [name for name in self.offered_cadences if cadence in apart and apart[name] > apart[cadence]]
        return min(rarer, key=lambda name: apart[name], default=None)

    @property
    def distance(self) -> timedelta:
        """How far its mails lie apart, in the mean; none where each article may make one."""
        return timedelta(0) if self.every_article else distances(self.schedule)[0]

    def _as(self, cadence: str, its: Cadence | None = None) -> "Newsletter":
        changed: dict[str, Any] = {"cadence": cadence}
        if its:
            longest = ceil(distances(its.schedule)[1] / timedelta(days=1)) + 1  # a day more than there is between two slots: clocks go back
            age = {"maximum_age_days": max(self.articles.maximum_age_days, longest)}
            review = "none" if its.every_article else its.review or self.review
            changed |= {"schedule": its.schedule, "every_article": its.every_article, "review": review}
            changed["limits"] = self.limits.model_copy(update=its.limits.model_dump(exclude_unset=True))
            changed["articles"] = self.articles.model_copy(update=age | its.articles.model_dump(exclude_unset=True))
        there = self.model_copy(update=changed)
        there._own = self
        return there


def slugged(cadence: str) -> str:
    """A cadence's name as it stands in addresses and file names: small Latin letters and digits."""
    plain = unicodedata.normalize("NFKD", cadence).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", plain).strip("-")
