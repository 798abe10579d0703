"""/sources: where content comes from, when it was last brought in, and what is in the way."""

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.desk.page import page, root_of
from digest.desk.pulse import pulse, store_stamp
from digest.desk.studio import Studio, studio_of
from digest.overview import SourceStand, source_stands


def sources(request: Request) -> Response:
    studio = studio_of(request)
    felt = pulse(studio)
    with studio.reads.begin() as connection:
        found = sources_of(studio, connection)
    values = {"sources": found, "declared": studio.settings.sources, "events": f"{root_of(request)}/events?seen={felt}"}
    return page(request, "sources.html", values)


def sources_of(studio: Studio, connection: Connection) -> tuple[SourceStand, ...]:
    """Counted anew only when something came in."""
    key = ("sources", studio.read_at, store_stamp(connection))
    return studio.shelf.get(key, lambda: source_stands(connection, studio.settings))


ROUTES = (Route("/sources", sources),)
