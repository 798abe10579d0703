"""A real browser between somebody's site and our pages: what it asks of ours is answered by the application in this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.web.signing_up import SITE, House

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

ARTICLE = "https://lantern.example/2026/the-ferry-is-back"


@contextmanager
def surfing(browser: "Browser", house: House, *, html: str = "", policy: str = "", width: int = 1000, **context: Any) -> Iterator["Page"]:
    """A window onto our pages; with `html` also onto an article that holds it, on a site with this Content-Security-Policy. What a page complains of
    in its console fails the test."""
    opened = browser.new_context(viewport={"width": width, "height": 900}, **context)

    def ours(route: "Route") -> None:
        asked = route.request
        answer = house.client.request(asked.method, asked.url, headers=asked.all_headers(), content=asked.post_data_buffer)
        route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=answer.content)

    def theirs(route: "Route") -> None:
        headers = {"Content-Type": "text/html; charset=utf-8"} | ({"Content-Security-Policy": policy} if policy else {})
        article = f'<!DOCTYPE html><html lang="en"><title>The ferry is back</title><main><h1>The ferry is back</h1>{html}</main>'
        route.fulfill(status=200, headers=headers, body=article)

    opened.route("**/*", lambda route: route.fulfill(status=204))
    opened.route("https://lantern.example/**", theirs)
    opened.route(f"{SITE}/**", ours)
    complaints: list[str] = []
    page = opened.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if "Content Security Policy" in message.text else None)
    yield page
    opened.close()
    assert complaints == []
