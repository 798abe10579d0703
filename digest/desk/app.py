"""The editors' desk as one ASGI application."""

from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.exceptions import ExceptionMiddleware

from digest.desk import checks, decide, editions, events, history, log, overview, sources, static
from digest.desk.apology import apology, away, refused, said
from digest.desk.content import tab as content
from digest.desk.door import accounts, me, sign_in
from digest.desk.door.entrance import Entrance
from digest.desk.door.gate import Gate
from digest.desk.mail import frame, look_as
from digest.desk.mail import tab as edition
from digest.desk.people import barred, choice, copy, edit, merge, person, readers
from digest.desk.studio import Studio
from digest.desk.themes import file as theme_file
from digest.desk.themes import listed as themes
from digest.desk.why import tab as why
from digest.desk.why import weights
from digest.errors import DatabaseError, DigestError
from digest.web.shield import Shield

# Each module of pages has its own; the first that fits answers.
PEOPLE = (*sign_in.ROUTES, *me.ROUTES, *accounts.ROUTES, *log.ROUTES)
READERS = (*readers.ROUTES, *person.ROUTES, *edit.ROUTES, *choice.ROUTES, *merge.ROUTES, *barred.ROUTES, *copy.ROUTES)
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
