"""The pages' icon, for tabs and bookmarks: `templates/pages/icon.svg`, the publication's initial on its accent colour."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.web.static import Drawing

ICON = Drawing(template="icon.svg", media_type="image/svg+xml")
HEADERS = {
    # A picture with a style of its own in it; opened by itself it may do nothing else.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",  # the mail in the browser has no origin, and a tab like any other
}
A_DAY = "public, max-age=86400"


def icon(request: Request) -> Response:
    return ICON.answer(request, HEADERS)


def favicon(request: Request) -> Response:
    """For whoever has read no link to it: where browsers have looked for one since there were icons."""
    return ICON.answer(request, {**HEADERS, "Cache-Control": A_DAY})


ROUTES = (Route("/static/icon-{hash}.svg", icon), Route("/favicon.ico", favicon))
