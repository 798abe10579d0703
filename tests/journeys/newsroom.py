"""The editors' desk by the real command, over the demo's paper and before a draft that waits for approval, and editors who sit down at it."""

import re
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digest.accounts import staff
from digest.accounts.roles import DeskRole
from digest.demo.show import CLOCK, stock
from digest.due import publish_due
from digest.settings import read
from digest.wiring import open_database_of
from tests.journeys.paper import Mailbox, Publication, over_smtp
from tests.journeys.person import AtTheKeyboard, Person, wrong_on

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FrameLocator

EDITION = "/edition/weekly/weekly/20261123T0700Z"
PASSWORD = "four words in a row"
STAFF = {"Ana": DeskRole.ADMIN, "Ben": DeskRole.PUBLISHER, "Carl": DeskRole.WRITER}
WAIT = 60_000  # ms
SCHEDULE = 'schedule = "0 7 * * 1"\n'


def stocked(folder: Path) -> Path:
    """The demo's content and readers, a draft that was made at its cut-off, and nobody's account."""
    made = stock(folder, step=lambda told: None)
    file = folder / "digest.toml"
    file.write_text(file.read_text().replace(SCHEDULE, f'{SCHEDULE}review = "approve"\n'))
    settings = read(file, {})
    cutoff = settings.newsletter("weekly").cutoff_of(CLOCK)
    assert len(list(publish_due(made.engine, settings, now=cutoff, recheck=lambda articles, comments: 0))) == 1
    made.engine.dispose()
    return folder


def give_accounts(paper: Publication) -> None:
    engine = open_database_of(read(paper.folder / "digest.toml", {}))
    for name, role in STAFF.items():
        staff.add(engine, name, role, PASSWORD, who="root", now=CLOCK)
    engine.dispose()


class AtTheDesk(Person):
    """Whoever looks at the desk: its pages are looked over in a journey of their own."""

    def look(self) -> None:
        self.met.append(self.page.locator("h1").inner_text())

    def look_over(self, page: str) -> None:
        """On a phone and on a desktop, light and dark."""
        for width in (360, 1280):
            self.page.set_viewport_size({"width": width, "height": 900})
            self.complaints += [f"{page}, {width} wide: {wrong}" for wrong in wrong_on(self.page)]

    def sign_in(self, name: str) -> None:
        self.fill("#name", name)
        self.fill("#password", PASSWORD)
        self.press(".sign-in button")

    def order(self) -> list[str]:
        """The stories' numbers, as they stand."""
        return [str(one) for one in self.page.eval_on_selector_all(".story", "stories => stories.map(one => one.dataset.story)")]

    def stands(self, story: str, place: int) -> None:
        """Waits until the story is in that place, counted from 0."""
        self.page.locator(".story").nth(place).and_(self.page.locator(f'[data-story="{story}"]')).wait_for()

    def told(self, words: str) -> None:
        """Waits until that is said to whoever does not see it."""
        self.page.locator("#said", has_text=words).wait_for(state="attached")

    def frame(self, name: str) -> "FrameLocator":
        return self.page.frame_locator(name)


class KeysOnly(AtTheKeyboard, AtTheDesk):
    """Who has no mouse."""

    def save(self, selector: str) -> bytes:
        """What the link gives to keep."""
        with self.page.expect_download() as begun:
            self.use(selector)
        return begun.value.path().read_bytes()

    def walk_to(self, story: str) -> None:
        """From one story's handle to another's."""
        self._reach(".handle")
        while not self.page.evaluate("story => document.activeElement.closest('.story').dataset.story === story", story):
            self.page.keyboard.press("j")


class AtTheMouse(AtTheDesk):
    def drag(self, story: str, onto: str) -> None:
        """By its handle, to above another."""
        (x, y), (there_x, there_y) = self._ends(story, onto)
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(there_x, there_y, steps=8)
        self.page.mouse.up()

    def _ends(self, story: str, onto: str) -> tuple[tuple[float, float], tuple[float, float]]:
        """Where the drag begins and where it ends, with both of them in the window."""
        self.page.locator(f"#story-{onto}").evaluate("story => story.scrollIntoView({block: 'center'})")
        handle, target = (self.page.locator(f"#{one}").bounding_box() for one in (f"handle-{story}", f"story-{onto}"))
        assert handle
        assert target
        return (handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2), (target["x"] + 60, target["y"] + 6)


class AtTheGlass(AtTheMouse):
    """With a finger: what Playwright has no word for, a touch that moves, is told to Chromium itself."""

    def use(self, selector: str) -> None:
        self.page.locator(selector).tap()

    def drag(self, story: str, onto: str) -> None:
        (x, y), (there_x, there_y) = self._ends(story, onto)
        glass = self.page.context.new_cdp_session(self.page)
        way = [{"x": x + (there_x - x) * step / 8, "y": y + (there_y - y) * step / 8} for step in (*range(9), 8)]
        moves = [("touchStart", way[:1]), *(("touchMove", [point]) for point in way), ("touchEnd", [])]
        begun = time.time() - len(moves)
        for second, (kind, points) in enumerate(moves):  # so slowly that it is no fling: Chromium hears no tap while one goes on
            glass.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points, "timestamp": begun + second})
        glass.detach()


@dataclass(frozen=True, kw_only=True)
class Newsroom:
    """A desk that is open. `link` is where its editors begin: the link that works once, or the desk itself."""

    paper: Publication
    browser: "Browser"
    link: str

    @property
    def root(self) -> str:
        return "/".join(self.link.split("/")[:3])

    @contextmanager
    def somebody(self, kind: type[AtTheDesk] = AtTheDesk, **context: Any) -> Iterator[Any]:
        """Before a window of their own, that reaches nothing but the desk. At the end nothing may be wrong with what they met."""
        opened = self.browser.new_context(**{"viewport": {"width": 1280, "height": 1000}, **context})
        opened.set_default_timeout(WAIT)
        opened.route(re.compile(rf"^(?!{re.escape(self.root)}/)"), lambda route: route.abort())
        person = kind(page=opened.new_page())
        person.page.on("pageerror", lambda error: person.complaints.append(str(error)))
        yield person
        opened.close()
        assert person.complaints == [], "\n".join(person.complaints)


@contextmanager
def newsroom(store: Path, folder: Path, mailbox: Mailbox, browser: "Browser", *, shared: bool = False) -> Iterator[Newsroom]:
    """A desk of this store's own copy, which sends to the mailbox; with `shared`, for whoever has an account."""
    paper = Publication(folder=Path(shutil.copytree(store, folder / "paper")))
    over_smtp(paper, mailbox)
    if shared:
        give_accounts(paper)
    process = paper.start("desk", "--no-open", "--listen", "127.0.0.1:0")
    assert process.stdout is not None
    link = next(found[0] for line in process.stdout if (found := re.search(r"http://\S+", line)))
    try:
        yield Newsroom(paper=paper, browser=browser, link=link)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
        assert (process.returncode, "Traceback" in said) == (0, False), said
    finally:
        process.kill()
        process.communicate()
