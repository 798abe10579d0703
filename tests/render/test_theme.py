"""The themes in a real browser: measured, not looked at (for looking there is pictures.py)."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from digest.publication import Colours
from tests.render.browser import opened
from tests.render.filling import seen
from tests.render.sample_edition import LEAD, look, sample_edition

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

BACKGROUND = "selector => getComputedStyle(document.querySelector(selector)).backgroundColor"
COLOUR = "selector => getComputedStyle(document.querySelector(selector)).color"


@pytest.fixture(scope="module", params=["premailer", "fast"])
def page_html(request: pytest.FixtureRequest) -> str:
    return seen(sample_edition(), look(), request.param)[1]


@pytest.fixture(scope="module", params=["classic", "letter"])
def any_page(request: pytest.FixtureRequest) -> str:
    return seen(sample_edition(), look(theme=request.param))[1]


def rgb(colour: str) -> str:
    return f"rgb({int(colour[1:3], 16)}, {int(colour[3:5], 16)}, {int(colour[5:], 16)})"


def overflow(page: "Page") -> int:
    width: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width


@pytest.mark.parametrize("pictures", [True, False])
@pytest.mark.parametrize("width", [320, 360, 800])
def test_nothing_has_to_be_scrolled_sideways(browser: "Browser", any_page: str, width: int, pictures: bool) -> None:
    with opened(browser, any_page, width=width, pictures=pictures) as page:
        assert overflow(page) == 0


def test_the_paper_stands_in_the_middle_of_a_desktop(browser: "Browser", page_html: str) -> None:
    with opened(browser, page_html, width=1000) as page:
        box = page.locator("table.paper").bounding_box()
        assert box is not None
        assert (box["x"], box["width"]) == (180, 640)


@pytest.mark.parametrize("theme", ["classic", "letter"])
def test_words_without_a_space_do_not_widen_a_phones_page(browser: "Browser", theme: str) -> None:
    long = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen" * 3
    assert LEAD.quote is not None
    lead = replace(LEAD, title=long, excerpt=long, author=long, quote=replace(LEAD.quote, author=long, text=long))
    _, html = seen(sample_edition(lead=lead, title=long), look(theme=theme))
    with opened(browser, html, width=320) as page:
        assert overflow(page) == 0


def test_the_dark_palette_is_applied(browser: "Browser", page_html: str) -> None:
    colours = Colours()
    with opened(browser, page_html, width=800, dark=True) as page:
        assert page.evaluate(BACKGROUND, "body") == rgb(colours.ground_dark)
        assert page.evaluate(BACKGROUND, "table.paper") == rgb(colours.paper_dark)
        assert page.evaluate(COLOUR, "h1") == rgb(colours.ink_dark)
        assert page.evaluate(COLOUR, "a.button-link") == rgb(colours.ground_dark)
        assert page.evaluate(BACKGROUND, "td.button-cell") == rgb(colours.accent_dark)
    with opened(browser, page_html, width=800) as page:
        assert page.evaluate(BACKGROUND, "body") == rgb(colours.ground)
        assert page.evaluate(COLOUR, "h1") == rgb(colours.ink)


def test_no_text_keeps_its_light_colour_in_the_dark(browser: "Browser", any_page: str) -> None:
    """Every element that holds words must have one of the dark palette's colours."""
    script = """() => [...document.body.querySelectorAll('*')]
        .filter(one => [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim()) && one.className !== 'preheader')
        .map(one => getComputedStyle(one).color)"""
    colours = Colours()
    allowed = {rgb(colour) for colour in (colours.ink_dark, colours.quiet_dark, colours.accent_dark, colours.ground_dark)}
    with opened(browser, any_page, width=800, dark=True) as page:
        assert set(page.evaluate(script)) <= allowed


def test_outlooks_own_dark_marks_bring_the_same_palette(browser: "Browser", page_html: str) -> None:
    colours = Colours()
    with opened(browser, page_html, width=800) as page:
        page.evaluate("document.documentElement.setAttribute('data-ogsb', ''), document.documentElement.setAttribute('data-ogsc', '')")
        assert page.evaluate(BACKGROUND, "table.paper") == rgb(colours.paper_dark)
        assert page.evaluate(COLOUR, "h1") == rgb(colours.ink_dark)


def test_a_phone_gets_one_column_and_a_desktop_two(browser: "Browser", page_html: str) -> None:
    tops = "[...document.querySelector('.picture-column').parentElement.querySelectorAll('.column')].map(one => one.getBoundingClientRect().top)"
    with opened(browser, page_html, width=800) as page:
        picture, words = page.evaluate(tops)
        assert picture == words
    with opened(browser, page_html, width=360) as page:
        picture, words = page.evaluate(tops)
        assert words > picture


def test_without_pictures_their_words_are_shown(browser: "Browser", any_page: str) -> None:
    assert LEAD.image is not None
    script = """() => [...document.querySelectorAll('img')].map(one => [one.alt, one.naturalWidth, one.getBoundingClientRect().height])"""
    with opened(browser, any_page, width=800, pictures=False) as page:
        shown = page.evaluate(script)
        assert LEAD.image.alt in {alt for alt, _, _ in shown}
        assert all(alt and not loaded and height > 15 for alt, loaded, height in shown)


def test_the_preheader_is_there_and_not_seen(browser: "Browser", any_page: str) -> None:
    with opened(browser, any_page, width=800) as page:
        preheader = page.locator(".preheader")
        assert preheader.count() == 1
        assert not preheader.is_visible()
        assert (preheader.text_content() or "").startswith(sample_edition().preheader)


@pytest.mark.parametrize("logo_dark", ["", "https://saltmarsh.example/logo-dark-160x40.png"])
@pytest.mark.parametrize("theme", ["classic", "letter"])
def test_the_logo_can_be_seen_on_dark(browser: "Browser", logo_dark: str, theme: str) -> None:
    made = look(theme=theme, logo="https://saltmarsh.example/logo-160x40.png", logo_dark=logo_dark, logo_width=160, logo_height=40)
    _, html = seen(sample_edition(), made)
    logos = "[...document.querySelectorAll('img[alt=Saltmarsh]')].filter(one => one.offsetHeight)"
    shown = f"{logos}.map(one => [one.src, getComputedStyle(one).backgroundColor])"
    with opened(browser, html, width=800, dark=True) as page:
        ((source, background),) = page.evaluate(shown)
    if logo_dark:
        assert source == logo_dark
    else:
        assert background == rgb(Colours().paper)  # on a light plate
    with opened(browser, html, width=800) as page:
        ((source, _),) = page.evaluate(shown)
    assert source == made.logo


def test_a_right_to_left_page_is_mirrored(browser: "Browser") -> None:
    _, html = seen(sample_edition(), look(language="he"))
    with opened(browser, html, width=800) as page:
        assert overflow(page) == 0
        picture, words = page.evaluate("[...document.querySelectorAll('.column')].slice(0, 2).map(one => one.getBoundingClientRect().left)")
        assert picture > words


@pytest.mark.parametrize(("language", "content", "side", "runs"), [("ar", "en", "right", "ltr"), ("en", "ar", "left", "rtl")])
@pytest.mark.parametrize("width", [360, 800])
@pytest.mark.parametrize("theme", ["classic", "letter"])
def test_articles_of_another_direction_keep_theirs_and_begin_at_the_frames_side(
    browser: "Browser", *, theme: str, language: str, content: str, side: str, runs: str, width: int
) -> None:
    arabic = "آخر عبّارة: كيف صار المعبر (12) معبرًا"
    lead = LEAD if content == "en" else replace(LEAD, title=arabic, excerpt=arabic)
    _, html = seen(sample_edition(lead=lead), look(theme=theme, language=language, content_language=content))
    style = "selector => (one => [one.textAlign, one.direction])(getComputedStyle(document.querySelector(selector)))"
    with opened(browser, html, width=width) as page:
        assert overflow(page) == 0
        for selector in (".lead-headline", ".lead-headline ~ p:not(.byline)"):
            assert page.evaluate(style, selector) == [side, runs]


@pytest.mark.parametrize("width", [360, 800])
def test_a_letter_has_one_narrow_column_and_the_leads_picture_alone(browser: "Browser", width: int) -> None:
    _, html = seen(sample_edition(), look(theme="letter"))
    with opened(browser, html, width=width) as page:
        lines = page.evaluate("[...document.querySelectorAll('p.letter')].map(one => one.getBoundingClientRect().width)")
        assert lines and max(lines) <= 560
        assert page.locator("img").count() == 1
        assert page.locator("img").get_attribute("src") == LEAD.image.url  # type: ignore[union-attr]
