"""/privacy: what is kept of a reader, in plain words; the publication's own text where it has one."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from digest.web.page import page
from digest.web.reception import reception_of


def privacy(request: Request) -> Response:
    """Our page, or the way to the address that [pages] privacy names."""
    settings = reception_of(request).settings
    if settings.pages.privacy:
        return RedirectResponse(settings.pages.privacy, 302)
    contact = settings.letters.reply_to or settings.letters.from_address
    return page(request, "privacy.html", {"contact": contact, "hours": settings.letters.confirm_hours})


ROUTES = (Route("/privacy", privacy),)
