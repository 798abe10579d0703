"""What whoever is not signed in gets instead of a page."""

from urllib.parse import quote, urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from digest.desk.door.entrance import Entrance
from digest.desk.page import page

HOME = "/"


def turned_away(request: Request, entrance: Entrance) -> Response:
    """To the page to sign in, and from there to where they wanted to go; without that page, 403 in words."""
    headers = request.headers
    reading = request.method in ("GET", "HEAD")
    if not reading or headers.get("sec-fetch-mode", "navigate") != "navigate":
        raise HTTPException(403, "You are not signed in, or not any more: nothing was done. Sign in, then do it again.")
    here = _here(request)
    if headers.get("sec-fetch-site") in ("cross-site", "same-site"):  # a link in a mail: browsers send no strict cookie along, signed in or not
        return page(request, "again.html", {"address": entrance.root + here})
    if entrance.passwords:
        return RedirectResponse(f"{entrance.root}/sign-in?{urlencode({'next': here})}", 303)
    return page(request, "closed.html", {"local": entrance.local}, 403)


def safe_next(text: str) -> str:
    """A path of our own to go on to; anything that a browser could take for an address elsewhere becomes the desk's first page."""
    fine = text.startswith("/") and not text.startswith("//") and "\\" not in text and all(33 <= ord(letter) < 127 for letter in text)
    return text if fine and len(text) <= 500 and not text.startswith(("/sign-", "/open")) else HOME


def _here(request: Request) -> str:
    query = request.url.query
    return safe_next(quote(request.scope["path"], safe="/:@-._~") + (f"?{query}" if query else ""))
