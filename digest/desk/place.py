"""Where an edition has its pages: /edition/NEWSLETTER/CADENCE/20261123T0600Z, and back."""

from datetime import datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request

from digest.desk.studio import studio_of
from digest.editions.store import StoredEdition
from digest.newsletter import Newsletter, slugged
from digest.personal import slot_name
from digest.settings import Settings
from digest.web.view import slot_of

OF_NEWSLETTER = "/edition/{newsletter}/{cadence}"
PATTERN = f"{OF_NEWSLETTER}/{{slot}}"  # what the routes of an edition's pages begin with


def slot_path(newsletter: Newsletter, slot: datetime) -> str:
    """The path of `slot`'s edition of the newsletter, in the cadence in which it stands, below the desk's root."""
    return f"{path_of(newsletter)}/{slot_name(slot)}"


def path_of(newsletter: Newsletter) -> str:
    """The path of the newsletter, in the cadence in which it stands: where editions of other moments are found."""
    return OF_NEWSLETTER.format(newsletter=newsletter.slug, cadence=slugged(newsletter.cadence))


def path_to(settings: Settings, edition: StoredEdition) -> str:
    """The path of an edition there is; empty where its newsletter or cadence is not declared any more."""
    declared = settings.newsletters.get(edition.newsletter)
    if declared is None or edition.cadence not in declared.cadence_names:
        return ""
    return slot_path(declared.at(edition.cadence), edition.slot)


def edition_of(request: Request) -> tuple[Newsletter, datetime]:
    """The newsletter, in the cadence meant, and the slot; 404 for what there is not."""
    said = request.path_params
    slot = slot_of(said["slot"])
    newsletter = newsletter_of(request)
    if slot is None:
        raise HTTPException(404)
    return newsletter, slot


def newsletter_of(request: Request) -> Newsletter:
    """The newsletter in the cadence meant; 404 where either is not declared."""
    said = request.path_params
    declared = studio_of(request).settings.newsletters.get(said["newsletter"])
    names = declared.cadence_names if declared else ()
    cadence = next((name for name in names if slugged(name) == said["cadence"]), None)
    if declared is None or cadence is None:
        raise HTTPException(404)
    return declared.at(cadence)
