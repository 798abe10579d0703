"""The readers' pages as one ASGI application."""

from starlette.applications import Starlette

from digest.web import style
from digest.web.reception import Reception

ROUTES = (*style.ROUTES,)  # each module of pages has its own


def application(reception: Reception) -> Starlette:
    """All pages, working with `reception`."""
    app = Starlette(routes=list(ROUTES))
    app.router.redirect_slashes = False
    app.state.reception = reception
    return app
