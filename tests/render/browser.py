"""A mail opened in a real browser: no network, pictures drawn on the spot or refused."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

_LANDSCAPE = """<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 600 400" preserveAspectRatio="xMidYMid slice">
<rect width="600" height="400" fill="#c9d6d3"/><circle cx="{x}" cy="120" r="60" fill="#f3d9a4"/>
<path d="M0 250 Q150 {y} 300 250 T600 240 V400 H0Z" fill="#5f8078"/><path d="M0 310 Q200 260 400 320 T600 300 V400 H0Z" fill="#2f4f4a"/></svg>"""


def drawing(address: str) -> str:
    """A landscape of our own, a little different for each address, of the size that the address names."""
    size = re.search(r"(\d+)x(\d+)\.", address)
    width, height = size.groups() if size else ("400", "400")
    return _LANDSCAPE.format(width=width, height=height, x=100 + sum(address.encode()) % 400, y=120 + sum(address.encode()) % 90)


@contextmanager
def opened(browser: "Browser", html: str, *, width: int, dark: bool = False, pictures: bool = True) -> Iterator["Page"]:
    """The mail in a window of `width`. Whatever it asks for is answered here or refused."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light")

    def answer(route: "Route") -> None:
        if pictures and route.request.resource_type == "image":
            route.fulfill(status=200, content_type="image/svg+xml", body=drawing(route.request.url))
        else:
            route.abort()

    context.route("**/*", answer)
    page = context.new_page()
    page.set_content(html, wait_until="load")
    yield page
    context.close()
