"""The answer to a sign-up: a page for a browser, a line of JSON for the script of a box on somebody else's site.

There are no cookies, and nothing here tells one reader from another: any site may read the answers.
"""

from collections.abc import Mapping
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from digest.limits import Limit
from digest.mark import mark
from digest.render.translation import translations
from digest.settings import Settings
from digest.web.page import page
from digest.web.reception import reception_of

ANYWHERE = {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-store", "Vary": "Accept, Accept-Language"}
PREFLIGHT = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Accept, Content-Type",
    "Access-Control-Max-Age": "86400",
}
TAKEN = mark("Please look into your mailbox: we are writing to you, and it only begins once you press the button in that mail.")
TAKEN_FROM = mark(
    "Please look into your mailbox: a mail from {sender} is on its way, and it only begins once you press the button in it. "
    "If it does not come within some minutes, look among the spam."
)
DONE = mark("Thank you. The next edition comes to your mailbox. Should we need a confirmation first, a mail asks you for it.")
BUSY = mark("A lot has been asked for from your network just now. Please try again in a few minutes.")


def wants_json(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")


def plainly(*, ok: bool, message: str, status: int = 200, headers: Mapping[str, str] | None = None, **more: object) -> Response:
    """A line of JSON that any site's script may read."""
    return JSONResponse({"ok": ok, "message": message, **more}, status_code=status, headers={**ANYWHERE, **(headers or {})})


def taken(settings: Settings, language: str, *, confirm: bool) -> str:
    """What the box says when the wish was taken in: the same for everybody."""
    say = translations(language).gettext
    if not confirm:
        return say(DONE)
    sender = settings.letters.from_address
    return say(TAKEN_FROM).format(sender=sender) if sender else say(TAKEN)


def busy(request: Request, language: str) -> Response:
    """Too much from one network; programs are told when to try again, too."""
    limit = per_client(reception_of(request).settings)
    headers = {"Retry-After": str(int(limit.period.total_seconds()) // limit.count + 1)}
    message = translations(language).gettext(BUSY)
    if wants_json(request):
        return plainly(ok=False, message=message, status=429, headers=headers)
    answer = page(request, "busy.html", {"message": message}, 429, language=language)
    answer.headers.update(headers)
    return answer


def per_client(settings: Settings) -> Limit:
    """What one network may ask for: sign-ups, and letters."""
    return Limit(what="sign-up", count=settings.pages.limits.sign_ups_per_client, period=timedelta(hours=1))


def preflight(request: Request) -> Response:
    """A browser asks so before a script of another site may send anything out of the ordinary."""
    return Response(status_code=204, headers=PREFLIGHT)
