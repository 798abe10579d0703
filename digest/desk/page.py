"""One page of the desk: a template of templates/desk, with the policy of what it may load."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from digest.accounts.roles import Deed
from digest.desk.door.visitor import known, visitor_of
from digest.desk.static import folder, static_path
from digest.desk.studio import studio_of
from digest.desk.words import ago, kilobytes, span, state_words, until
from digest.render.environment import environment, render
from digest.told import told

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; frame-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
NAVIGATION = {
    "Overview": "/",
    "Editions": "/editions",
    "Sources": "/sources",
    "Readers": "/readers",
    "Themes": "/themes",
    "Log": "/log",
    "Editors": "/editors",
}
NEEDS = {"/readers": Deed.READER, "/editors": Deed.ACCOUNT}  # of the navigation: what is for some roles only
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",  # with none, a browser of before 2023 does not say which site a form was sent from (Origin: null)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a link of the navigation leads, and whether that is where we are."""

    title: str
    path: str
    here: bool


def page(request: Request, name: str, values: Mapping[str, object], status: int = 200) -> HTMLResponse:
    """The template `name` with `values` and, always: `visitor`, `csrf` (for the hidden field of every form), `root` (what every link begins with),
    `style`, `script`, `static(name)`, `places`, `mistake`, `publication`, `now`, `events` (where the page hears of changes; empty), and for words
    `told(moment, zone)`, `ago`, `until`, `span_of(seconds)`, `kilobytes`, `state_words`."""
    return HTMLResponse(text(request, name, values), status_code=status, headers=HEADERS)


def text(request: Request, name: str, values: Mapping[str, object]) -> str:
    """As `page`, without an answer around it: for a piece of a page that a script asks for."""
    studio = studio_of(request)
    publication, now, root = studio.settings.publication, studio.clock(), root_of(request)
    visitor = known(request)
    shared = {
        "visitor": visitor,
        "csrf": visitor.csrf if visitor else "",
        "root": root,
        "style": root + static_path("style.css"),
        "script": root + static_path("desk.js"),
        "static": lambda file: root + static_path(file),
        "places": places(request) if visitor else [],
        "mistake": studio.mistake if visitor else "",  # it quotes the file
        "publication": publication,
        "now": now,
        "events": "",
        "told": told,
        "ago": partial(ago, now=now),
        "until": partial(until, now=now),
        "kilobytes": kilobytes,
        "span_of": lambda seconds: span(timedelta(seconds=seconds)) or "a minute",
        "state_words": state_words,
    }
    return render(environment((folder(),), "en", publication.time_zone), name, {**shared, **values})


def root_of(request: Request) -> str:
    """The path below which the desk lives; mostly empty."""
    root: str = request.app.state.root
    return root


def places(request: Request) -> list[Place]:
    """The navigation, with what there is."""
    here = request.url.path.removeprefix(root_of(request)).rstrip("/") or "/"
    there = {route.path for route in request.app.routes if isinstance(route, Route)}
    return [
        Place(title=title, path=path, here=here == path or (path != "/" and here.startswith(f"{path}/")))
        for title, path in NAVIGATION.items()
        if path in there and (path not in NEEDS or visitor_of(request).may(NEEDS[path]))
    ]
