"""Takes pictures of the sample edition, to be looked at: python -m tests.render.pictures FOLDER [THEME [LANGUAGE]]"""

import sys
from itertools import product
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.render.browser import CHROMIUM, FLAGS, opened
from tests.render.filling import seen
from tests.render.sample_edition import look, sample_edition


def take(folder: Path, theme: str = "classic", language: str = "en", *, widths: tuple[int, ...] = (360, 800)) -> None:
    """Every combination of window width, light and dark, pictures shown and blocked."""
    folder.mkdir(parents=True, exist_ok=True)
    _, html = seen(sample_edition(), look(theme=theme, language=language))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        for width, dark, pictures in product(widths, (False, True), (True, False)):
            with opened(browser, html, width=width, dark=dark, pictures=pictures) as page:
                name = f"{width}-{'dark' if dark else 'light'}{'' if pictures else '-blocked'}.png"
                page.screenshot(path=folder / name, full_page=True)
        browser.close()


if __name__ == "__main__":
    take(Path(sys.argv[1]), *sys.argv[2:])
