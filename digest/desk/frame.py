"""/edition/…/frame: the mail itself, in a policy of its own. It can run no script and reach nothing but the edition's own pictures."""

import re

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from digest.desk.mail import mail_of
from digest.desk.place import PATTERN, edition_of
from digest.desk.studio import studio_of
from digest.personal import SAMPLE

# Neither script nor form nor link leads out of it, whoever wrote the comment or the theme; opened by itself in a tab it may do no more.
POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src {pictures}; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
_SCHEME = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(light|dark)\s*\)", re.IGNORECASE)
ALWAYS, NEVER = "(min-width: 0)", "(max-width: 0)"  # media features that hold in every window, and in none


def in_scheme(html: str, scheme: str) -> str:
    """The page as a mail program shows it that is set to `scheme`, light or dark, whatever this browser is set to. Nothing else is altered."""
    return _SCHEME.sub(lambda found: ALWAYS if found[1].lower() == scheme else NEVER, html)


def frame(request: Request) -> Response:
    newsletter, slot = edition_of(request)
    mail = mail_of(studio_of(request), newsletter, slot, SAMPLE)
    html = in_scheme(mail.html, "dark" if request.query_params.get("colours") == "dark" else "light")
    headers = {"Content-Security-Policy": POLICY.format(pictures="'none'"), "X-Frame-Options": "SAMEORIGIN"}
    return HTMLResponse(html, headers=headers)


ROUTES = (Route(f"{PATTERN}/frame", frame),)
