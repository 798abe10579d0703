"""The overview, the lists and the mail seen, as they are seen: phone and desktop, light and dark; axe finds nothing, and no mouse is needed."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from digest.database import open_database
from digest.publish import publish
from tests.desk.entering import House
from tests.desk.showing import PATH, filled, found, looking
from tests.test_deliver import SLOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

VIEWS = [{"width": 360}, {"width": 1280, "color_scheme": "dark"}]
PATHS = (
    "/",
    "/editions",
    "/sources",
    "/nothing",
    PATH,
    f"{PATH}?colours=both&pictures=off",
    f"{PATH}?part=text",
    f"{PATH}?part=links",
    f"{PATH}?part=headers",
    f"{PATH}?part=source",
    f"{PATH}?sections=Mountains",
    "/edition/weekly/weekly/20261130T0700Z",
)


@pytest.fixture(scope="module")
def house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("seen")
    path = folder / "seen.db"
    path.write_bytes(sqlite_template.read_bytes())
    engine = open_database(f"sqlite:///{path}")
    made = filled(House(engine=engine, folder=folder, now=SLOT + timedelta(hours=2)))
    publish(engine, made.studio.settings, made.studio.settings.newsletter("weekly"), SLOT, now=SLOT)
    yield made
    engine.dispose()


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_every_page_is_right_for_everybody(browser: "Browser", house: House, view: dict[str, object]) -> None:
    wrong = {}
    with looking(browser, house, **view) as sight:  # type: ignore[arg-type]
        for path in PATHS:
            sight.go(path)
            if sight.page.locator("details").count():
                sight.page.locator("details").last.evaluate("details => { details.open = true; }")
            wrong[path] = found(sight)
        assert sight.complaints == []
    assert {path: complaints for path, complaints in wrong.items() if complaints} == {}


def test_a_mail_is_looked_at_by_keyboard_alone(browser: "Browser", house: House) -> None:
    with looking(browser, house) as sight:
        page = sight.page
        sight.go("/")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
        page.keyboard.press("Enter")
        page.get_by_role("link", name="Mon 23 Nov 2026 07:00").first.focus()
        with page.expect_navigation():
            page.keyboard.press("Enter")
        page.get_by_role("link", name="Dark").focus()
        with page.expect_navigation():
            page.keyboard.press("Enter")
        page.locator(".frame.dark iframe").first.wait_for()
        page.get_by_text("Look with other eyes").focus()
        page.keyboard.press("Enter")
        page.get_by_label("Follows sections").focus()
        page.keyboard.type("Sea")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        page.get_by_text("follow Sea").wait_for()


def test_without_script_every_part_is_there(browser: "Browser", house: House) -> None:
    with looking(browser, house, java_script_enabled=False) as sight:
        sight.go(PATH)
        sight.page.get_by_role("link", name="Links").click()
        sight.page.get_by_text("in the order of the mail").wait_for()
        assert sight.page.get_by_role("link", name="Load the page anew").is_visible()
