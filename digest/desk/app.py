"""The editors' desk as one ASGI application."""

from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.exceptions import ExceptionMiddleware

from digest.desk import (
    accounts,
    checks,
    content,
    decide,
    edition,
    editions,
    events,
    frame,
    history,
    log,
    look_as,
    me,
    overview,
    people,
    person,
    person_barred,
    person_choice,
    person_copy,
    person_edit,
    person_merge,
    sign_in,
    sources,
    static,
    theme_file,
    themes,
    weights,
    why,
)
from digest.desk.apology import apology, away, refused, said
from digest.desk.entrance import Entrance
from digest.desk.gate import Gate
from digest.desk.studio import Studio
from digest.errors import DatabaseError, DigestError
from digest.web.shield import Shield

# Each module of pages has its own; the first that fits answers.
PEOPLE = (*sign_in.ROUTES, *me.ROUTES, *accounts.ROUTES, *log.ROUTES)
READERS = (
    *people.ROUTES,
    *person.ROUTES,
    *person_edit.ROUTES,
    *person_choice.ROUTES,
    *person_merge.ROUTES,
    *person_barred.ROUTES,
    *person_copy.ROUTES,
)
EDITION = (
    *edition.ROUTES,
    *frame.ROUTES,
    *look_as.ROUTES,
    *decide.ROUTES,
    *content.ROUTES,
    *why.ROUTES,
    *weights.ROUTES,
    *checks.ROUTES,
    *history.ROUTES,
)
ROUTES = (
    *EDITION,
    *overview.ROUTES,
    *editions.ROUTES,
    *sources.ROUTES,
    *themes.ROUTES,
    *theme_file.ROUTES,
    *events.ROUTES,
    *static.ROUTES,
    *PEOPLE,
    *READERS,
)


HANDLERS = {HTTPException: refused, DatabaseError: away, OperationalError: away, NoConnectionLeft: away, DigestError: said}


def application(studio: Studio, entrance: Entrance) -> Starlette:
    """All pages of the desk, working with `studio`, for whom `entrance` lets in."""
    shield = Middleware(Shield, hosts=entrance.hosts, root=entrance.root, secure=entrance.secure, apology=apology)
    explained = Middleware(ExceptionMiddleware, handlers=HANDLERS)  # what the gate refuses is told like what a page refuses
    app = Starlette(routes=list(ROUTES), middleware=[shield, explained, Middleware(Gate, entrance=entrance)], exception_handlers=HANDLERS)
    app.router.redirect_slashes = False  # the shield takes them off
    app.state.studio = studio
    app.state.entrance = entrance
    app.state.root = entrance.root
    return app
