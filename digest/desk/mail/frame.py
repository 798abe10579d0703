"""/edition/…/frame: the mail itself, in a policy of its own. It runs no script, leads nowhere, asks for nothing but the edition's own pictures."""

import re

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from digest.desk.door.visitor import visitor_of
from digest.desk.mail.pictures import sources
from digest.desk.mail.pieces import mail_of
from digest.desk.mail.seen_as import seen_as
from digest.desk.mail.viewer import Viewer
from digest.desk.place import PATTERN, edition_of
from digest.desk.studio import studio_of
from digest.errors import DigestError
from digest.render.lint.spot import outlined

# Neither script nor form nor link leads out of it, whoever wrote the comment or the theme; opened by itself in a tab it may do no more.
POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src {pictures}; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
HEADERS = {
    "X-Frame-Options": "SAMEORIGIN",
    "X-DNS-Prefetch-Control": "off",  # no look-up of a name for a link that nobody pressed
    "Cross-Origin-Resource-Policy": "same-origin",
}
_SCHEME = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(light|dark)\s*\)", re.IGNORECASE)
ALWAYS, NEVER = "(min-width: 0)", "(max-width: 0)"  # media features that hold in every window, and in none
# Under no policy, or not before a connection is made (Chromium, for a frame that it then refuses to load): no mail program shows them either.
_LEADING = re.compile(r"<(/?)(link|iframe|frame|frameset|object|embed|portal|fencedframe)\b", re.IGNORECASE)
# A press on a link opens a new window, which the sandbox does not allow: nothing happens.
_HEAD = re.compile(r"<head\b[^>]*>", re.IGNORECASE)
AIM = '<base target="_blank">'


def framed(html: str, scheme: str) -> str:
    """The page as a mail program shows it that is set to `scheme`, light or dark, whatever this browser is set to; with `<x-link>`
    for `<link>` and the like, and with links that lead nowhere. Nothing else is altered."""
    tuned = _SCHEME.sub(lambda found: ALWAYS if found[1].lower() == scheme else NEVER, _LEADING.sub(r"<\1x-\2", html))
    return _HEAD.sub(lambda found: found[0] + AIM, tuned, count=1)


def frame(request: Request) -> Response:
    studio, (newsletter, slot) = studio_of(request), edition_of(request)
    asked = request.query_params
    try:
        seen = seen_as(studio, newsletter, slot, Viewer.of(request), visitor_of(request).who)
        mail = mail_of(studio, newsletter, slot, seen.reader)
    except DigestError as error:  # the page around it says the same, with what to do
        return PlainTextResponse(str(error), 404, headers=HEADERS)
    pictures = "'none'" if asked.get("pictures") == "off" else sources(mail.pictures)
    html = framed(outlined(mail.html, asked.get("spot", "")), "dark" if asked.get("colours") == "dark" else "light")
    return HTMLResponse(html, headers={**HEADERS, "Content-Security-Policy": POLICY.format(pictures=pictures)})


ROUTES = (Route(f"{PATTERN}/frame", frame),)
