"""The mail in the browser: the same page as in the mail, for this reader, and for nobody else."""

import email
import email.policy
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine, update
from starlette.testclient import TestClient

from digest.content.store import save_articles
from digest.content.values import FoundArticle
from digest.deliver import deliver
from digest.delivery.memory import MemoryTransport
from digest.delivery.route import Route
from digest.editions.tables import EditionRow
from digest.editions.values import EditionState
from digest.hand_over.mailroom import Mailroom
from digest.listen import Listen
from digest.publish import publish
from digest.settings import Settings
from digest.web.app import application
from digest.web.reception import Reception
from digest.web.serve import serving
from digest.web.view import edition_of, slot_of
from subscribers.address import parse_address
from subscribers.erase import erase
from subscribers.people import Known
from subscribers.tokens import Purpose, sign
from tests.web.conftest import HOST, KEYS, Clock, Readers
from tests.web.pages import heading

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SLOT = "20261123T0700Z"
HARBOUR = ("crane", "ferry", "lantern", "mooring", "net", "oyster")


@pytest.fixture
def ann(readers: Readers) -> Known:
    return readers.join(name='Ann <b>"Quill"</b>')


@pytest.fixture
def mail(engine: Engine, settings: Settings, clock: Clock, ann: Known) -> str:
    """The HTML of the mail that Ann was sent."""
    articles = [
        FoundArticle(
            key=thing,
            title=f"What the {thing} is for, by somebody who has used one",
            url=f"https://saltmarsh.example/{thing}",
            published_at=clock.now - timedelta(hours=9 + number),
            body=f"<p>There is a {thing} at the end of quay {number}, and few remember who put it there.</p>",
        )
        for number, thing in enumerate(HARBOUR)
    ]
    with engine.begin() as connection:
        save_articles(connection, "site", articles, now=clock.now - timedelta(days=8), first=True)
    publish(engine, settings, settings.newsletter("weekly"), clock.now, now=clock.now)
    transport = MemoryTransport()
    deliver(Mailroom(engine=engine, settings=settings, routes=(Route(name="memory", open=lambda: transport),), keys=KEYS, clock=clock))
    (envelope,) = transport.sent
    part = email.message_from_bytes(envelope.data, policy=email.policy.default).get_body(("html",))
    assert part is not None
    html: str = part.get_content()
    return html


def link(known: Known, *, newsletter: str = "weekly", slot: str = SLOT, purpose: Purpose = Purpose.VIEW) -> str:
    return f"/view/{newsletter}/{slot}/{sign(purpose, known.subscription_token, KEYS)}"


def test_it_is_the_page_of_the_mail(client: TestClient, mail: str, ann: Known) -> None:
    answer = client.get(link(ann))
    assert answer.status_code == 200
    assert answer.text == mail
    assert f"https://news.saltmarsh.example{link(ann)}" in mail


def test_the_mail_is_shut_in(client: TestClient, mail: str, ann: Known) -> None:
    headers = client.get(link(ann)).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "style-src 'unsafe-inline'" in policy
    assert "script-src" not in policy
    assert "allow-scripts" not in policy
    assert "sandbox" in policy
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "private, no-store"
    assert "noindex" in headers["x-robots-tag"]


def test_whoever_left_still_sees_the_mail_they_got(client: TestClient, mail: str, ann: Known) -> None:
    client.post(f"/leave/{sign(Purpose.LEAVE, ann.subscription_token, KEYS)}", data={"List-Unsubscribe": "One-Click"})
    assert client.get(link(ann)).text == mail


def test_what_is_paused_is_shown_to_whoever_may_hold_it_already(client: TestClient, engine: Engine, mail: str, ann: Known) -> None:
    with engine.begin() as connection:
        connection.execute(update(EditionRow).values(state=EditionState.PAUSED))
    assert client.get(link(ann)).text == mail


@pytest.mark.parametrize("state", [EditionState.DRAFT, EditionState.HELD, EditionState.APPROVED, EditionState.CANCELLED, EditionState.SKIPPED])
def test_what_is_not_sent_is_not_shown(client: TestClient, engine: Engine, mail: str, ann: Known, state: EditionState) -> None:
    with engine.begin() as connection:
        connection.execute(update(EditionRow).values(state=state))
    assert client.get(link(ann)).status_code == 404


def test_nothing_else_opens_it(client: TestClient, engine: Engine, readers: Readers, mail: str, ann: Known) -> None:
    daily = readers.join("daily")
    gone = readers.join(address="bo@example.com")
    with engine.begin() as connection:
        erase(connection, parse_address("bo@example.com"), keys=KEYS, now=readers.now)
    wrong = [
        link(ann)[:-1],
        link(ann, purpose=Purpose.LEAVE),
        link(ann, newsletter="daily"),
        link(ann, newsletter="monthly"),
        link(daily),
        link(gone),
        link(ann, slot="20261116T0700Z"),
        link(ann, slot="20261123T0700"),
        link(ann, slot="2026-11-23T07:00Z"),
        link(ann, slot="99999999T9999Z"),
        link(ann, slot="2026%001123T0700Z"),
    ]
    answers = {(answer.status_code, answer.text) for answer in map(client.get, wrong)}
    assert [(status, heading(text)) for status, text in answers] == [(404, "This page is not there")]


def test_a_slot_has_one_name() -> None:
    assert slot_of(SLOT) == datetime(2026, 11, 23, 7, tzinfo=UTC)
    assert [slot_of(name) for name in ("20261123T700Z", "2026112T0700Z", " 20261123T0700Z", "", "20261123T0760Z")] == [None] * 5


def test_a_newsletter_that_is_no_longer_declared_has_no_mails_to_show(client: TestClient, settings: Settings, mail: str, ann: Known) -> None:
    del settings.newsletters["weekly"]
    assert client.get(link(ann)).status_code == 404


def test_its_links_lead_on_and_its_style_is_seen(browser: "Browser", reception: Reception, mail: str, ann: Known) -> None:
    """Shut in as it is, it is still a mail to read and to go on from."""
    context = browser.new_context()
    context.route(f"https://{HOST}/**", lambda route: route.fulfill(status=200, content_type="text/html", body="<h1>There</h1>"))
    context.route("https://saltmarsh.example/**", lambda route: route.abort())
    page = context.new_page()
    with serving(application(reception), Listen(host="127.0.0.1")) as address:
        page.goto(f"http://{address}{link(ann)}")
        assert page.evaluate("getComputedStyle(document.querySelector('h1')).fontFamily").startswith("Georgia")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(241, 239, 233)"
        page.get_by_role("link", name="Unsubscribe").click()
        page.wait_for_url(f"https://{HOST}/leave/**")
    assert page.locator("h1").inner_text() == "There"
    context.close()


def test_an_edition_s_name_tells_its_cadence_where_it_is_not_the_newsletter_s_own() -> None:
    slot = datetime(2026, 11, 23, 7, tzinfo=UTC)
    assert edition_of(SLOT) == ("", slot)
    assert edition_of(f"every-article-{SLOT}") == ("every-article", slot)
    assert [edition_of(name)[1] for name in (f"-{SLOT}", "daily-", "daily-2026", "")] == [None] * 4
