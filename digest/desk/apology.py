"""What an editor is told when something cannot be done: one page, and what to do about it."""

import logging

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from digest.desk.page import page
from digest.errors import DigestError

log = logging.getLogger("digest.desk")

RETRY_SECONDS = 5
WORDS = {
    400: ("That could not be read", "The form came in damaged. Go back, load the page anew and try once more."),
    403: ("You may not do that", "Your role at this desk does not allow it. Somebody who may can do it, or change your role."),
    404: ("There is no such page", "The newsletter, the cadence or the moment in this address is not declared in digest.toml."),
    405: ("That is not how this page works", "It was asked for in a way it does not answer to. Go back and use its buttons."),
    408: ("That took too long", "The form did not come in within ten seconds. Try once more."),
    409: ("Somebody else was faster", "What you looked at has changed meanwhile. Look at it as it is now, then do it again if it is still wanted."),
    413: ("That is too much", "The form holds more than the desk takes in."),
    429: ("Too often", "This has been asked for a lot just now. Wait a little, then try again."),
    503: ("The database does not answer", "It may be starting anew, or busy. Nothing is lost: load the page again in a moment."),
}
OTHER = ("Something went wrong on our side", "The log of the program says where. Nothing was sent or changed by it.")


def apology(request: Request, status: int, detail: str = "") -> Response:
    """The page for `status`; `detail` goes instead of its general words."""
    title, words = WORDS.get(status, OTHER)
    return page(request, "apology.html", {"heading": title, "words": detail or words, "status": status}, status)


def refused(request: Request, error: Exception) -> Response:
    """The answer to an `HTTPException`, with the headers it brings; its detail is shown where it is a sentence of ours."""
    if not isinstance(error, HTTPException):
        raise error
    response = apology(request, error.status_code, error.detail if error.detail.endswith(".") else "")
    response.headers.update(error.headers or {})
    return response


def said(request: Request, error: Exception) -> Response:
    """The answer to an error that a person can act on: its own sentence."""
    return apology(request, 409, str(error)) if isinstance(error, DigestError) else apology(request, 500)


def away(request: Request, error: Exception) -> Response:
    """The answer while the database cannot be used."""
    log.warning("The database could not be used for a page: %s", type(error).__name__)
    response = apology(request, 503)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response
