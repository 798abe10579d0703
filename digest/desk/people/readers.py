"""/readers: how many there are, by newsletter and segment; to find one of them; and to take all of them along."""

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from digest.accounts.log import write as note
from digest.accounts.roles import Deed
from digest.desk.door.act import Act
from digest.desk.door.visitor import require, visitor_of
from digest.desk.page import page
from digest.desk.studio import Studio, studio_of
from digest.web.form import Form
from digest.wiring import people_in
from subscribers.census import Census, census
from subscribers.export import export, lines

PATH = "/readers"
PRIVATE = {"Cache-Control": "no-store"}


def show(request: Request) -> Response:
    require(request, Deed.READER)
    return front(request)


def front(request: Request, *, refused: str = "", done: str = "", address: str = "") -> Response:
    """The page, with what was done, or what was wrong with the `address` that was asked for."""
    studio = studio_of(request)
    with studio.reads.begin() as connection:
        counts = _by_newsletter(connection, studio)
        segments = {name: _sum(census(connection, among=people_in(studio.settings, name, studio.clock()))) for name in studio.settings.segments}
    values = {"counts": counts, "segments": segments, "refused": refused, "done": done, "address": address}
    answer = page(request, "people.html", values, 409 if refused else 200)
    answer.headers.update(PRIVATE)
    return answer


def take_along(request: Request, form: Form) -> Response:
    """A CSV of one newsletter's readers or all, or of a segment's: read off the database as it is fetched, and kept nowhere."""
    studio, slug, segment = studio_of(request), form.one("newsletter"), form.one("segment")
    settings = studio.settings
    if slug:
        settings.newsletter(slug)
    among = people_in(settings, segment, studio.clock())  # a segment that is none is told before anything is written
    with studio.engine.begin() as connection:
        note(
            connection,
            at=studio.clock(),
            who=visitor_of(request).who,
            what=Deed.READER,
            newsletter=slug,
            detail={"did": "exported", "segment": segment},
        )

    def rows() -> Iterator[str]:
        with studio.reads.begin() as connection:
            yield from lines(export(connection, slug, among=among))

    headers = {**PRIVATE, "Content-Disposition": f'attachment; filename="{slug or "readers"}.csv"'}
    return StreamingResponse(rows(), media_type="text/csv; charset=utf-8", headers=headers)


def _by_newsletter(connection: Connection, studio: Studio) -> Mapping[str, Census]:
    found = census(connection)
    return {slug: found.get(slug, Census()) for slug in sorted({*studio.settings.newsletters, *found})}


def _sum(found: Mapping[str, Census]) -> Census:
    names = Census.__dataclass_fields__
    return Census(**{name: sum(getattr(one, name) for one in found.values()) for name in names})


ROUTES = (Route(PATH, show, name="readers"), Act(f"{PATH}/take-along", take_along, deed=Deed.READER))
