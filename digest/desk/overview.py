"""/: what goes out next, what it waits for, what went out and how it went."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.desk.page import page, root_of
from digest.desk.place import slot_path
from digest.desk.studio import studio_of


def overview(request: Request) -> Response:
    studio = studio_of(request)
    now, root = studio.clock(), root_of(request)
    letters = [letter for declared in studio.settings.newsletters.values() for letter in declared.in_every_cadence()]
    following = [(letter, letter.slot_after(now)) for letter in letters]
    values = {"following": [(letter, slot, root + slot_path(letter, slot)) for letter, slot in following]}
    return page(request, "overview.html", values)


ROUTES = (Route("/", overview),)
