"""/edition/NEWSLETTER/CADENCE/SLOT: the mail of one edition as it will arrive, with everything there is to know of it."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.desk.door.visitor import visitor_of
from digest.desk.head import edition_page
from digest.desk.mail.led import links_in
from digest.desk.mail.pieces import CLIP_BYTES, Mail, mail_of
from digest.desk.mail.seen_as import SeenAs, seen_as
from digest.desk.mail.viewer import Viewer, with_query
from digest.desk.mail.ways import Ways
from digest.desk.page import root_of
from digest.desk.place import PATTERN, edition_of, slot_path
from digest.desk.pulse import pulse
from digest.desk.studio import studio_of
from digest.errors import DigestError
from digest.newsletter import Newsletter
from digest.personal import edition_name
from digest.render.translation import languages


def edition(request: Request) -> Response:
    newsletter, slot = edition_of(request)
    viewer, wrong = Viewer.of(request), ""
    felt = pulse(studio_of(request), newsletter, slot)
    try:
        looked = _look(request, newsletter, slot, viewer)
    except DigestError as error:  # nobody like that, nothing new for them, or a theme that is broken
        wrong, looked = str(error), None
    values = {"viewer": viewer, "wrong": wrong, "clip": CLIP_BYTES, "mail": None, **_offered(request, newsletter)}
    if looked:
        values |= _shown(request, Ways.of(root_of(request) + slot_path(newsletter, slot), viewer.query, request.query_params), *looked)
    return edition_page(request, "edition.html", newsletter, slot, values, tab="Mail", seen=felt)


def _look(request: Request, newsletter: Newsletter, slot: datetime, viewer: Viewer) -> tuple[SeenAs, Mail]:
    studio = studio_of(request)
    seen = seen_as(studio, newsletter, slot, viewer, visitor_of(request).who)
    return seen, mail_of(studio, newsletter, slot, seen.reader)


def _shown(request: Request, ways: Ways, seen: SeenAs, mail: Mail) -> Mapping[str, object]:
    return {
        "mail": mail,
        "seen": seen,
        "ways": ways,
        "frames": ways.frames(hashlib.sha256(mail.html.encode()).hexdigest()[:12]),
        "links": list(links_in(mail.html, studio_of(request).settings.pages.url)),
        "file": with_query(f"{ways.path}/mail.eml", ways.said),
    }


def _offered(request: Request, newsletter: Newsletter) -> Mapping[str, object]:
    """What can be chosen of a viewer."""
    return {"languages": languages(), "segments": sorted(studio_of(request).settings.segments)}


def file(request: Request) -> Response:
    """The whole message, to be opened by a mail program."""
    newsletter, slot = edition_of(request)
    _, mail = _look(request, newsletter, slot, Viewer.of(request))
    name = f"{newsletter.slug}-{edition_name(newsletter, slot)}.eml"
    return Response(mail.data, media_type="message/rfc822", headers={"Content-Disposition": f'attachment; filename="{name}"'})


ROUTES = (Route(PATTERN, edition), Route(f"{PATTERN}/mail.eml", file))
