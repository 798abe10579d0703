"""Makes the README's picture of the readers' pages: the box, the page to subscribe and a reader's own page. Needs Chromium (`make pictures`)."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Route, sync_playwright
from sheet import chromium, lay_out

from digest.demo.show import CLOCK, NEWSLETTER, show
from digest.listen import Listen
from digest.settings import read
from digest.web.app import application
from digest.web.reception import Reception
from digest.web.serve import serving
from digest.wiring import open_store, signing_keys
from subscribers.people import find
from subscribers.tokens import Purpose, sign

HERE = Path(__file__).parent
HEIGHT = 820


def screenshot(browser: Browser, folder: Path, address: str, *, width: int, dark: bool, language: str = "en") -> Path:
    """A picture of the page at `address`, as a file in `folder`. The paper's own pictures come from there: its site does not exist."""
    context = browser.new_context(viewport={"width": width, "height": HEIGHT}, color_scheme="dark" if dark else "light", locale=language)

    def lend(route: Route) -> None:
        route.fulfill(path=folder / "images" / route.request.url.rpartition("/")[2])

    context.route("**/images/*", lend)
    shown = context.new_page()
    shown.goto(address)
    target = folder / f"{width}-{language}-{'dark' if dark else 'light'}.png"
    shown.screenshot(path=target)
    context.close()
    return target


def main() -> None:
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        folder = Path(place) / "demo"
        show(folder, step=lambda text: None)
        settings = read(folder / "digest.toml", {})
        engine, keys = open_store(settings), signing_keys(settings)
        with engine.begin() as connection:
            reader = find(connection, newsletter=NEWSLETTER, limit=1)[0]
        own = sign(Purpose.PREFERENCES, reader.subscriber_token, keys)
        reception = Reception(engine=engine, settings=settings, keys=keys, clock=lambda: CLOCK, wake=lambda: None)
        browser = chromium(playwright)
        with serving(application(reception), Listen(host="127.0.0.1", port=0)) as listen:
            site = f"http://127.0.0.1:{listen.port}"
            shots = [
                screenshot(browser, folder, f"{site}/box/{NEWSLETTER}", width=720, dark=False),
                screenshot(browser, folder, f"{site}/subscribe/{NEWSLETTER}", width=375, dark=False, language="de"),
                screenshot(browser, folder, f"{site}/preferences/{own}", width=375, dark=True),
            ]
        lay_out(browser, shots, HERE / "pages.png", width=1650, height=HEIGHT)
        browser.close()
        engine.dispose()
    sys.stdout.write(f"Wrote {HERE / 'pages.png'}\n")


if __name__ == "__main__":
    main()
