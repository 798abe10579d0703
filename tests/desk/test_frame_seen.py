"""What a hostile comment or theme can do in a frame, in a real browser: nothing. Requests are recorded, and even a connection would be noticed."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from digest.content.values import Image
from digest.database import open_database
from tests.desk.entering import House
from tests.desk.showing import PATH, add_article, add_comment, filled, looking, own_theme
from tests.test_deliver import SLOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SCRIPTS = """
<script>document.title = "run"; fetch("https://thief.example/fetched"); parent.document.body.remove()</script>
<img src="x" onerror="document.title = 'run'"><svg onload="document.title = 'run'"></svg>
<iframe src="https://thief.example/frame"></iframe><object data="https://thief.example/object"></object><embed src="https://thief.example/embed">
<form action="https://thief.example/form"><button id="send">Send</button></form>
<link rel="stylesheet" href="https://thief.example/style.css"><link rel="prefetch" href="https://thief.example/prefetch">
<meta http-equiv="refresh" content="0;url=https://thief.example/refresh">
<base href="https://thief.example/">
<video src="https://thief.example/film" autoplay poster="https://thief.example/poster.png"></video>
<audio src="https://thief.example/sound" autoplay></audio>
<style data-premailer="ignore" data-css-inline="keep">@import url(https://thief.example/import.css);
@font-face {{ font-family: x; src: url(https://thief.example/font) }}
p {{ font-family: x; background: url(https://thief.example/background.png) }}</style>
<img src="https://thief.example/pixel.gif" alt="" srcset="https://thief.example/set.gif 2x"><input type="image" src="https://thief.example/input.png">
<a id="away" href="https://thief.example/away">Away</a> <a id="top" target="_top" href="https://thief.example/top">Top</a>
<a id="script" href="javascript:document.title='run'">Script</a> <a id="ping" ping="https://thief.example/ping" href="https://thief.example/pinged">Ping</a>
""".replace("{{", "{").replace("}}", "}")


@pytest.fixture
def house(sqlite_template: Path, tmp_path: Path) -> Iterator[House]:
    path = tmp_path / "seen.db"
    path.write_bytes(sqlite_template.read_bytes())
    engine = open_database(f"sqlite:///{path}")
    yield filled(House(engine=engine, folder=tmp_path, now=SLOT - timedelta(hours=2)))
    engine.dispose()


@contextmanager
def listener() -> Iterator[tuple[int, socket.socket]]:
    """A port that nobody has a reason to come to."""
    with socket.create_server(("127.0.0.1", 0)) as opened:
        opened.settimeout(0)
        yield opened.getsockname()[1], opened


def came(opened: socket.socket) -> bool:
    try:
        opened.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def test_a_hostile_comment_is_words(browser: "Browser", house: House) -> None:
    add_comment(
        house,
        2,
        body=f"<p>This is what I think of the kettle, and of the house that it was found in, said the neighbour. {SCRIPTS}</p>",
        votes_up=900,
    )
    add_article(house, 1, title='<img src=x onerror="document.title=1">The kettle & <script>alert(1)</script>its lid')
    with looking(browser, house) as sight:
        title = sight.page.title()
        sight.go(PATH)
        sight.frame().get_by_text("This is what I think of the kettle").first.wait_for()
        assert sight.asked == []
        assert sight.frame().locator("script, iframe, form, object, svg").count() == 0
        assert sight.page.title() != "run"
        assert title


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_a_hostile_theme_runs_nothing_and_reaches_nobody(browser: "Browser", house: House, colours: str) -> None:
    with listener() as (port, opened):
        hints = f'<link rel="preconnect" href="http://127.0.0.1:{port}"><link rel="dns-prefetch" href="http://127.0.0.1:{port}">'
        own_theme(
            house,
            "preheader.html",
            "{% raw %}" + SCRIPTS.replace("https://thief.example", f"http://127.0.0.1:{port}") + hints + "{% endraw %}" + SCRIPTS,
        )
        with looking(browser, house) as sight:
            sight.go(f"{PATH}?colours={colours}")
            frame = sight.frame()
            frame.locator("#away").first.wait_for()
            title, address = sight.page.title(), sight.page.url
            for link in ("#away", "#top", "#script", "#ping", "#send"):
                frame.locator(link).first.click()
                frame.locator(link).first.press("Enter")
            frame.locator("#away").first.wait_for()
            assert sight.page.context.pages == [sight.page]
            assert (sight.page.title(), sight.page.url) == (title, address)
            assert sight.page.locator("main").count() == 1
            assert sight.asked == []
        assert not came(opened)


def test_a_frame_opened_by_itself_may_do_no_more(browser: "Browser", house: House) -> None:
    own_theme(house, "preheader.html", "{% raw %}" + SCRIPTS + "{% endraw %}")
    with looking(browser, house) as sight:
        sight.go(f"{PATH}/frame")
        sight.page.locator("#away").first.wait_for()
        assert sight.page.title() != "run"
        assert sight.page.evaluate("self.origin") == "null"
        assert sight.asked == []


def test_the_editions_own_pictures_are_asked_for_and_no_others(browser: "Browser", house: House) -> None:
    address = "https://lamp.example/pictures/kettle-600x400.jpg"
    add_article(house, 3, image=Image(url=address, alt="A kettle", width=600, height=400))
    own_theme(house, "preheader.html", '<img src="https://lamp.example/pictures/other.jpg" alt="" id="other">')
    with looking(browser, house, pictures=True) as sight:
        sight.go(f"{PATH}?device=phone")
        sight.page.wait_for_function("() => document.querySelector('iframe')")
        sight.frame().locator("#other").wait_for(state="attached")
        sight.page.wait_for_load_state("networkidle")
        assert set(sight.asked) == {address}
        sight.asked.clear()
        sight.go(f"{PATH}?device=phone&pictures=off")
        sight.frame().locator("#other").wait_for(state="attached")
        assert sight.asked == []


@pytest.mark.parametrize("mine", ["light", "dark"])
def test_a_frame_is_light_or_dark_as_it_is_asked_for(browser: "Browser", house: House, mine: str) -> None:
    """Whatever the editor's own browser is set to."""
    with looking(browser, house, color_scheme=mine) as sight:
        sight.go(f"{PATH}?colours=both&device=phone")
        grounds = [sight.frame(f"frame {number}").locator("body").evaluate("body => getComputedStyle(body).backgroundColor") for number in (1, 2)]
        colours = house.studio.settings.publication.colours
        assert grounds == [rgb(colours.ground), rgb(colours.ground_dark)]


def rgb(colour: str) -> str:
    return f"rgb({', '.join(str(int(colour[place : place + 2], 16)) for place in (1, 3, 5))})"
