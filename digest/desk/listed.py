"""An edition in a list: its newsletter's title, its own time zone, and where its pages are."""

from dataclasses import dataclass

from starlette.requests import Request

from digest.desk.page import root_of
from digest.desk.place import path_to
from digest.desk.studio import studio_of
from digest.editions.store import StoredEdition


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """`title` is the newsletter's name where it is not declared any more; `path` is empty then."""

    edition: StoredEdition
    title: str
    zone: str
    path: str


def listed(request: Request, edition: StoredEdition) -> Listed:
    settings = studio_of(request).settings
    declared = settings.newsletters.get(edition.newsletter)
    path = path_to(settings, edition)
    return Listed(
        edition=edition,
        title=declared.title if declared else edition.newsletter,
        zone=declared.slot_zone if declared else settings.publication.time_zone,
        path=root_of(request) + path if path else "",
    )
