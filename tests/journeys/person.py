"""Somebody before a screen: with a finger or a mouse, or with nothing but a keyboard. Whatever page they meet is looked over."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.journeys.web_server import WebServer
from tests.render.browser import CHROMIUM, FLAGS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

TABS = 250  # to any field of a page, and to spare
ACTIVE = "selector => document.activeElement.matches(selector)"
CHOSEN = "document.activeElement.selectedOptions[0].label"
WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass
class Person:
    """`scripted` is whether pages may run scripts: axe is one. `met` are the headings of the pages that were met, `complaints` what is wrong with
    them: axe's, in light and in dark, and the console's."""

    page: "Page"
    met: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    scripted: bool = True

    def go(self, address: str) -> None:
        self.page.goto(address)
        self.look()

    def press(self, selector: str) -> None:
        """A button or link that leads to another page."""
        with self.page.expect_navigation():
            self.use(selector)
        self.look()

    def use(self, selector: str) -> None:
        self.page.locator(selector).click()

    def tick(self, selector: str) -> None:
        self.page.locator(selector).check()

    def pick(self, name: str, value: str) -> None:
        """One of several that go by one name."""
        self.page.locator(f'input[name="{name}"][value="{value}"]').check()

    def fill(self, selector: str, text: str) -> None:
        self.page.locator(selector).fill(text)

    def choose(self, selector: str, words: str) -> None:
        self.page.locator(selector).select_option(label=words)

    def there(self, selector: str) -> bool:
        return self.page.locator(selector).count() > 0

    def look(self) -> None:
        heading = self.page.locator("h1").inner_text()
        if self.scripted and heading not in self.met:
            self.complaints += [f"{heading}: {wrong}" for wrong in wrong_on(self.page)]
        self.met.append(heading)


class AtTheKeyboard(Person):
    """Tab, Space, Enter and letters; a page that cannot be used so fails the test."""

    def use(self, selector: str) -> None:
        self._reach(selector)
        self.page.keyboard.press("Enter")

    def tick(self, selector: str) -> None:
        self._reach(selector)
        self.page.keyboard.press("Space")

    def pick(self, name: str, value: str) -> None:
        self._reach(f'input[name="{name}"]')
        for _ in range(TABS):
            if self.page.evaluate(ACTIVE, f'[value="{value}"]:checked'):
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"“{value}” of {name} cannot be picked on “{self.met[-1]}”")

    def fill(self, selector: str, text: str) -> None:
        self._reach(selector)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)

    def choose(self, selector: str, words: str) -> None:
        self._reach(selector)
        for _ in range(TABS):
            if self.page.evaluate(CHOSEN) == words:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"“{words}” cannot be chosen on “{self.met[-1]}”")

    def _reach(self, selector: str) -> None:
        for _ in range(TABS):
            if self.page.evaluate(ACTIVE, selector):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{selector} is not reached by Tab on “{self.met[-1]}”")


@contextmanager
def world(browser: "Browser", server: WebServer) -> Iterator["Browser"]:
    """A browser to which every name is this web server's."""
    names = f"--host-resolver-rules=MAP * 127.0.0.1:{server.port}"
    made = browser.browser_type.launch(executable_path=str(CHROMIUM), args=[*FLAGS, names])
    yield made
    made.close()


@contextmanager
def somebody(world: "Browser", kind: type[Person] = Person, *, width: int = 1200, height: int = 900, **context: Any) -> Iterator[Person]:
    """Before a window of this size. At the end, none of the pages they met may be wrong."""
    opened = world.new_context(viewport={"width": width, "height": height}, ignore_https_errors=True, **context)
    person = kind(page=opened.new_page(), scripted=context.get("java_script_enabled", True))
    person.page.on("pageerror", lambda error: person.complaints.append(str(error)))
    person.page.on("console", lambda said: person.complaints.append(said.text) if "Content Security Policy" in said.text else None)
    yield person
    found = [*person.complaints, *(f"a cookie called {cookie.get('name')}" for cookie in opened.cookies())]
    opened.close()
    assert found == [], "\n".join(found)


def wrong_on(page: "Page") -> list[str]:
    """What axe complains of, the colours also in the dark, and what has to be scrolled sideways."""
    from axe_playwright_python.sync_playwright import Axe

    found = []
    for scheme, rules in (("light", None), ("dark", {"type": "rule", "values": ["color-contrast"]})):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        options = {"resultTypes": ["violations"], "preload": False, **({"runOnly": rules} if rules else {})}
        found += [f"{one['id']}, {scheme}: {one['nodes'][0]['html']}" for one in Axe().run(page, options=options).response["violations"]]
    wide = page.evaluate(WIDE)
    return [*found, *([f"{wide} pixels too wide"] if wide else [])]
