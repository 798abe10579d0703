"""Makes the README's picture of the editors' desk: an edition before its slot, seen and changed. Needs Chromium (`make pictures`)."""

import os
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page, Route, sync_playwright
from sheet import chromium, lay_out

from digest.demo.show import CLOCK, stock
from digest.desk.app import application
from digest.desk.door.entrance import open_entrance
from digest.desk.studio import Studio
from digest.listen import Listen
from digest.web.serve import serving

HERE = Path(__file__).parent
WIDTH, HEIGHT = 1180, 1000
EDITION = f"/edition/weekly/weekly/{CLOCK:%Y%m%dT%H%MZ}"


def opened(browser: Browser, folder: Path, *, dark: bool) -> Page:
    """A window onto the desk. The paper's own pictures come from its folder: its site does not exist."""
    context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="dark" if dark else "light")

    def lend(route: Route) -> None:
        route.fulfill(path=folder / "images" / route.request.url.rpartition("/")[2])

    context.route("**/images/*", lend)
    return context.new_page()


def main() -> None:
    os.environ["LOGNAME"] = "mags"  # whose desk it is
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        folder = Path(place) / "demo"
        stocked = stock(folder, step=lambda text: None)

        def clock() -> datetime:
            return CLOCK - timedelta(minutes=40)

        studio = Studio(engine=stocked.engine, file=folder / "digest.toml", environment={}, clock=clock)
        listen = Listen(host="127.0.0.1", port=0)
        entrance = open_entrance(stocked.engine, stocked.settings.desk, listen, keys=studio.keys, clock=clock)
        browser = chromium(playwright)
        with serving(application(studio, entrance), listen) as address:
            shots = [shot(browser, folder, f"http://{address}", entrance.links.make(clock()), path, dark=dark) for path, dark in PAGES]
            studio.closing.set()
        lay_out(browser, shots, HERE / "desk.png", width=2 * WIDTH + 136, height=HEIGHT)
        browser.close()
        stocked.engine.dispose()
    sys.stdout.write(f"Wrote {HERE / 'desk.png'}\n")


PAGES = ((EDITION, False), (f"{EDITION}/content", True))


def shot(browser: Browser, folder: Path, site: str, link: str, path: str, *, dark: bool) -> Path:
    """A picture of one page of the desk, as a file in `folder`."""
    page = opened(browser, folder, dark=dark)
    page.goto(site + link)
    page.goto(site + path, wait_until="load")
    page.frame_locator("iframe").first.locator("h1").first.wait_for()
    target = folder / f"{'dark' if dark else 'light'}.png"
    page.screenshot(path=target)
    page.context.close()
    return target


if __name__ == "__main__":
    main()
