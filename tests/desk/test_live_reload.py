"""A page that lies open shows by itself what has changed: in a template, in digest.toml, in the store."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from digest.database import open_database
from digest.desk.events import LOOK_SECONDS
from tests.desk.entering import House
from tests.desk.showing import PATH, Sight, add_article, filled, looking, own_theme
from tests.test_deliver import SLOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture
def house(sqlite_template: Path, tmp_path: Path) -> Iterator[House]:
    path = tmp_path / "live.db"
    path.write_bytes(sqlite_template.read_bytes())
    engine = open_database(f"sqlite:///{path}")
    yield filled(House(engine=engine, folder=tmp_path, now=SLOT - timedelta(hours=2)))
    engine.dispose()


@pytest.fixture
def sight(browser: "Browser", house: House) -> Iterator[Sight]:
    """The edition's page, which has begun to listen."""
    with looking(browser, house) as opened:
        with opened.page.expect_request(re.compile("/events")):
            opened.go(PATH)
        opened.page.evaluate("window.stayed = true")
        yield opened
        assert opened.page.evaluate("window.stayed"), "the page was loaded anew, not renewed"
        assert opened.complaints == []


def test_a_changed_template_is_in_the_frames(house: House, sight: Sight) -> None:
    own_theme(house, "preheader.html", "<h2>Hot off the press</h2>")
    for name in ("frame 1", "frame 2"):
        sight.frame(name).get_by_text("Hot off the press").wait_for()
    own_theme(house, "preheader.html", "<h2>Cold again</h2>")
    sight.frame().get_by_text("Cold again").wait_for()


def test_new_content_is_in_the_frames(house: House, sight: Sight) -> None:
    add_article(
        house, 40, title="The lighthouse has been painted red", key="new", url="https://lamp.example/new", published_at=SLOT - timedelta(hours=3)
    )
    sight.frame().get_by_text("The lighthouse has been painted red").first.wait_for()


def test_changed_settings_are_in_the_frames_and_on_the_page(house: House, sight: Sight) -> None:
    house.file.write_text(house.file.read_text().replace("The Lantern Weekly", "The Lantern, Mondays"))
    sight.frame().get_by_text("The Lantern, Mondays").first.wait_for()
    sight.page.get_by_text("The Lantern, Mondays", exact=True).first.wait_for()


def test_a_broken_digest_toml_is_told_and_the_one_before_goes_on(house: House, sight: Sight) -> None:
    before = house.file.read_text()
    house.file.write_text(before.replace('title = "The Lantern Weekly"', 'titel = "The Lantern Weekly"'))
    banner = sight.page.locator(".banner")
    banner.wait_for()
    assert "titel" in banner.inner_text()
    assert sight.frame().get_by_text("The Lantern Weekly").first.is_visible()
    house.file.write_text(before)
    banner.wait_for(state="detached")


def test_a_broken_template_is_told_and_comes_back(house: House, sight: Sight) -> None:
    """There is less on such a page, and more again on the next: then it is loaded anew."""
    own_theme(house, "preheader.html", "{{ edition.nothing }}")
    sight.page.get_by_text("preheader.html").wait_for()
    own_theme(house, "preheader.html", "<h2>Mended</h2>")
    sight.frame().get_by_text("Mended").wait_for()
    sight.page.evaluate("window.stayed = true")


def test_what_somebody_types_stays_while_the_frames_change(house: House, sight: Sight) -> None:
    sight.page.get_by_text("Look with other eyes").click()
    sight.page.get_by_label("Leaves out").fill("Se")
    own_theme(house, "preheader.html", "<h2>Hot off the press</h2>")
    sight.frame().get_by_text("Hot off the press").wait_for()
    assert sight.page.get_by_label("Leaves out").input_value() == "Se"
    assert sight.page.evaluate("document.activeElement.id") == "mute"


def test_the_overview_hears_of_a_newsletter(browser: "Browser", house: House) -> None:
    with looking(browser, house) as sight:
        with sight.page.expect_request(re.compile("/events")):
            sight.go("/")
        more = '[newsletters.daily]\ntitle = "The Lantern at Noon"\nfrom_address = "noon@lantern.example"\ncadence = "daily"\n'
        house.file.write_text(f"{house.file.read_text()}\n{more}")
        sight.page.get_by_text("The Lantern at Noon").wait_for()


def test_news_are_looked_for_twice_a_second() -> None:
    assert LOOK_SECONDS <= 0.5
