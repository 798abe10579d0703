"""Makes the README's picture: the demo's mail on a desktop and on a phone, light and dark, side by side. Needs Chromium (`make pictures`)."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from sheet import chromium, lay_out

from digest.demo.show import show

HERE = Path(__file__).parent
HEIGHT = 1240


def screenshot(browser: Browser, page: Path, *, width: int, dark: bool, top: int) -> Path:
    """A picture of `page` from `top` downward, as a file beside it."""
    context = browser.new_context(viewport={"width": width, "height": HEIGHT}, color_scheme="dark" if dark else "light")
    shown = context.new_page()
    shown.goto(page.as_uri())
    target = page.parent / f"{width}-{'dark' if dark else 'light'}.png"
    shown.screenshot(path=target, full_page=True, clip={"x": 0, "y": top, "width": width, "height": HEIGHT})
    context.close()
    return target


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        show(Path(folder) / "demo", step=lambda text: None)
        page = Path(folder) / "demo" / "mail.html"
        browser = chromium(playwright)
        shots = [
            screenshot(browser, page, width=720, dark=False, top=0),
            screenshot(browser, page, width=375, dark=False, top=860),
            screenshot(browser, page, width=375, dark=True, top=0),
        ]
        lay_out(browser, shots, HERE / "mail.png", width=1650, height=HEIGHT)
        browser.close()
    sys.stdout.write(f"Wrote {HERE / 'mail.png'}\n")


if __name__ == "__main__":
    main()
