"""One letter to one person: what it says, in their language, as a whole message ready to be handed over."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from digest.delivery.dkim import Signer
from digest.delivery.dkim_settings import keys_for
from digest.delivery.letter_message import Heading, header_lines, letter_id
from digest.delivery.letters import ClaimedLetter, Letter
from digest.delivery.values import Envelope
from digest.errors import SettingsError
from digest.newsletter import Newsletter
from digest.settings import Settings
from subscribers.asked import Asked
from subscribers.change import FORM
from subscribers.tables import SubscriptionState
from subscribers.tokens import Purpose, sign, sign_dated

if TYPE_CHECKING:
    from digest.render.letter import DrawnLetter, Shape

# What draws is imported where it is used, as in `prepare`: a worker that has no letters would hold 30 MB of libraries for nothing.
# ruff: noqa: PLC0415

DATA_LIFETIME = timedelta(hours=1)
# A page is told by its place alone, and only if a person could have typed it: what a form says of itself can be anybody's words.
PAGE = re.compile(r"[A-Za-z0-9/._~-]{1,80}")


class LetterWriter:
    """Writes letters as the settings say. Made once a round; each letter is signed on its own."""

    def __init__(self, settings: Settings, keys: Sequence[str]) -> None:
        letters, delivery = settings.letters, settings.delivery
        self._settings = settings
        self._keys = keys
        self._sender = delivery.bounce_address or letters.from_address
        self._domain = letters.from_address.rpartition("@")[2]
        signing = keys_for(settings, letters.from_address)
        self._signer = Signer(signing) if signing else None

    def envelope(self, claimed: ClaimedLetter, asked: Sequence[Asked], now: datetime) -> Envelope:
        """The message. `LookupError`: none of the newsletters it would speak of is declared any more. `ValueError`: no header can hold this reader's
        name or address."""
        # One that is declared no more is still known by its slug: what people may ask of us does not end with it.
        newsletter = self._settings.newsletters.get(claimed.newsletter)
        about = self._about(claimed, asked)
        drawn = self._draw(claimed, about, now)
        reader = claimed.reader
        heading = Heading(
            from_name=self._settings.letters.from_name or self._settings.publication.name,
            from_address=self._settings.letters.from_address,
            reply_to=self._settings.letters.reply_to,
            to_name=_name_in(claimed, about),
            to_address=reader.address,
            subject=drawn.subject,
            date=now,
            message_id=letter_id(self._keys[-1], reader.delivery_id, reader.subscription_token, self._domain),
            list_slug=claimed.newsletter,
            list_title=newsletter.title if newsletter else self._settings.publication.name,
            list_domain=newsletter.from_address.rpartition("@")[2] if newsletter else self._domain,
            leave=self._leave(claimed),
            leave_mailbox=self._settings.delivery.unsubscribe_mailbox,
            content_type=drawn.content_type,
        )
        data = header_lines(heading) + drawn.body
        name = f"letter-{claimed.letter}-{reader.delivery_id}-{reader.subscription_token}"
        parts = (self._signer.sign(data), data) if self._signer else (data,)
        return Envelope(name=name, sender=self._sender, recipient=reader.address, parts=parts, clean=True, seven_bit=data.isascii())

    def _about(self, claimed: ClaimedLetter, asked: Sequence[Asked]) -> list[Asked]:
        """The subscriptions that the letter speaks of."""
        state = SubscriptionState.PENDING if claimed.letter is Letter.CONFIRM else SubscriptionState.CONFIRMED
        about = [one for one in asked if one.state is state and one.newsletter in self._settings.newsletters]
        if not about and claimed.letter is not Letter.DATA:
            raise LookupError(f"nothing that the letter “{claimed.letter}” speaks of is declared")
        return about

    def _draw(self, claimed: ClaimedLetter, about: Sequence[Asked], now: datetime) -> "DrawnLetter":
        from digest.render.language import clock, day
        from digest.render.letter import Blank, draw_letter

        shape = self._shape(claimed, about, now)
        zone = _zone(claimed.reader.time_zone, self._settings.publication.time_zone)
        language = shape.look.language
        asked_at = max((one.at for one in about), default=now)
        action, until = self._action(claimed, now)
        values: dict[Blank, str] = {
            Blank.NAME: _name_in(claimed, about),
            Blank.ADDRESS: claimed.reader.address,
            Blank.ACTION: action,
            Blank.LEAVE: self._leave(claimed),
            Blank.ASKED_DAY: day(asked_at, language, zone),
            Blank.ASKED_TIME: clock(asked_at, language, zone),
            Blank.PAGE: self._page(about),
            Blank.UNTIL_DAY: day(until, language, zone),
            Blank.UNTIL_TIME: clock(until, language, zone),
        }
        return draw_letter(shape, values)

    def _shape(self, claimed: ClaimedLetter, about: Sequence[Asked], now: datetime) -> "Shape":
        from digest.render.letter import Shape, Subject
        from digest.render.look import Look

        house = self._settings.publication
        language = _language(claimed.reader.language, house.language)
        newsletters = sorted((self._settings.newsletters[one.newsletter] for one in about), key=lambda newsletter: newsletter.title)
        dated = claimed.letter is Letter.WELCOME
        return Shape(
            letter=claimed.letter.value,
            look=replace(Look.of_house(house, language), theme="letters"),
            newsletters=tuple(
                Subject(title=one.title, description=one.description, next_day=_next_day(one, language, now) if dated else "") for one in newsletters
            ),
            named=bool(_name_in(claimed, about)),
            paged=bool(self._page(about)),
            own=self._settings.path(self._settings.render.themes),
            inliner=self._settings.render.inliner,
        )

    def _action(self, claimed: ClaimedLetter, now: datetime) -> tuple[str, datetime]:
        """Where the button leads, and until when."""
        pages, subscriber = self._settings.pages.url, claimed.reader.subscriber_token
        if claimed.letter is Letter.CONFIRM:
            lifetime = timedelta(hours=self._settings.letters.confirm_hours)
            return f"{pages}/confirm/{sign_dated(Purpose.CONFIRM, subscriber, now, self._keys)}", now + lifetime
        if claimed.letter is Letter.DATA:
            return f"{pages}/data/{sign_dated(Purpose.DATA, subscriber, now, self._keys)}", now + DATA_LIFETIME
        return f"{pages}/preferences/{sign(Purpose.PREFERENCES, subscriber, self._keys)}", now

    def _leave(self, claimed: ClaimedLetter) -> str:
        return f"{self._settings.pages.url}/leave/{sign(Purpose.LEAVE, claimed.reader.subscription_token, self._keys)}"

    def _page(self, about: Iterable[Asked]) -> str:
        """The page of the latest wish, if it is one of ours; else empty: whoever sends our form themself could put any address into our letter."""
        latest = max(about, key=lambda one: one.at, default=None)
        host, path = _place(latest.origin) if latest else ("", "")
        if host not in self._own_hosts():
            return ""
        return f"{host}{path}" if PAGE.fullmatch(f"{host}{path}") else host

    def _own_hosts(self) -> set[str]:
        settings = self._settings
        sites = (settings.publication.url, settings.pages.url, *(source.url for source in settings.sources.values()))
        return ({_place(site)[0] for site in sites} | set(settings.pages.hosts)) - {""}


def _place(address: str) -> tuple[str, str]:
    """Host and path of a web address; both empty where it is none."""
    try:
        found = urlsplit(address)
    except ValueError:
        return "", ""
    return found.hostname or "", found.path.rstrip("/")


def _name_in(claimed: ClaimedLetter, about: Sequence[Asked]) -> str:
    """Only after the second yes: before it, a name is what a stranger may have typed, and no letter of ours carries their words."""
    said_yes = claimed.letter is Letter.WELCOME and all(one.how != FORM for one in about)
    return claimed.reader.name if said_yes else ""


def _language(wanted: str, otherwise: str) -> str:
    """What the reader speaks, with its region, by which dates are written; if there are words in it."""
    from digest.render.language import locale
    from digest.render.translation import languages, pick

    try:
        return wanted if pick([wanted], languages(), "") and locale(wanted) else otherwise
    except SettingsError:  # what a browser said of itself
        return otherwise


def _next_day(newsletter: Newsletter, language: str, now: datetime) -> str:
    from digest.render.language import day

    return day(newsletter.slot_after(now), language, newsletter.time_zone)


def _zone(wanted: str, otherwise: str) -> str:
    try:
        return ZoneInfo(wanted).key if wanted else otherwise
    except (ZoneInfoNotFoundError, ValueError, OSError):  # what a browser said of itself
        return otherwise
