"""Every page with a form, as it is seen: on a phone and a desktop, light and dark, from left and from right; axe finds nothing to complain of."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine

from digest.database import open_database
from digest.web.snippet import Manner, box
from subscribers.change import Choice
from subscribers.choices import choose, load
from subscribers.tables import SubscriptionState
from subscribers.tokens import Purpose, sign, sign_dated
from tests.web.browsing import ARTICLE, surfing
from tests.web.signing_up import KEYS, SITE, House, settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
VIEWS = [{"width": 360}, {"width": 1000, "color_scheme": "dark"}, {"width": 360, "locale": "ar", "color_scheme": "dark"}]


@pytest.fixture(scope="module")
def house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    path = tmp_path_factory.mktemp("seen") / "seen.db"
    path.write_bytes(sqlite_template.read_bytes())
    engine: Engine = open_database(f"sqlite:///{path}")
    house = House(engine=engine, now=NOW, settings=settings(minimum_seconds=0))
    follow(house, house.reader("weekly", "tides", address="ann@example.org"))
    house.reader("weekly", "tides", address="bob@example.org", state=SubscriptionState.PENDING)
    house.reader("weekly", address="cat@example.org", state=SubscriptionState.UNSUBSCRIBED)
    yield house
    engine.dispose()


def follow(house: House, subscriber: str) -> None:
    """So much that their page shows all that can be chosen."""
    with house.store() as connection:
        person = load(connection, subscriber)
        assert person is not None
        followed = Choice(sections=frozenset({"Harbour"}), muted_sections=frozenset({"Council"}), authors=frozenset({"Mara Finch"}), hour=8)
        assert choose(connection, person.subscriptions[0].subscription, followed, now=NOW)


def address(house: House, name: str) -> str:
    ann = house.reader("weekly", address="ann@example.org")
    bob = house.reader("weekly", address="bob@example.org", state=SubscriptionState.PENDING)
    cat = house.reader("weekly", address="cat@example.org", state=SubscriptionState.UNSUBSCRIBED)
    old = NOW - timedelta(days=9)
    paths = {
        "subscribe": "/subscribe",
        "one": "/subscribe/weekly",
        "box": "/box/weekly",
        "confirm": f"/confirm/{sign_dated(Purpose.CONFIRM, bob, NOW, KEYS)}",
        "confirm late": f"/confirm/{sign_dated(Purpose.CONFIRM, bob, old, KEYS)}",
        "confirmed": f"/confirm/{sign_dated(Purpose.CONFIRM, ann, NOW, KEYS)}",
        "nothing": f"/confirm/{sign_dated(Purpose.CONFIRM, cat, NOW, KEYS)}",
        "preferences": f"/preferences/{sign(Purpose.PREFERENCES, ann, KEYS)}",
        "nobody": f"/preferences/{sign(Purpose.PREFERENCES, 'nobody', KEYS)}",
        "data": f"/data/{sign_dated(Purpose.DATA, ann, NOW, KEYS)}",
        "data late": f"/data/{sign_dated(Purpose.DATA, ann, old, KEYS)}",
        "forgotten": f"/data/{sign_dated(Purpose.DATA, 'nobody', NOW, KEYS)}",
    }
    return SITE + paths[name]


PAGES = ("subscribe", "one", "box", "confirm", "confirm late", "confirmed", "nothing", "preferences", "nobody", "data", "data late", "forgotten")


def found(page: "Page") -> list[str]:
    """What axe complains of, and whether anything has to be scrolled sideways."""
    from axe_playwright_python.sync_playwright import Axe

    wrong = [
        f"{one['id']}: {one['nodes'][0]['html']}"
        for one in Axe().run(page, options={"resultTypes": ["violations"], "preload": False}).response["violations"]
    ]
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [*wrong, *([f"{wide} pixels too wide"] if wide else [])]


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_every_page_is_right_for_everybody(browser: "Browser", house: House, view: dict[str, object]) -> None:
    wrong = {}
    with surfing(browser, house, **view) as page:  # type: ignore[arg-type]
        for name in PAGES:
            page.goto(address(house, name))
            wrong[name] = found(page)
    assert {name: complaints for name, complaints in wrong.items() if complaints} == {}


@pytest.mark.parametrize("view", VIEWS[-1:], ids=str)
def test_what_is_said_after_a_press_is_right_for_everybody(browser: "Browser", house: House, view: dict[str, object]) -> None:
    with surfing(browser, house, **view) as page:  # type: ignore[arg-type]
        page.goto(address(house, "subscribe"))
        page.locator("[name=email]").fill("dan@localhost")
        page.locator("[name=newsletters][value=weekly]").check()
        with page.expect_navigation():
            page.locator("main button").click()
        assert found(page) == []
        page.locator("[name=email]").fill("dan@example.org")
        with page.expect_navigation():
            page.locator("main button").click()
        assert found(page) == []
        page.goto(address(house, "preferences"))
        page.locator("[name=pause-weekly]").select_option("1")
        with page.expect_navigation():
            page.locator("[value=save]").click()
        page.locator(".note").first.wait_for()
        assert found(page) == []
        page.goto(address(house, "data"))
        page.locator("form").evaluate("form => { form.noValidate = true; }")
        with page.expect_navigation():
            page.locator("main button").click()
        page.locator("#unsure").wait_for()
        assert found(page) == []


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_box_is_right_for_everybody_on_somebody_elses_page(browser: "Browser", house: House, language: str) -> None:
    """Also where it runs against the direction of the page around it."""
    for ground in ("background: white; color: black", "background: black; color: white"):
        html = f'<div style="{ground}">{box(house.settings, house.settings.newsletter("weekly"), Manner(language=language)).html}</div>'
        with surfing(browser, house, html=html, width=320) as page:
            page.goto(ARTICLE)
            assert found(page) == []


def test_everything_can_be_done_with_the_keyboard_alone(browser: "Browser", house: House) -> None:
    with surfing(browser, house) as page:
        page.goto(address(house, "one"))
        names = []
        for _ in range(14):
            page.keyboard.press("Tab")
            names.append(page.evaluate("document.activeElement.name || document.activeElement.tagName"))
        assert "website" not in names
        assert names.index("cadence-weekly") < names.index("email") < names.index("name")
        assert "BUTTON" in names
