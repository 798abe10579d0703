"""/view/NEWSLETTER/EDITION/TOKEN: a mail in the browser, in a policy of its own: a mail brings its style with it, and pictures from anywhere."""

from datetime import UTC, datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from digest.viewing import mail_page
from digest.web.holder import said_in_link
from digest.web.reception import reception_of
from subscribers.tokens import Purpose

# No script, no form, no frame, no origin of its own: what came in with a comment could do nothing here, were it not clean.
POLICY = (
    "default-src 'none'; img-src https: http: data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation"
)
HEADERS = {"Content-Security-Policy": POLICY, "X-Robots-Tag": "noindex, nofollow, noarchive"}


def view(request: Request) -> Response:
    """The HTML part, as the mail has it; 404 where anything of the address is not as we made it."""
    reception, parts = reception_of(request), request.path_params
    cadence, slot = edition_of(parts["edition"])
    subscription = said_in_link(request, Purpose.VIEW)
    if slot is None:
        raise HTTPException(404)
    named = {"newsletter": parts["slug"], "cadence": cadence, "subscription": subscription}
    html = mail_page(reception.engine, reception.settings, **named, slot=slot, keys=reception.keys)
    if html is None:
        raise HTTPException(404)
    return HTMLResponse(html, headers=HEADERS)


def edition_of(name: str) -> tuple[str, datetime | None]:
    """The cadence, empty for the newsletter's own, and the slot of an edition's name (see `personal.edition_name`)."""
    cadence, dash, slot = name.rpartition("-")
    return cadence, slot_of(slot) if bool(cadence) == bool(dash) else None


def slot_of(name: str) -> datetime | None:
    """The moment that a slot's name stands for (see `personal.slot_name`)."""
    try:
        slot = datetime.strptime(name, "%Y%m%dT%H%MZ").replace(tzinfo=UTC)
    except ValueError:
        return None
    return slot if f"{slot:%Y%m%dT%H%MZ}" == name else None


ROUTES = (Route("/view/{slug}/{edition}/{token}", view),)
