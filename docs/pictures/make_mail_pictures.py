"""Makes the README's picture: the demo's mail on a desktop and on a phone, light and dark, side by side. Needs Chromium (`make pictures`)."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from digest.demo.show import show

HERE = Path(__file__).parent
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
HEIGHT = 1240

SHEET = """<!DOCTYPE html><meta charset="utf-8"><style>
body {{ margin: 0; padding: 48px; background: #d9dde0; display: flex; gap: 40px; align-items: flex-start; width: max-content; }}
figure {{ margin: 0; border-radius: 10px; overflow: hidden; box-shadow: 0 10px 40px rgb(20 30 40 / 28%); height: {height}px; }}
img {{ display: block; }}
</style>{figures}"""


def screenshot(browser: Browser, page: Path, *, width: int, dark: bool, top: int) -> str:
    """A picture of `page` from `top` downward, as the address of a file beside it."""
    context = browser.new_context(viewport={"width": width, "height": HEIGHT}, color_scheme="dark" if dark else "light")
    shown = context.new_page()
    shown.goto(page.as_uri())
    target = page.parent / f"{width}-{'dark' if dark else 'light'}.png"
    shown.screenshot(path=target, full_page=True, clip={"x": 0, "y": top, "width": width, "height": HEIGHT})
    context.close()
    return target.as_uri()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        show(Path(folder) / "demo", step=lambda text: None)
        page = Path(folder) / "demo" / "mail.html"
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        shots = [
            screenshot(browser, page, width=720, dark=False, top=0),
            screenshot(browser, page, width=375, dark=False, top=860),
            screenshot(browser, page, width=375, dark=True, top=0),
        ]
        sheet = Path(folder) / "demo" / "sheet.html"
        sheet.write_text(SHEET.format(height=HEIGHT, figures="".join(f'<figure><img src="{shot}"></figure>' for shot in shots)))
        view = browser.new_page(viewport={"width": 1650, "height": HEIGHT + 96})
        view.goto(sheet.as_uri())
        view.screenshot(path=HERE / "mail.png")
        browser.close()
    sys.stdout.write(f"Wrote {HERE / 'mail.png'}\n")


if __name__ == "__main__":
    main()
