"""Pictures of pages side by side on one sheet, taken with Chromium."""

from collections.abc import Iterable
from pathlib import Path

from playwright.sync_api import Browser, Playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

SHEET = """<!DOCTYPE html><meta charset="utf-8"><style>
body {{ margin: 0; padding: 48px; background: #d9dde0; display: flex; gap: 40px; align-items: flex-start; width: max-content; }}
figure {{ margin: 0; border-radius: 10px; overflow: hidden; box-shadow: 0 10px 40px rgb(20 30 40 / 28%); height: {height}px; }}
img {{ display: block; }}
</style>{figures}"""


def chromium(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)


def lay_out(browser: Browser, shots: Iterable[Path], target: Path, *, width: int, height: int) -> None:
    """One picture of `shots` beside each other, each cut to `height`, on a sheet `width` wide."""
    pictures = list(shots)
    sheet = pictures[0].parent / "sheet.html"
    sheet.write_text(SHEET.format(height=height, figures="".join(f'<figure><img src="{shot.as_uri()}"></figure>' for shot in pictures)))
    view = browser.new_page(viewport={"width": width, "height": height + 96})
    view.goto(sheet.as_uri())
    view.screenshot(path=target)
