"""/log: who did what at the desk, the newest first."""

from dataclasses import dataclass
from urllib.parse import urlencode

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.accounts.log import Logged, latest
from digest.accounts.roles import Deed
from digest.desk.deeds import details, did
from digest.desk.page import page, root_of
from digest.desk.place import slot_path
from digest.desk.studio import studio_of
from digest.editions.slots_of import slots_of
from digest.newsletter import Newsletter
from digest.settings import Settings

PATH = "/log"
LINES = 50
LARGEST = 2**63 - 1  # of an id


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """`title` and `path` of the edition it tells of, where it tells of one that is still there and declared."""

    logged: Logged
    did: str
    details: list[str]
    title: str
    path: str


def show(request: Request) -> Response:
    studio, asked = studio_of(request), request.query_params
    who, what, before = asked.get("who", "")[:80].strip(), asked.get("what", ""), _number(asked.get("before", ""))
    with studio.reads.begin() as connection:
        found = latest(connection, before=before, limit=LINES + 1, who=_plain(who), what=what if what in set(Deed) else "")
        lines = _lines(connection, studio.settings, found[:LINES])
    older = (
        urlencode({key: value for key, value in {"who": who, "what": what, "before": found[LINES - 1].id}.items() if value}) if found[LINES:] else ""
    )
    values = {"lines": lines, "older": older, "newest": before is None, "who": who, "what": what, "kinds": [deed.value for deed in Deed]}
    return page(request, "log.html", {**values, "zone": studio.settings.publication.time_zone, "path": root_of(request) + PATH})


def _lines(connection: Connection, settings: Settings, found: tuple[Logged, ...]) -> list[Line]:
    editions = slots_of(connection, {one.edition_id for one in found if one.edition_id is not None})
    lines = []
    for one in found:
        newsletter, cadence, slot = editions.get(one.edition_id or 0, (one.newsletter, "", None))
        letter = _letter(settings, newsletter, cadence)
        title = letter.title if letter else newsletter
        path = slot_path(letter, slot) if letter and slot else ""
        lines.append(Line(logged=one, did=did(one), details=details(one), title=title, path=path))
    return lines


def _letter(settings: Settings, slug: str, cadence: str) -> Newsletter | None:
    declared = settings.newsletters.get(slug)
    if declared is None or not cadence:
        return declared
    return declared.at(cadence) if cadence in declared.cadence_names else None


def _number(text: str) -> int | None:
    return min(int(text), LARGEST) if text.isascii() and text.isdecimal() and len(text) < 20 else None


def _plain(text: str) -> str:
    """Without what no database takes for text."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")


ROUTES = (Route(PATH, show),)
