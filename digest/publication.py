"""What `digest.toml` says of who publishes: the name, the colours, the readers' pages and letters. Values only."""

import re
from ipaddress import ip_network
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, field_validator, model_validator

from digest.fields import Line, Link, Section, TimeZone


def _colour(text: str) -> str:
    if not (text.startswith("#") and len(text) == 7 and all(digit in "0123456789abcdefABCDEF" for digit in text[1:])):
        raise ValueError(f"“{text}” is no colour; write it as #rrggbb")
    return text.lower()


Colour = Annotated[str, AfterValidator(_colour)]
WebAddress = Annotated[Link, AfterValidator(lambda text: text.rstrip("/"))]  # what paths are added to


def _network(text: str) -> str:
    try:
        ip_network(text, strict=False)
    except ValueError as error:
        raise ValueError(f"“{text}” is no network address; write it like 10.0.0.5, 10.0.0.0/8 or ::1") from error
    return text


def _header(text: str) -> str:
    if text and (not _HEADER.fullmatch(text) or text.lower() in _OTHERS):
        raise ValueError(f"“{text}” is no header a proxy says this in; write a name of letters and hyphens like X-Forwarded-User")
    return text


_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")  # no underscore: some servers take that for a hyphen
_OTHERS = {"host", "cookie", "origin", "referer", "content-type", "content-length", "x-forwarded-for", "x-csrf-token", "user-agent", "accept"}

Network = Annotated[Line, AfterValidator(_network)]
HeaderName = Annotated[Line, AfterValidator(_header)]


class Colours(Section):
    accent: Colour = "#0b5c4a"
    accent_dark: Colour = "#6fd3b6"  # on the dark ground
    ink: Colour = "#1d2321"
    ink_dark: Colour = "#e9eeec"
    quiet: Colour = "#5a6462"
    quiet_dark: Colour = "#a9b4b1"
    ground: Colour = "#f1efe9"
    ground_dark: Colour = "#121615"
    paper: Colour = "#ffffff"
    paper_dark: Colour = "#1b211f"
    rule: Colour = "#dcd8ce"
    rule_dark: Colour = "#37403d"


class Publication(Section):
    """Who publishes. The postal address is required by law in every mail: without it nothing is sent."""

    name: Line = "My publication"
    url: WebAddress = ""
    postal_address: str = ""
    logo: Link = ""
    logo_dark: Link = ""
    logo_width: int = Field(default=0, ge=0)
    logo_height: int = Field(default=0, ge=0)
    language: str = "en"
    time_zone: TimeZone = "UTC"
    colours: Colours = Colours()


class PageLimits(Section):
    """What keeps sign-up forms from being abused. Limits are kept in the database, for all processes together."""

    sign_ups_per_client: int = Field(default=20, ge=1, description="in an hour, from one network address")
    letters_per_mailbox: int = Field(default=5, ge=1, description="in a day: confirmation letters to one address")
    resend_minutes: int = Field(default=5, ge=1, description="between two letters to one address")
    minimum_seconds: float = Field(default=2, ge=0, description="a form that is sent quicker was not filled in by a person")
    refused_domains: tuple[Line, ...] = Field(default=(), description="beside the throw-away mailboxes that are known")
    disposable: bool = Field(default=False, description="take addresses of throw-away mailboxes")
    proof_of_work: int = Field(default=0, ge=0, le=24, description="bits; 0: none is asked for")


class Pages(Section):
    """Where the readers' pages live: every opt-out link begins with this address."""

    url: WebAddress = ""
    listen: Line = "127.0.0.1:8010"
    hosts: tuple[Line, ...] = Field(default=(), description="names that the pages answer to, beside that of `url`")
    trusted_proxies: tuple[Network, ...] = Field(default=("127.0.0.1", "::1"), description="whose word on the client's address is taken")
    privacy: Link = Field(default="", description="your own privacy text; empty: a page made from a template")
    limits: PageLimits = PageLimits()
    keys_file: str = "digest.key"
    keys: SecretStr = SecretStr("")  # from the environment; several, newest first, parted by commas or line ends


class Desk(Section):
    """Where the editors' desk lives, and who says who sits at it."""

    listen: Line = "127.0.0.1:8020"
    url: WebAddress = Field(default="", description="by which editors reach it, where it is not this machine alone")
    user_header: HeaderName = Field(default="", description="in which a proxy says who signed in there")
    role_header: HeaderName = Field(default="", description="in which it says their groups; those named like a role count")
    default_role: Literal["writer", "publisher", "admin", ""] = Field(default="writer", description="where it names none; empty: they are refused")
    trusted_proxies: tuple[Network, ...] = Field(default=("127.0.0.1", "::1"), description="whose headers are believed")

    @field_validator("url")
    @classmethod
    def _is_private(cls, url: str) -> str:
        """Passwords and sessions go over it."""
        if url.startswith("http://") and urlsplit(url).hostname not in ("localhost", "127.0.0.1", "::1"):
            raise ValueError("must begin with https://: passwords go over it")
        return url

    @model_validator(mode="after")
    def _role_of_somebody(self) -> "Desk":
        if self.role_header and not self.user_header:
            raise ValueError("role_header says nothing without user_header")
        return self


class Letters(Section):
    """Mails to one person that are no edition: to confirm, to welcome. Their sender differs from that of editions (Google's sender guidelines)."""

    from_name: Line = ""  # empty: the publication's
    from_address: Line = ""
    reply_to: Line = ""
    confirm_hours: int = Field(default=72, ge=1, description="how long the link in a confirmation letter is good")
