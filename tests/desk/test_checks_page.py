"""The tab Checks: what is wrong, its place in the frame, and what others say when somebody asks."""

import os
import stat
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine

from digest.publish import publish
from tests.desk.entering import House, press
from tests.desk.showing import PATH, filled, found, looking, own_theme
from tests.test_deliver import SLOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHECKS = f"{PATH}/checks"
VAGUE = """<tr><td class="pad footer"><p><a class="ink" href="{{ holes.unsubscribe }}">here</a>
{% raw %}{{ oops }}{% endraw %} {{ look.postal_address }}</p></td></tr>"""


@pytest.fixture
def house(engine: Engine, tmp_path: Path) -> House:
    return filled(House(engine=engine, folder=tmp_path, now=SLOT - timedelta(hours=2)))


def spoil(house: House) -> None:
    """A footer of which several things are to be said."""
    own_theme(house, "footer.html", VAGUE)


def test_a_good_mail_is_called_good(house: House) -> None:
    page = house.local().get(CHECKS)
    assert page.status_code == 200
    assert "Nothing that was found stops it." in page.text
    assert "stops it</span>" not in page.text


def test_what_is_wrong_is_told_by_its_weight_with_why_and_how(house: House) -> None:
    spoil(house)
    page = unescape(house.local().get(CHECKS).text)
    assert (
        page.index("Must not go out")
        < page.index("'{{ oops }}'")
        < page.index("Worse than it could be")
        < page.index("“here” does not say where it leads")
    )
    assert "As it stands, it does not go out." in page
    assert "Who goes from link to link hears only its words" in page
    assert page.count('<span class="badge error">stops it</span>') == page.count('<li class="card error">')


def test_what_is_out_is_not_said_to_be_stopped(house: House) -> None:
    spoil(house)
    settings = house.studio.settings
    publish(house.engine, settings, settings.newsletter("weekly"), SLOT, now=SLOT, despite_findings=True)
    page = unescape(house.local().get(CHECKS).text)
    assert "'{{ oops }}'" in page
    assert "it does not go out" not in page


def test_a_theme_that_is_broken_is_said(house: House) -> None:
    own_theme(house, "body.html", "{{ nothing.of.the.kind }}")
    page = house.local().get(CHECKS)
    assert page.status_code == 200
    assert 'class="notice bad"' in page.text and "body.html" in page.text


def test_others_are_asked_on_a_press_and_never_else(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "spamassassin"
    program.write_text(f"#!/bin/sh\ncat >> {tmp_path}/asked\necho 'Content analysis details:   (7.5 points, 5.0 required)'\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    client = house.local()
    assert "SpamAssassin" not in client.get(CHECKS).text
    assert not (tmp_path / "asked").exists()
    answer = press(client, CHECKS, CHECKS, {"spam": "1"})
    assert answer.status_code == 200
    assert "SpamAssassin gives it 7.5 points" in answer.text
    assert b"reader1@" not in (tmp_path / "asked").read_bytes()
    assert "events?" not in answer.text  # it does not renew itself


def test_links_are_asked_for_on_a_press(house: House) -> None:
    """lamp.example is nobody's name, as example names are."""
    answer = press(house.local(), CHECKS, CHECKS, {"links": "1"})
    assert "links.dead" in answer.text
    assert "letters.lantern.example" not in answer.text  # the reader's own pages


def test_the_place_is_shown_in_the_frame_by_keyboard_and_without_a_script(house: House, browser: "Browser") -> None:
    spoil(house)
    with looking(browser, house, java_script_enabled=False) as sight:
        sight.go(CHECKS)
        link = sight.page.get_by_role("link", name="Show the place of: The link text “here”")
        link.focus()
        sight.page.keyboard.press("Enter")
        place = sight.page.frame_locator("iframe[name=seen]").locator("#finding")
        place.wait_for()
        assert (place.inner_text(), place.evaluate("one => getComputedStyle(one).outlineStyle")) == ("here", "solid")
        box = place.bounding_box()
        assert box is not None and 0 < box["y"] < 1_000  # scrolled to
        assert sight.page.url.endswith(CHECKS)


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_can_be_used_by_everybody(house: House, browser: "Browser", *, width: int, scheme: str) -> None:
    spoil(house)
    with looking(browser, house, width=width, color_scheme=scheme) as sight:
        sight.go(CHECKS)
        assert found(sight) == []
        assert sight.complaints == []


def test_on_a_phone_the_place_is_scrolled_to(house: House, browser: "Browser") -> None:
    spoil(house)
    with looking(browser, house, width=360, reduced_motion="reduce") as sight:
        sight.go(CHECKS)
        sight.page.get_by_role("link", name="Show the place of: The HTML holds").click()
        sight.page.wait_for_function("document.querySelector('iframe[name=seen]').getBoundingClientRect().top < innerHeight")
        assert "oops" in sight.page.frame_locator("iframe[name=seen]").locator("#finding").inner_text()
