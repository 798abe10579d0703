"""/edition/NEWSLETTER/CADENCE/SLOT: the mail of one edition, seen as it will arrive."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.desk.head import edition_page
from digest.desk.mail import mail_of
from digest.desk.place import PATTERN, edition_of
from digest.desk.studio import studio_of
from digest.personal import SAMPLE


def edition(request: Request) -> Response:
    newsletter, slot = edition_of(request)
    mail = mail_of(studio_of(request), newsletter, slot, SAMPLE)
    return edition_page(request, "edition.html", newsletter, slot, {"mail": mail}, tab="Mail")


ROUTES = (Route(PATTERN, edition),)
