"""Letters in a real browser: narrow and wide, light and dark, from left to right and from right to left."""

from typing import TYPE_CHECKING

import pytest

from digest.delivery.letters import Letter
from tests.letter_office import office, parts
from tests.letter_office import opened as read
from tests.render.browser import opened
from tests.test_letter import TWO, write

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen" * 2


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("letter", list(Letter))
def test_a_letter_fits_the_narrowest_screen_and_its_button_a_thumb(browser: "Browser", letter: Letter, language: str) -> None:
    told = office(newsletters={**TWO, "daily": {**TWO["daily"], "title": LONG}})
    html, _ = parts(read(write(letter, told, newsletters=("weekly", "daily"), language=language, name="Ann").data))
    for width in (320, 360, 800):
        with opened(browser, html, width=width) as page:
            assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
            button = page.locator(".button-link").bounding_box()
            assert button is not None
            assert button["height"] >= 44  # WCAG 2, 2.5.5
            assert page.locator(".button-link").count() == 1


@pytest.mark.parametrize("dark", [False, True])
def test_a_letter_is_light_or_dark_as_its_reader_wants_it(browser: "Browser", dark: bool) -> None:
    html, _ = parts(read(write(Letter.CONFIRM).data))
    colours = office().publication.colours
    with opened(browser, html, width=800, dark=dark) as page:
        paper = page.evaluate("getComputedStyle(document.querySelector('.paper')).backgroundColor")
    wanted = colours.paper_dark if dark else colours.paper
    assert paper == f"rgb({int(wanted[1:3], 16)}, {int(wanted[3:5], 16)}, {int(wanted[5:], 16)})"
