"""/editions: all that was made, the newest first, by newsletter and state."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.desk.listed import listed
from digest.desk.mail.viewer import with_query
from digest.desk.page import page, root_of
from digest.desk.pulse import pulse
from digest.desk.studio import studio_of
from digest.editions import store
from digest.editions.store import StoredEdition
from digest.editions.values import EditionState

LINES = 25
LARGEST = 2**63 - 1  # of an id


def editions(request: Request) -> Response:
    studio, root, asked = studio_of(request), root_of(request), request.query_params
    felt = pulse(studio)
    newsletter = asked.get("newsletter", "") if asked.get("newsletter") in studio.settings.newsletters else ""
    state = EditionState(asked["state"]) if asked.get("state") in list(EditionState) else None
    with studio.reads.begin() as connection:
        states = (state,) if state else ()
        found = store.latest(connection, newsletter=newsletter, states=states, limit=LINES + 1, before=_place(asked.get("before", "")))
    kept = {"newsletter": newsletter, "state": state.value if state else ""}
    values = {
        "editions": [listed(request, one) for one in found[:LINES]],
        "older": with_query(f"{root}/editions", kept, {"before": _named(found[LINES - 1])}) if len(found) > LINES else "",
        "first": with_query(f"{root}/editions", kept) if asked.get("before") else "",
        "newsletters": studio.settings.newsletters,
        "states": list(EditionState),
        "events": f"{root}/events?seen={felt}",
        **kept,
    }
    return page(request, "editions.html", values)


def _named(edition: StoredEdition) -> str:
    """Where a list went on: a slot and an id, of which no later edition moves the next lines."""
    return f"{edition.slot.timestamp():.0f}-{edition.id}"


def _place(name: str) -> tuple[datetime, int] | None:
    """What was named so; None for anything else: the list begins at its beginning."""
    slot, _, number = name.partition("-")
    try:
        moment, edition = datetime.fromtimestamp(int(slot), UTC), int(number)
    except (ValueError, OverflowError, OSError):
        return None
    return (moment, edition) if 0 <= edition <= LARGEST else None


ROUTES = (Route("/editions", editions),)
