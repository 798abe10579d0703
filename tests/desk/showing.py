"""A desk over a store with a week's articles, in this process and in a real browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from digest.content.store import save_articles, save_comments
from digest.desk import app
from digest.listen import Listen
from digest.web.serve import serving
from tests.desk.entering import House
from tests.render.browser import drawing
from tests.test_deliver import SLOT, article, comment, fill

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

PATH = "/edition/weekly/weekly/20261123T0700Z"
AXE = {"resultTypes": ["violations"], "preload": False}


@dataclass(kw_only=True)
class Sight:
    """A browser's window onto the desk. `asked`: the addresses of all that it asked for, but for the desk's own."""

    page: "Page"
    root: str
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        self.page.goto(self.root + path)

    def frame(self, name: str = "frame 1") -> Any:
        return self.page.frame_locator(f'[data-live="{name}"]')


@contextmanager
def looking(browser: "Browser", house: House, *, width: int = 1280, pictures: bool = False, **context: Any) -> Iterator[Sight]:
    """A browser that has opened the one-time link of a desk on a real port. Nothing leaves this machine; `pictures` are drawn on the spot."""
    entrance = house.entrance()
    opened = browser.new_context(viewport={"width": width, "height": 1_000}, **context)
    with serving(app.application(house.studio, entrance), Listen(host="127.0.0.1")) as address:
        sight = Sight(page=opened.new_page(), root=f"http://{address}")

        def elsewhere(route: "Route") -> None:
            if route.request.url.startswith(f"{sight.root}/"):
                route.continue_()
                return
            sight.asked.append(route.request.url)
            if pictures and route.request.resource_type == "image":
                route.fulfill(status=200, content_type="image/svg+xml", body=drawing(route.request.url))
            else:
                route.abort()

        opened.route("**/*", elsewhere)
        opened.set_default_timeout(10_000)
        sight.page.on("pageerror", lambda error: sight.complaints.append(str(error)))
        sight.go(entrance.links.make(house.now))
        try:
            yield sight
        finally:
            house.studio.closing.set()
            opened.close()
    house.studio.closing.clear()


def add_article(house: House, number: int, **changes: Any) -> None:
    """One more article of the week."""
    with house.engine.begin() as connection:
        save_articles(connection, "site", [replace(article(number), **changes)], now=SLOT - timedelta(days=8), first=False)


def add_comment(house: House, number: int, **changes: Any) -> None:
    with house.engine.begin() as connection:
        save_comments(connection, "site", [replace(comment(number), **changes)], now=SLOT - timedelta(days=1))


def filled(house: House, articles: int = 8, readers: int = 3) -> House:
    fill(house.engine, articles=articles, readers=readers)
    return house


def own_theme(house: House, name: str, text: str) -> None:
    """A file of the publication's own classic theme."""
    file = house.folder / "themes" / "classic" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def found(sight: Sight) -> list[str]:
    """What axe complains of, and whether anything has to be scrolled sideways."""
    from axe_playwright_python.sync_playwright import Axe

    wrong = [f"{one['id']}: {one['nodes'][0]['html']}" for one in Axe().run(sight.page, options=AXE).response["violations"]]
    wide = sight.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [*wrong, *([f"{wide} pixels too wide"] if wide else [])]
