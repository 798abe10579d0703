"""Signing in and the pages of the people who edit, in a real browser: by keyboard, light and dark, small and wide; and what other sites try."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from digest.accounts import staff
from digest.accounts.roles import DeskRole
from digest.database import open_database
from digest.desk.app import application
from digest.listen import Listen
from digest.web.serve import serving
from tests.desk.entering import House
from tests.web.test_pages_seen import found

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
PASSWORD = "four words in a row"
VIEWS = [{"width": 360, "color_scheme": "dark"}, {"width": 1280, "color_scheme": "light"}]
NEIGHBOUR = "http://127.0.0.1:9"  # another port of this machine: the same site to a browser, which sends our cookie along
STRANGER = "http://evil.example"


@pytest.fixture
def house(sqlite_template: Path, tmp_path: Path) -> Iterator[House]:
    path = tmp_path / "seen.db"
    path.write_bytes(sqlite_template.read_bytes())
    engine = open_database(f"sqlite:///{path}")
    yield House(engine=engine, folder=tmp_path, now=NOW)
    engine.dispose()


@pytest.fixture
def staffed(house: House) -> House:
    """With three people, one of them gone."""
    ana = staff.add(house.engine, "Ana", DeskRole.ADMIN, PASSWORD, who="root", now=NOW)
    staff.add(house.engine, "Benedetta Ashdown-Finch", DeskRole.PUBLISHER, PASSWORD, who="Ana", now=NOW)
    carl = staff.add(house.engine, "<b>Carl</b>", DeskRole.WRITER, PASSWORD, who="Ana", now=NOW)
    staff.close(house.engine, carl, who="Ana", now=NOW)
    staff.give_password(house.engine, ana, PASSWORD, who="root", now=NOW)
    return house


@contextmanager
def at(browser: "Browser", house: House, *, width: int = 1280, elsewhere: str = "", **context: Any) -> Iterator[tuple["Page", str]]:
    """A window onto the desk on a real port, and its address; on every other site stands the page `elsewhere`."""
    opened = browser.new_context(viewport={"width": width, "height": 900}, **context)
    with serving(application(house.studio, house.entrance()), Listen(host="127.0.0.1")) as address:
        root = f"http://{address}"

        def answer(route: "Route") -> None:
            if route.request.url.startswith(f"{root}/"):
                route.continue_()
            else:
                route.fulfill(status=200, content_type="text/html", body=elsewhere.replace("ROOT", root))

        opened.route("**/*", answer)
        yield opened.new_page(), root
        house.studio.closing.set()
        opened.close()
    house.studio.closing.clear()


def sign_in(page: "Page", name: str = "Ana", password: str = PASSWORD) -> None:
    """With the keyboard alone, from wherever the page puts the focus."""
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")


def test_one_signs_in_by_keyboard_and_gets_to_where_one_wanted(browser: "Browser", staffed: House) -> None:
    with at(browser, staffed) as (page, root):
        page.goto(f"{root}/log?what=account")
        assert page.title().startswith("Sign in")
        sign_in(page, password="wrong words in a row")
        page.get_by_role("alert").wait_for()
        assert page.locator("#name").input_value() == "Ana"
        assert page.evaluate("document.activeElement.id") == "password"
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Log").wait_for()
        assert page.url == f"{root}/log?what=account"
        page.get_by_role("button", name="Sign out").press("Enter")
        page.locator("#password").wait_for()
        page.goto(f"{root}/log")
        assert page.title().startswith("Sign in")


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_every_page_is_right_for_everybody(browser: "Browser", staffed: House, view: dict[str, Any]) -> None:
    wrong = {}
    with at(browser, staffed, **view) as (page, root):
        page.goto(f"{root}/")
        wrong["sign in"] = found(page)
        sign_in(page, password="wrong")
        page.get_by_role("alert").wait_for()
        wrong["refused"] = found(page)
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.locator(".visitor").wait_for()
        for path in ("/editors", "/me", "/log", "/log?who=nobody"):
            page.goto(root + path)
            for summary in page.locator("main summary").all():
                summary.press("Enter")
            wrong[path] = found(page)
    assert {name: complaints for name, complaints in wrong.items() if complaints} == {}


def test_a_closed_desk_says_what_to_do(browser: "Browser", house: House) -> None:
    with at(browser, house, width=360) as (page, root):
        page.goto(f"{root}/")
        assert "digest desk" in page.locator("main").inner_text()
        assert found(page) == []


def test_somebody_is_let_in_and_closed_out_by_keyboard(browser: "Browser", staffed: House) -> None:
    with at(browser, staffed) as (page, root):
        page.goto(f"{root}/editors")
        sign_in(page)
        page.locator("#name").focus()
        page.keyboard.type("Dora")
        page.keyboard.press("Tab")
        page.keyboard.press("ArrowDown")  # from writer to publisher
        page.keyboard.press("Tab")
        page.keyboard.type("yet another four words")
        page.keyboard.press("Enter")
        card = page.locator(".card", has_text="Dora")
        assert card.locator(".badge").inner_text() == "publisher"
        card.locator("summary").press("Enter")
        card.get_by_role("button", name="Close the account").press("Enter")
        page.get_by_role("status").filter(has_text="The account is closed").wait_for()
        assert page.locator(".card", has_text="Dora").count() == 0
        assert "<b>Carl</b>" in page.locator("main").inner_text()


def test_a_link_in_a_mail_finds_who_is_signed_in(browser: "Browser", staffed: House) -> None:
    """Though the browser keeps the strict cookie back from a link on another site."""
    with at(browser, staffed, elsewhere='<a href="ROOT/log?what=account">The draft is ready</a>') as (page, root):
        page.goto(f"{root}/")
        sign_in(page)
        page.locator(".visitor").wait_for()
        page.goto(STRANGER)
        page.get_by_role("link").click()
        page.get_by_role("heading", name="Log").wait_for()
        assert page.url == f"{root}/log?what=account"


@pytest.mark.parametrize("site", [STRANGER, NEIGHBOUR])
def test_no_other_site_does_anything_in_ones_name(browser: "Browser", staffed: House, site: str) -> None:
    form = '<form method="post" action="ROOT/sign-out"><input name="csrf" value="x"><button>See the cat</button></form>'
    with at(browser, staffed, elsewhere=form) as (page, root):
        page.goto(f"{root}/")
        sign_in(page)
        page.locator(".visitor").wait_for()
        page.goto(site)
        with page.expect_response(f"{root}/sign-out") as answered:
            page.get_by_role("button").click()
        assert answered.value.status == 403
        page.goto(f"{root}/log")
        assert page.locator(".visitor").count() == 1


@pytest.mark.parametrize("site", [STRANGER, NEIGHBOUR])
def test_no_other_site_shows_the_desk_in_a_frame_or_reads_it(browser: "Browser", staffed: House, site: str) -> None:
    with at(browser, staffed, elsewhere='<iframe src="ROOT/log"></iframe>') as (page, root):
        page.goto(f"{root}/")
        sign_in(page)
        page.locator(".visitor").wait_for()
        page.goto(site)
        assert [frame.locator(".visitor").count() for frame in page.frames[1:]] == [0]
        read = "address => fetch(address, {credentials: 'include'}).then(answer => answer.text(), () => 'nothing')"
        assert page.evaluate(read, f"{root}/log") == "nothing"
