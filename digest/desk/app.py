"""The editors' desk as one ASGI application."""

from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from digest.desk import edition, frame, overview, static
from digest.desk.apology import apology, away, refused, said
from digest.desk.studio import Studio
from digest.errors import DatabaseError, DigestError
from digest.web.app import HERE
from digest.web.shield import Shield

# Each module of pages has its own; the first that fits answers.
ROUTES = (*overview.ROUTES, *edition.ROUTES, *frame.ROUTES, *static.ROUTES)


def application(studio: Studio, *, root: str = "") -> Starlette:
    """All pages of the desk, working with `studio`, below the path `root`."""
    shield = Middleware(Shield, hosts=HERE, root=root, secure=False, apology=apology)
    app = Starlette(
        routes=list(ROUTES),
        middleware=[shield],
        exception_handlers={HTTPException: refused, DatabaseError: away, OperationalError: away, NoConnectionLeft: away, DigestError: said},
    )
    app.router.redirect_slashes = False  # the shield takes them off
    app.state.studio = studio
    app.state.root = root
    return app
