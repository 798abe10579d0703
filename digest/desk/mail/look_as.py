"""Whom to look as, and when: a subscriber by their address, which stands in no link, and another slot of the same newsletter."""

from datetime import UTC, datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from digest.accounts.roles import Deed
from digest.desk.door.act import Act
from digest.desk.door.visitor import visitor_of
from digest.desk.mail.seen_as import find_guest
from digest.desk.mail.viewer import with_query
from digest.desk.page import root_of
from digest.desk.place import OF_NEWSLETTER, PATTERN, edition_of, newsletter_of, slot_path
from digest.desk.studio import studio_of
from digest.errors import DigestError
from digest.web.form import Form
from subscribers.errors import BadAddress


def look_as(request: Request, form: Form) -> Response:
    """To the edition as this subscriber gets it; 404 in plain words where the address gets none."""
    studio, (newsletter, slot) = studio_of(request), edition_of(request)
    try:
        with studio.reads.begin() as connection:
            subscription = find_guest(connection, newsletter, form.one("address"))
    except BadAddress as error:
        raise DigestError("This does not look like an e-mail address. One has an @ in it and no spaces, like name@example.org.") from error
    guest = studio.guests.bring(subscription, visitor_of(request).who, studio.clock())
    return RedirectResponse(with_query(root_of(request) + slot_path(newsletter, slot), {"guest": guest}), 303)


def at(request: Request) -> Response:
    """To the edition of a moment, given as its newsletter's clocks show it."""
    newsletter = newsletter_of(request)
    try:
        asked = datetime.fromisoformat(request.query_params.get("at", ""))
        slot = asked.replace(tzinfo=newsletter.zone, second=0, microsecond=0).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise HTTPException(404, "That is no date and time: write it like 2026-11-23T07:00.") from error
    if not 1990 <= slot.year <= 2999:
        raise HTTPException(404, "That is not a time that a newsletter is sent at.")
    return RedirectResponse(root_of(request) + slot_path(newsletter, slot), 303)


ROUTES = (Act(f"{PATTERN}/as", look_as, deed=Deed.TEST), Route(OF_NEWSLETTER, at))
