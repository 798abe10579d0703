"""Readers' whole way in a real browser, with the real commands: from the box beside an article to the last mail they did not want."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine, select, update

from digest.delivery.tables import DeliveryRow
from digest.render.language import own_name
from digest.render.translation import direction, translations
from digest.settings import read
from digest.wiring import open_database_of
from subscribers.tables import Subscriber, Subscription, SubscriptionState
from tests.databases import database_on
from tests.journeys.letterbox import Letterbox, link, opt_out
from tests.journeys.paper import Publication, configure, over_smtp, serving
from tests.journeys.person import AtTheKeyboard, Person, somebody, world
from tests.journeys.test_pages import ended, port_of
from tests.journeys.web_server import PAGES, PAPER, WebServer, web_server
from tests.letter_office import parts

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SLOTS = ("2026-11-19T07:00", "2026-11-21T07:00", "2026-11-23T07:00")
ARTICLE = f"https://{PAPER}/2026/the-ferry-is-back"
PENDING, CONFIRMED, LEFT = SubscriptionState.PENDING, SubscriptionState.CONFIRMED, SubscriptionState.UNSUBSCRIBED
ANN, BOB = "ann@example.org", "bob@example.org"
MONTHLY = '[newsletters.weekly.cadences.monthly]\nschedule = "0 7 1 * *"'
OFFER = f'{MONTHLY}\n[newsletters.weekly.sign_up]\ncadences = ["weekly", "monthly"]\nsections = ["Harbour", "Council", "Kitchen"]'


@pytest.fixture
def letterbox() -> Iterator[Letterbox]:
    with serving(Letterbox()) as box:
        yield box


@dataclass
class Town:
    """A paper with its readers' pages on the web, a browser that finds them, the post, and what the paper knows."""

    publication: Publication
    letterbox: Letterbox
    server: WebServer
    browser: "Browser"
    engine: Engine

    def send(self, slot: str) -> None:
        assert "published" in self.publication.run("send", "weekly", "--at", slot, "--even-if-few")

    def an_hour_passes(self) -> None:
        """For letters, which keep some minutes between each other, and for the minutes after a mail, in which scanners press its buttons."""
        with self.engine.begin() as connection:
            for moment in (Subscriber.letter_at, DeliveryRow.next_at, DeliveryRow.begun_at):
                for at in connection.scalars(select(moment).distinct()).all():
                    if at is not None:
                        connection.execute(update(moment.class_).where(moment == at).values({moment.key: at - timedelta(hours=1)}))

    def reader(self, address: str) -> Any:
        query = select(Subscription.state, Subscription.sections, Subscription.paused_until, Subscriber.name, Subscriber.language)
        with self.engine.begin() as connection:
            return connection.execute(query.join(Subscriber).where(Subscriber.address_key == address)).one()

    def state(self, address: str) -> SubscriptionState:
        state: SubscriptionState = self.reader(address).state
        return state


@contextmanager
def town(publication: Publication, letterbox: Letterbox, browser: "Browser", folder: Path, *embedded: str, database: str = "") -> Iterator[Town]:
    over_smtp(publication, letterbox)
    configure(publication, '[letters]\nfrom_address = "hello@thelanternquay.example"')
    configure(publication, f'[pages]\nurl = "https://{PAGES}"\nlisten = "127.0.0.1:0"')
    configure(publication, OFFER)
    if database:
        configure(publication, f'[database]\nurl = "{database}"')
    publication.run("db", "upgrade")
    publication.run("sync")
    pages = publication.start("serve")
    with web_server(folder) as server, world(browser, server) as everywhere:
        server.behind = port_of(pages)
        server.box = publication.run("embed", "weekly", *embedded)
        engine = open_database_of(read(publication.folder / "digest.toml", {}))
        yield Town(publication=publication, letterbox=letterbox, server=server, browser=everywhere, engine=engine)
        engine.dispose()
    said = ended(pages)
    assert " 500 " not in said
    assert not re.search(rf"{ANN}|{BOB}|\w{{22}}\.\w|203\.0\.113", said)


def sign_up(person: Person, address: str) -> None:
    """In the box beside the article; without script, on our own page as well, whose button is pressed until it is believed."""
    person.go(ARTICLE)
    person.fill(".digest-box-input", address)
    if person.scripted:
        person.use(".digest-box-button")
        person.page.locator("form[data-done]").wait_for()
    else:
        person.press(".digest-box-button")
        while person.there("input[name=wish]"):
            person.press("main button")
    assert person.page.url.startswith(ARTICLE) is person.scripted


def confirm(person: Person, town: Town, address: str, number: int) -> None:
    person.go(link(town.letterbox.mail(address, number), "confirm"))
    assert town.state(address) == PENDING
    say_yes(person)
    assert town.state(address) == CONFIRMED


def say_yes(person: Person) -> None:
    """So soon after the page it may be asked for twice, as leaving is."""
    person.press("main form button")
    if person.there("input[name=press]"):
        person.press("main form button")
    assert person.there("main a[href*='/preferences/']")


def settle(person: Person, town: Town, welcome: str, language: str) -> None:
    """Their name and language, some sections, and a pause that begins and ends."""
    person.go(welcome)
    person.fill("#name", "Ann Östby")
    person.choose("#language", own_name(language))
    person.use("summary")
    person.pick("sections-weekly/Kitchen", "follow")
    person.press("button[value=save]")
    html = person.page.locator("html")
    assert (html.get_attribute("lang"), html.get_attribute("dir")) == (language, direction(language))
    assert person.met[-1] == translations(language).gettext("Your newsletters")
    person.choose("#pause-weekly", translations(language).ngettext("For %(number)s week", "For %(number)s weeks", 2) % {"number": 2})
    person.press("button[value=save]")
    town.send(SLOTS[0])
    person.choose("#pause-weekly", translations(language).gettext("Go on now"))
    person.press("button[value=save]")
    kept = town.reader(ANN)
    assert (kept.name, kept.language, kept.sections) == ("Ann Östby", language, {"Kitchen"})
    assert kept.paused_until <= datetime.now(UTC)  # until when it lasted


def leave(person: Person) -> None:
    """By the page. So soon after the mail it may be asked for twice: it might have been a scanner."""
    person.press("main form button")
    if not person.there("form[action$='/why']"):
        person.press("main form button")
    assert person.there("form[action$='/why']")


def to_and_fro(person: Person, town: Town, edition: str) -> None:
    """Another reader leaves, says why, stays after all, and leaves again."""
    person.go(edition)
    leave(person)
    assert town.state(BOB) == LEFT
    person.tick("input[value='too often']")
    person.press("form[action$='/why'] button")
    assert person.there("[role=status]")
    person.press("form[action$='/stay'] button")
    assert town.state(BOB) == CONFIRMED
    person.go(edition)
    leave(person)
    assert town.state(BOB) == LEFT


def whole_way(town: Town, ann: Person, bob: Person, *, language: str) -> None:
    post = town.letterbox
    sign_up(ann, ANN)
    confirm(ann, town, ANN, 1)
    sign_up(bob, BOB)
    confirm(bob, town, BOB, 1)
    settle(ann, town, link(post.mail(ANN, 2), "preferences"), language)
    assert len(post.messages[ANN]) == 2  # the edition was sent during her pause
    post.mail(BOB, 3)

    town.send(SLOTS[1])
    mail = post.mail(ANN, 3)
    assert ann.page.goto(link(mail, "view")).text() == parts(mail)[0]  # type: ignore[union-attr]
    answer = town.server.ask("POST", opt_out(mail), "List-Unsubscribe=One-Click")
    assert (answer.status, answer.getheader("Location"), answer.getheader("Set-Cookie")) == (200, None, None)
    assert town.state(ANN) == LEFT

    to_and_fro(bob, town, link(post.mail(BOB, 4), "leave"))
    town.send(SLOTS[2])
    assert (len(post.messages[ANN]), len(post.messages[BOB])) == (3, 4)

    town.an_hour_passes()
    sign_up(bob, BOB)
    person = bob
    person.go(link(post.mail(BOB, 5), "confirm"))
    say_yes(person)
    assert town.state(BOB) == CONFIRMED


def test_on_a_phone_with_script(publication: Publication, letterbox: Letterbox, browser: "Browser", tmp_path: Path) -> None:
    phone: dict[str, Any] = {"width": 360, "height": 740, "has_touch": True, "is_mobile": True}
    with (
        town(publication, letterbox, browser, tmp_path) as place,
        somebody(place.browser, **phone) as ann,
        somebody(place.browser, **phone) as bob,
    ):
        whole_way(place, ann, bob, language="de")


def test_on_a_desktop_without_script(
    publication: Publication, postgresql_server: str, letterbox: Letterbox, browser: "Browser", tmp_path: Path
) -> None:
    plain: dict[str, Any] = {"java_script_enabled": False}
    with (
        database_on(postgresql_server) as url,
        town(publication, letterbox, browser, tmp_path, "--no-script", database=url) as place,
        somebody(place.browser, **plain) as ann,
        somebody(place.browser, **plain) as bob,
    ):
        whole_way(place, ann, bob, language="fr")


def test_with_the_keyboard_alone_from_right_to_left(publication: Publication, letterbox: Letterbox, browser: "Browser", tmp_path: Path) -> None:
    with (
        town(publication, letterbox, browser, tmp_path, "--language", "ar") as place,
        somebody(place.browser, AtTheKeyboard, locale="ar") as ann,
        somebody(place.browser, AtTheKeyboard, locale="ar") as bob,
    ):
        whole_way(place, ann, bob, language="ar")
