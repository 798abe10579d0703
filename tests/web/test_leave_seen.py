"""The frame of all pages, home and leaving, in a real browser on the real server: for thumbs, keyboards, screen readers and paper."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from digest.database import open_database
from digest.listen import Listen
from digest.settings import parse
from digest.web.app import application
from digest.web.reception import Reception
from digest.web.serve import serving
from subscribers.tokens import Purpose, sign
from tests.web.conftest import GIVEN, KEYS, Clock, Readers

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
VIEWS: list[dict[str, Any]] = [
    {"width": 320},
    {"width": 360, "dark": True, "language": "ar"},
    {"width": 1000, "dark": True, "language": "de"},
]
# Finger-sized by WCAG 2.5.5; links within the small print may be smaller.
SMALL = "[...document.querySelectorAll('button, .button, .choice')].filter(one => one.getBoundingClientRect().height < 44).map(one => one.outerHTML)"
WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Readers]]:
    """The pages' address, and their readers."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "site.db").write_bytes(sqlite_template.read_bytes())
    engine = open_database(f"sqlite:///{folder / 'site.db'}")
    # On loopback there is no https, and a browser told to insist on it would.
    settings = parse({**GIVEN, "pages": {**GIVEN["pages"], "url": "http://localhost"}}, folder=folder)
    reception = Reception(engine=engine, settings=settings, keys=KEYS, clock=Clock(now=NOW))
    with serving(application(reception), Listen(host="127.0.0.1")) as address:
        yield f"http://{address}", Readers(engine=engine, now=NOW)
    engine.dispose()


@pytest.fixture(params=VIEWS, ids=str)
def page(browser: "Browser", request: pytest.FixtureRequest) -> Iterator["Page"]:
    view = request.param
    context = browser.new_context(
        viewport={"width": view["width"], "height": 800},
        color_scheme="dark" if view.get("dark") else "light",
        locale=view.get("language", "en"),
    )
    yield context.new_page()
    context.close()


def right(page: "Page") -> None:
    """Nothing to scroll sideways, nothing too small for a finger, and nothing axe complains of."""
    from axe_playwright_python.sync_playwright import Axe

    assert page.evaluate(WIDE) == 0
    assert page.evaluate(SMALL) == []
    assert [f"{one['id']}: {one['nodes'][0]['html']}" for one in Axe().run(page).response["violations"]] == []


def test_every_page_is_right_for_everybody(page: "Page", site: tuple[str, Readers]) -> None:
    address, readers = site
    ann = readers.join(address=f"reader{id(page)}@example.com")
    readers.join("daily", address=f"reader{id(page)}@example.com")
    leave = f"/leave/{sign(Purpose.LEAVE, ann.subscription_token, KEYS)}"
    for path in ("/", "/privacy", "/nowhere", leave, f"/leave/{sign(Purpose.LEAVE, 'x' * 22, KEYS)}"):
        page.goto(address + path)
        right(page)
    page.goto(address + leave)
    with page.expect_navigation():
        page.locator("button").click()
    right(page)
    page.locator("label").nth(1).click()
    with page.expect_navigation():
        page.locator("form[action$=why] button").click()
    right(page)
    with page.expect_navigation():
        page.locator("form[action$=everything] button").click()
    right(page)
    with page.expect_navigation():
        page.locator("form[action$=stay] button").click()
    right(page)


def test_a_keyboard_leads_through_and_shows_where_it_is(browser: "Browser", site: tuple[str, Readers]) -> None:
    address, readers = site
    ann = readers.join(address="keys@example.com")
    context = browser.new_context(java_script_enabled=True)
    page = context.new_page()
    page.goto(f"{address}/leave/{sign(Purpose.LEAVE, ann.subscription_token, KEYS)}")
    outlines = []
    for _ in range(3):
        page.keyboard.press("Tab")
        outlines.append(page.evaluate("[document.activeElement.tagName, getComputedStyle(document.activeElement).outlineStyle]"))
    assert outlines == [["A", "solid"], ["A", "solid"], ["BUTTON", "solid"]]
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator("h1").inner_text() == "You have left"
    context.close()


def test_without_script_and_on_paper(browser: "Browser", site: tuple[str, Readers]) -> None:
    address, readers = site
    ann = readers.join(address="paper@example.com")
    context = browser.new_context(java_script_enabled=False, color_scheme="dark")
    page = context.new_page()
    page.goto(f"{address}/leave/{sign(Purpose.LEAVE, ann.subscription_token, KEYS)}")
    with page.expect_navigation():
        page.locator("button").click()
    assert page.locator("h1").inner_text() == "You have left"
    page.emulate_media(media="print")
    assert not page.locator("button").first.is_visible()
    context.close()


def test_on_paper_the_ground_is_white_also_in_the_dark(browser: "Browser", site: tuple[str, Readers]) -> None:
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(f"{site[0]}/privacy")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(0, 0, 0)"
    context.close()


def test_the_browser_has_nothing_to_complain_of(browser: "Browser", site: tuple[str, Readers]) -> None:
    """Nothing that a page asks for is forbidden by its own policy."""
    address, readers = site
    ann = readers.join(address="quiet@example.com")
    context = browser.new_context()
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    for path in ("/", "/privacy", f"/leave/{sign(Purpose.LEAVE, ann.subscription_token, KEYS)}"):
        page.goto(address + path)
    with page.expect_navigation():
        page.locator("button").click()
    assert said == []
    context.close()
