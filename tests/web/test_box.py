"""The box on somebody else's site: with script and without, under a strict policy, in a real browser."""

import re
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine, select

from digest.errors import SettingsError
from digest.web.snippet import Box, Manner, box
from subscribers.tables import Wording
from subscribers.wording import version
from tests.web.browsing import ARTICLE, surfing
from tests.web.signing_up import ADDRESS, SITE, House, settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

BARE = Manner(script=False, style=False)


@pytest.fixture
def house(engine: Engine, now: datetime) -> House:
    return House(engine=engine, now=now, settings=settings(minimum_seconds=0))


def weekly(house: House, manner: Manner | None = None) -> Box:
    return box(house.settings, house.settings.newsletter("weekly"), manner or Manner())


def fill(page: "Page", address: str) -> None:
    page.get_by_label("E-mail address").fill(address)
    page.get_by_role("button", name="Subscribe").click()


def test_no_editor_of_a_site_can_break_it() -> None:
    made = box(settings(), settings().newsletter("tides"), Manner(title="</script>\n\n<b>“Tides” & 'more'"))
    assert "\n\n" not in made.html
    assert "<" not in made.script
    assert "&" not in made.script
    assert "&lt;/script&gt;" in made.html
    assert "<b>" not in made.html


def test_every_rule_of_its_style_is_its_own() -> None:
    selectors = re.findall(r"^([^{}]+)\{", weekly_style(), re.MULTILINE)
    assert selectors
    assert [part for rule in selectors for part in rule.split(",") if not part.strip().startswith(".digest-box")] == []


def weekly_style() -> str:
    return box(settings(), settings().newsletter("weekly"), Manner()).style


def test_the_words_on_the_button_can_be_read_on_any_accent() -> None:
    for accent, words in (("#ffff00", "#000000"), ("#000080", "#ffffff")):
        given = settings()
        colours = given.publication.colours.model_copy(update={"accent": accent, "paper": "#ffffff"})
        dyed = given.model_copy(update={"publication": given.publication.model_copy(update={"colours": colours})})
        assert f"background: {accent}; color: {words}" in box(dyed, dyed.newsletter("weekly"), Manner()).style


def test_bare_it_is_a_form_and_nothing_else() -> None:
    html = box(settings(), settings().newsletter("weekly"), BARE).html
    assert "<style" not in html
    assert "<script" not in html
    assert "style=" not in html
    assert ' aria-hidden="true" hidden>' in html


def test_there_is_none_for_what_nobody_can_subscribe_to() -> None:
    with pytest.raises(SettingsError, match="open is false"):
        box(settings(), settings().newsletter("closed"), Manner())
    homeless = settings().model_copy(update={"pages": settings().pages.model_copy(update={"url": ""})})
    with pytest.raises(SettingsError, match=r"\[pages\] url"):
        box(homeless, homeless.newsletter("weekly"), Manner())


def test_the_answer_comes_inside_the_box(browser: "Browser", house: House) -> None:
    made = weekly(house)
    with surfing(browser, house, html=made.html, timezone_id="Europe/Lisbon") as page:
        page.goto(f"{ARTICLE}?utm=7#comments")
        fill(page, ADDRESS)
        page.get_by_text("a mail from hello@lantern.example is on its way").wait_for()
        assert page.url.startswith(ARTICLE)
        assert page.evaluate("document.activeElement.className") == "digest-box-status"
        assert not page.get_by_role("button").is_visible()
    [wish] = house.wishes()
    assert (wish.address, wish.newsletters, wish.origin, wish.time_zone) == (ADDRESS, {"weekly"}, ARTICLE, "Europe/Lisbon")
    assert wish.wording == version(made.wording)
    with house.store() as connection:
        assert list(connection.scalars(select(Wording.text))) == [made.wording]


def test_a_mistake_is_told_in_the_box_and_can_be_mended(browser: "Browser", house: House) -> None:
    with surfing(browser, house, html=weekly(house).html) as page:
        page.goto(ARTICLE)
        fill(page, "ann@localhost")
        page.get_by_text("does not look like an e-mail address").wait_for()
        assert page.evaluate("document.activeElement.name") == "email"
        assert page.get_by_label("E-mail address").get_attribute("aria-invalid") == "true"
        fill(page, ADDRESS)
        page.get_by_text("is on its way").wait_for()
    assert [wish.address for wish in house.wishes()] == [ADDRESS]


def test_patience_is_asked_for_in_the_box_and_nothing_is_called_wrong(browser: "Browser", engine: Engine, now: datetime) -> None:
    house = House(engine=engine, now=now, settings=settings(minimum_seconds=0, sign_ups_per_client=1))
    house.subscribe("bob@example.org")
    with surfing(browser, house, html=weekly(house).html) as page:
        page.goto(ARTICLE)
        fill(page, ADDRESS)
        page.get_by_text("try again in a few minutes").wait_for()
        assert page.get_by_label("E-mail address").get_attribute("aria-invalid") == "false"
        assert page.get_by_role("button").is_enabled()


def test_two_boxes_on_one_page_do_not_mind_each_other(browser: "Browser", house: House) -> None:
    quick = box(house.settings, house.settings.newsletter("quick"), Manner(button="Yes"))
    with surfing(browser, house, html=weekly(house).html + quick.html) as page:
        page.goto(ARTICLE)
        page.get_by_label("E-mail address").last.fill(ADDRESS)
        page.get_by_role("button", name="Yes").click()
        page.get_by_text("Thank you").wait_for()
        assert page.get_by_role("button", name="Subscribe").is_visible()
    assert [wish.newsletters for wish in house.wishes()] == [{"quick"}]


@pytest.mark.parametrize("manner", [Manner(), BARE])
def test_without_script_it_takes_one_more_press_on_our_page(browser: "Browser", house: House, manner: Manner) -> None:
    with surfing(browser, house, html=weekly(house, manner).html, java_script_enabled=False) as page:
        page.goto(ARTICLE)
        fill(page, ADDRESS)
        page.get_by_role("button", name="Yes, subscribe me").click()
        page.get_by_role("heading", name="Please look into your mailbox").wait_for()
    assert [(wish.address, wish.origin) for wish in house.wishes()] == [(ADDRESS, "https://lantern.example")]


def test_where_only_the_box_has_no_script_our_page_goes_on_by_itself(browser: "Browser", house: House) -> None:
    with surfing(browser, house, html=weekly(house, BARE).html) as page:
        page.goto(ARTICLE)
        fill(page, ADDRESS)
        page.get_by_role("heading", name="Please look into your mailbox").wait_for()
    assert len(house.wishes()) == 1


def test_when_its_script_cannot_reach_us_the_browser_sends_the_form(browser: "Browser", house: House) -> None:
    with surfing(browser, house, html=weekly(house).html) as page:
        page.context.route(f"{SITE}/stamp", lambda route: route.abort())
        page.goto(ARTICLE)
        fill(page, ADDRESS)
        page.get_by_role("heading", name="Please look into your mailbox").wait_for()
    assert len(house.wishes()) == 1


def test_a_site_with_a_strict_policy_allows_what_the_command_says(browser: "Browser", house: House) -> None:
    made = weekly(house)
    allowed = {"form-action": SITE, "connect-src": SITE, **made.policy}
    policy = "; ".join(("default-src 'none'", *(f"{directive} {source}" for directive, source in allowed.items())))
    with surfing(browser, house, html=made.html, policy=policy) as page:
        page.goto(ARTICLE)
        fill(page, ADDRESS)
        page.get_by_text("is on its way").wait_for()


@pytest.mark.parametrize("path", [ARTICLE, f"{SITE}/subscribe/weekly", f"{SITE}/box/weekly"])
def test_a_proof_of_work_is_found_while_the_form_is_filled_in(browser: "Browser", engine: Engine, now: datetime, path: str) -> None:
    house = House(engine=engine, now=now, settings=settings(minimum_seconds=0, proof_of_work=9))
    with surfing(browser, house, html=weekly(house).html) as page:
        page.goto(path)
        page.get_by_label("E-mail address").first.fill(ADDRESS)
        page.get_by_role("button", name="Subscribe").first.click()
        page.get_by_text("mailbox").first.wait_for()
        page.wait_for_function("() => /is on its way|It only begins once/i.test(document.body.innerText)")
    assert [wish.address for wish in house.wishes()] == [ADDRESS]


def test_the_page_of_the_box_shows_lines_that_work(browser: "Browser", house: House) -> None:
    with surfing(browser, house) as page:
        page.goto(f"{SITE}/box/weekly")
        lines = page.get_by_label("The box as HTML").input_value()
    assert lines == weekly(house).html
    assert house.client.get("/box/closed").status_code == 404
    assert house.client.get("/box/nothing").status_code == 404
