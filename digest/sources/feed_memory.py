"""What is remembered of a feed and of its comment feeds between two syncs, and its way to JSON and back. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What the last answer of an address can be asked again with (RFC 9110, section 13)."""

    etag: str = ""
    modified: str = ""

    @staticmethod
    def of(headers: Mapping[str, str]) -> "Validators":
        etag, modified = headers.get("etag", ""), headers.get("last-modified", "")
        return Validators(etag=etag if etag.isascii() else "", modified=modified if modified.isascii() else "")

    @property
    def headers(self) -> dict[str, str]:
        given = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkMemory:
    """The comment feed of one article; `seen` are the comments it showed last, with their dates."""

    url: str
    published_at: datetime
    asked_at: datetime | None = None
    validators: Validators = Validators()
    seen: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedMemory:
    """`talks` by article key, left alone until `talks_not_before` where the site asked for that; `undated` are dates given to items without
    one; `declared` are the settings that the articles were read with."""

    validators: Validators = Validators()
    undated: Mapping[str, datetime] = field(default_factory=dict)
    talks: Mapping[str, TalkMemory] = field(default_factory=dict)
    talks_not_before: datetime | None = None
    declared: Mapping[str, object] = field(default_factory=dict)

    @staticmethod
    def read(given: Mapping[str, object]) -> "FeedMemory":
        """What cannot be read of it (an older version's, a hand's) counts as forgotten."""
        talks = {key: talk for key, one in _dict(given.get("talks")).items() if (talk := _talk(_dict(one))) is not None}
        return FeedMemory(
            validators=_validators(_dict(given.get("validators"))),
            undated=_moments(given.get("undated")),
            talks=talks,
            talks_not_before=_moment(given.get("talks_not_before")),
            declared=_dict(given.get("declared")),
        )

    def to_json(self) -> dict[str, object]:
        return {
            "validators": {"etag": self.validators.etag, "modified": self.validators.modified},
            "undated": _texts(self.undated),
            "talks": {key: _talk_to_json(talk) for key, talk in self.talks.items()},
            "declared": dict(self.declared),
            "talks_not_before": self.talks_not_before.isoformat() if self.talks_not_before else None,
        }


def _talk_to_json(talk: TalkMemory) -> dict[str, object]:
    return {
        "url": talk.url,
        "published_at": talk.published_at.isoformat(),
        "asked_at": talk.asked_at.isoformat() if talk.asked_at else None,
        "validators": {"etag": talk.validators.etag, "modified": talk.validators.modified},
        "seen": _texts(talk.seen),
    }


def _talk(given: dict[str, Any]) -> TalkMemory | None:
    published = _moment(given.get("published_at"))
    url = given.get("url")
    if published is None or not isinstance(url, str):
        return None
    return TalkMemory(
        url=url,
        published_at=published,
        asked_at=_moment(given.get("asked_at")),
        validators=_validators(_dict(given.get("validators"))),
        seen=_moments(given.get("seen")),
    )


def _validators(given: dict[str, Any]) -> Validators:
    return Validators(etag=str(given.get("etag") or ""), modified=str(given.get("modified") or ""))


def _texts(moments: Mapping[str, datetime]) -> dict[str, str]:
    return {key: moment.isoformat() for key, moment in moments.items()}


def _moments(given: object) -> dict[str, datetime]:
    return {key: moment for key, text in _dict(given).items() if (moment := _moment(text)) is not None}


def _moment(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC) if isinstance(text, str) else None
    except ValueError:
        return None


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
