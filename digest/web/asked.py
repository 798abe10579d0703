"""What somebody asks for on a form, read and tidied up: a value that can be taken in, or the mistake they have to mend."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import groupby
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from digest.mark import mark
from digest.newsletter import Newsletter
from digest.render.translation import translations
from digest.settings import Settings
from digest.web.form import Form
from digest.web.offers import open_newsletters
from subscribers.address import Address, parse_address
from subscribers.disposable import disposable_domains, lies_in
from subscribers.errors import BadAddress
from subscribers.signup import Wish

NAME_CHARACTERS = 80
ORIGIN_CHARACTERS = 500
VERSION = re.compile("[0-9a-f]{16}")
# A letter to somebody else's mailbox that greets by name is a way to send them an advertisement: a name that could become a link is none.
LINK = re.compile(r"[/\\@]|\w\.\w{2,}")


class Mistake(StrEnum):
    """What a person has to mend, in the words they are told."""

    NOTHING = mark("Please tick at least one newsletter.")
    ADDRESS = mark("This does not look like an e-mail address. One has an @ in it and no spaces, like name@example.org.")
    REFUSED = mark("Throw-away mailboxes are not taken: nobody would read the mail there. Please give another address.")

    def said(self, language: str) -> str:
        return translations(language).gettext(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One newsletter, and how it is wanted; what is empty is as the publisher has it."""

    newsletter: str
    cadence: str = ""
    sections: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    address: Address
    choices: tuple[Choice, ...]
    name: str = ""
    language: str = ""
    time_zone: str = ""
    origin: str = ""
    wording: str = ""  # the version of the words that stood beside the button

    def wishes(self) -> Iterator[Wish]:
        """One wish for all newsletters that are wanted in the same way: mostly one."""
        for (cadence, sections), same in groupby(sorted(self.choices, key=_way), key=_way):
            yield Wish(
                address=self.address,
                newsletters=frozenset(choice.newsletter for choice in same),
                cadence=cadence,
                sections=frozenset(sections),
                name=self.name,
                language=self.language,
                time_zone=self.time_zone,
                origin=self.origin,
                wording=self.wording,
            )


def _way(choice: Choice) -> tuple[str, tuple[str, ...]]:
    return choice.cadence, choice.sections


def read_asked(form: Form, settings: Settings, *, language: str, headers: Mapping[str, str]) -> Asked | Mistake:
    """What the form asks for. `language` is that of the answer."""
    choices = tuple(read_choices(form, settings))
    if not choices:
        return Mistake.NOTHING
    try:
        address = parse_address(form.one("email"))
    except BadAddress:
        return Mistake.ADDRESS
    limits = settings.pages.limits
    if lies_in(address, limits.refused_domains) or (not limits.disposable and lies_in(address, disposable_domains())):
        return Mistake.REFUSED
    version = form.one("wording")
    return Asked(
        address=address,
        choices=choices,
        name=tidy_name(form.one("name")),
        language=language,
        time_zone=known_zone(form.one("time_zone")),
        origin=origin(form.one("page"), headers),
        wording=version if VERSION.fullmatch(version) else "",
    )


def read_choices(form: Form, settings: Settings) -> Iterator[Choice]:
    """The open newsletters that are ticked, each with what may be chosen of it."""
    ticked = set(form.all("newsletters"))
    for newsletter in open_newsletters(settings):
        if newsletter.slug in ticked:
            yield chosen(newsletter, form.one(f"cadence-{newsletter.slug}"), form.all(f"sections-{newsletter.slug}"))


def chosen(newsletter: Newsletter, cadence: str, sections: Collection[str]) -> Choice:
    """What of it the newsletter offers. All sections, or none, is as the publisher has it: what is added later comes as well."""
    offer = newsletter.sign_up
    some = tuple(section for section in offer.sections if section in sections)
    return Choice(
        newsletter=newsletter.slug,
        cadence=cadence if cadence in newsletter.offered_cadences else "",
        sections=some if len(some) < len(offer.sections) else (),
    )


def tidy_name(text: str) -> str:
    """A person's name in one line; empty for what is none."""
    name = " ".join(text.split())
    return "" if len(name) > NAME_CHARACTERS or LINK.search(name) else name


@lru_cache(maxsize=1)
def zones() -> frozenset[str]:
    return frozenset(available_timezones())


def known_zone(name: str) -> str:
    return name if name in zones() else ""


def origin(page: str, headers: Mapping[str, str]) -> str:
    """The page a form stood on, without what its address says beyond the path; of what a browser tells by itself only the site."""
    site, path = _place(page)
    if site:
        return f"{site}{path}"[:ORIGIN_CHARACTERS]
    return (_place(headers.get("referer", ""))[0] or _place(headers.get("origin", ""))[0])[:ORIGIN_CHARACTERS]


def _place(address: str) -> tuple[str, str]:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "", ""
    if parts.scheme not in ("http", "https") or not host:
        return "", ""
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}", parts.path
