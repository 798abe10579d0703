"""A small paper with all that its readers meet: its pages over HTTP, its mails over SMTP, and a clock. For tests of what must hold for all of it."""

import http.client
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from urllib.parse import urlencode, urlsplit

from sqlalchemy import Engine

from digest.deliver import deliver, new_shift
from digest.listen import Listen
from digest.post import post
from digest.settings import Settings
from digest.web.app import application
from digest.web.reception import Reception
from digest.web.serve import serving as pages_served
from tests.journeys.letterbox import Letterbox, link
from tests.journeys.paper import serving
from tests.letter_office import KEYS, WEEKLY, office, room_of
from tests.test_deliver import SLOT, Clock, fill, publish_at
from tests.web.signing_up import hidden

DAILY = {"title": "The Lamp at Noon", "from_address": "noon@lamp.example", "schedule": "0 12 * * *", "cadence": "daily"}
SPONSOR = {"title": "Wick & Sons", "text": "Oil by the barrel.", "url": "https://wick.example/oil?from=lamp"}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str


@dataclass(kw_only=True)
class Paper:
    engine: Engine
    settings: Settings
    letterbox: Letterbox
    clock: Clock
    keys: list[str] = field(default_factory=lambda: list(KEYS))
    port: int = 0

    def ask(self, method: str, address: str, form: Mapping[str, str] | str = "", kind: str = "application/x-www-form-urlencoded") -> Answer:
        """One request, with nothing that a browser would have kept from before."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        parts = urlsplit(address)
        sent = form if isinstance(form, str) else urlencode(form)
        connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), sent or None, {"Host": _host(self), "Content-Type": kind})
        answer = connection.getresponse()
        found = Answer(status=answer.status, headers={name.lower(): value for name, value in answer.getheaders()}, text=answer.read().decode())
        connection.close()
        return found

    def sign_up(self, address: str, newsletter: str = "weekly", **more: str) -> Answer:
        stamp = json.loads(self.ask("GET", "/stamp").text)["stamp"]
        self.clock.now += timedelta(seconds=5)
        answer = self.ask("POST", "/subscribe", {"email": address, "newsletters": newsletter, "stamp": stamp, **more})
        self.letters_leave()
        return answer

    def letters_leave(self) -> None:
        room = room_of(self.engine, self.settings, self.clock)
        with new_shift(room) as shift:
            post(room, shift)

    def reader(self, address: str, newsletter: str = "weekly") -> EmailMessage:
        """Signed up and confirmed; the welcome letter."""
        self.sign_up(address, newsletter)
        before = len(self.letterbox.messages[address])
        self.confirm(link(self.letterbox.mail(address, before), "confirm"))
        self.letters_leave()
        return self.letterbox.mail(address, before + 1)

    def confirm(self, address: str, *, after: float = 5) -> Answer:
        """Opened, read for some seconds, and pressed."""
        page = self.ask("GET", address).text
        self.clock.now += timedelta(seconds=after)
        return self.ask("POST", address, hidden(page))

    def publish(self, slot: datetime = SLOT) -> int | None:
        """How many mails are queued; it is that time then."""
        self.clock.now = max(self.clock.now, slot)
        return publish_at(self.engine, self.settings, slot).queued

    def mails_leave(self) -> None:
        deliver(room_of(self.engine, self.settings, self.clock))

    def edition(self, address: str) -> EmailMessage:
        """Published, handed over, and what this reader got."""
        before = len(self.letterbox.messages[address])
        self.publish()
        self.mails_leave()
        return self.letterbox.mail(address, before + 1)


def _host(paper: Paper) -> str:
    return urlsplit(paper.settings.pages.url).hostname or ""


@contextmanager
def paper_on(engine: Engine) -> Iterator[Paper]:
    """With six articles of the week before the slot, and nobody who reads them."""
    fill(engine, readers=0)
    clock = Clock(SLOT - timedelta(hours=1))
    with serving(Letterbox()) as letterbox:
        weekly = {**WEEKLY, "reply_to": "editor@lamp.example", "sponsor": SPONSOR}
        settings = office(letterbox.port, newsletters={"weekly": weekly, "daily": DAILY})
        paper = Paper(engine=engine, settings=settings, letterbox=letterbox, clock=clock)
        reception = Reception(engine=engine, settings=settings, keys=paper.keys, clock=clock)
        with pages_served(application(reception), Listen(host="127.0.0.1")) as address:
            paper.port = address.port
            yield paper
