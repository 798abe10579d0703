"""/data/TOKEN: all that is kept of a person, to read and to take along, and its end. The link is good for an hour: mails are passed on."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.dossier import dossier
from digest.letter import DATA_LIFETIME
from digest.sign_up import ask_for_data
from digest.web.form import Form, answering
from digest.web.holder import holder_of
from digest.web.offers import RHYTHMS
from digest.web.page import page
from digest.web.reception import reception_of
from subscribers.address import parse_address
from subscribers.choices import load
from subscribers.erase import erase
from subscribers.tokens import Purpose

FILE = "my-data.json"
SHOWN = 50  # deliveries; the file has all of them


def shown(request: Request) -> Response:
    return _page(request)


def download(request: Request) -> Response:
    holder = holder_of(request, Purpose.DATA, DATA_LIFETIME)
    kept = _kept(request, holder.subscriber)
    if holder.late or kept["person"] is None:
        return _page(request)
    text = json.dumps(kept, ensure_ascii=False, indent=2)
    return Response(text, media_type="application/json", headers={"Content-Disposition": f'attachment; filename="{FILE}"'})


def erased(request: Request, form: Form) -> Response:
    """Forgets the person, if the box that says so is ticked. With a link that is too old it asks for a new one."""
    reception, holder = reception_of(request), holder_of(request, Purpose.DATA, DATA_LIFETIME)
    if holder.late:
        with reception.engine.begin() as connection:
            ask_for_data(connection, reception.settings, holder.subscriber, now=reception.clock(), key=reception.keys[-1])
        reception.wake()
        return page(request, "data_asked.html", {"sender": reception.settings.letters.from_address})
    if form.one("sure") != "yes":
        return _page(request, unsure=True)
    with reception.engine.begin() as connection:
        person = load(connection, holder.subscriber)
        if person:
            erase(connection, parse_address(person.address), keys=reception.keys, now=reception.clock(), note="on their own page")
    return page(request, "forgotten.html", {}, language=person.language if person else "")


def _page(request: Request, *, unsure: bool = False) -> Response:
    holder = holder_of(request, Purpose.DATA, DATA_LIFETIME)
    here = f"{reception_of(request).root}/data/{request.path_params['token']}"
    if holder.late:
        return page(request, "data_late.html", {"here": here})
    kept = with_moments(_kept(request, holder.subscriber))
    person = kept["person"]
    if person is None:
        return page(request, "forgotten.html", {})
    titles = {slug: newsletter.title for slug, newsletter in reception_of(request).settings.newsletters.items()}
    newest = kept["deliveries"][: -SHOWN - 1 : -1]
    values = {"here": here, "file": FILE, "kept": kept, "titles": titles, "rhythms": RHYTHMS, "unsure": unsure, "newest": newest}
    return page(request, "data.html", values, 400 if unsure else 200, language=person["language"])


def _kept(request: Request, subscriber: str) -> dict[str, Any]:
    reception = reception_of(request)
    return dossier(reception.engine, subscriber, keys=reception.keys)


def with_moments(value: Any) -> Any:
    """The same, with the moments as such: a page writes them in the reader's language."""
    if isinstance(value, Mapping):
        return {
            name: _moment(one) if name in ("at", "slot") or name.endswith(("_at", "_until")) else with_moments(one) for name, one in value.items()
        }
    return [with_moments(one) for one in value] if isinstance(value, list) else value


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


ROUTES = (
    Route("/data/{token}", shown, methods=["GET"]),
    Route("/data/{token}", answering(erased), methods=["POST"]),
    Route(f"/data/{{token}}/{FILE}", download, methods=["GET"]),
)
