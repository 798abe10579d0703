"""What a reader is told when something cannot be done: one page, plain words, nothing of what they sent."""

import logging

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from digest.web.page import page

log = logging.getLogger("digest.web")

RETRY_SECONDS = 30  # as long as a database is away when it is started anew
KNOWN = (400, 404, 405, 408, 413, 421, 429, 500, 503)


def apology(request: Request, status: int) -> Response:
    """The page for `status`; one that has no words of its own gets those of the general case."""
    return page(request, "error.html", {"status": status if status in KNOWN else 500 if status >= 500 else 400}, status)


def refused(request: Request, error: Exception) -> Response:
    """The answer to an `HTTPException`, with the headers it brings."""
    if not isinstance(error, HTTPException):
        raise error
    response = apology(request, error.status_code)
    response.headers.update(error.headers or {})
    if error.status_code == 405:
        response.headers["Allow"] = _allowed(request)
    return response


def away(request: Request, error: Exception) -> Response:
    """The answer while the database cannot be used, or all its connections are busy."""
    log.warning("The database could not be used for a page: %s", type(error).__name__)
    response = apology(request, 503)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _allowed(request: Request) -> str:
    """What may be done at this address, over all routes that lead there (RFC 9110, 15.5.6)."""
    there = (route for route in request.app.routes if route.matches(request.scope)[0] is not Match.NONE)
    return ", ".join(sorted({method for route in there for method in route.methods or ()}))
