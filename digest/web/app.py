"""The readers' pages as one ASGI application."""

from urllib.parse import urlsplit

from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from digest.errors import DatabaseError
from digest.publication import Pages
from digest.web import box, confirm, data, health, home, icon, leave, preferences, privacy, script, sign_up_form, style, subscribe, view
from digest.web.apology import apology, away, refused
from digest.web.reception import Reception
from digest.web.shield import Shield

READING = (
    *home.ROUTES,
    *view.ROUTES,
    *privacy.ROUTES,
    *health.ROUTES,
    *style.ROUTES,
    *icon.ROUTES,
    *script.ROUTES,
    *box.ROUTES,
)  # each module of pages has its own
ACTING = (*sign_up_form.ROUTES, *leave.ROUTES, *subscribe.ROUTES, *confirm.ROUTES, *preferences.ROUTES, *data.ROUTES)
ROUTES = (*ACTING, *READING)  # the first that fits answers: those asked for most come first
HERE = frozenset({"localhost", "127.0.0.1", "[::1]"})  # to look at one's own pages; a stranger gains nothing by these names


def application(reception: Reception) -> Starlette:
    """All pages, working with `reception`, behind their shield."""
    pages = reception.settings.pages
    shield = Middleware(Shield, hosts=hosts(pages), root=reception.root, secure=pages.url.startswith("https://"), apology=apology)
    app = Starlette(
        routes=list(ROUTES),
        middleware=[shield],
        exception_handlers={HTTPException: refused, DatabaseError: away, OperationalError: away, NoConnectionLeft: away},
    )
    app.router.redirect_slashes = False  # the shield takes them off: an answer to one click must be no redirect
    app.state.reception = reception
    return app


def hosts(pages: Pages) -> frozenset[str]:
    """The names the pages answer to, in lower case, without ports."""
    named = urlsplit(pages.url).hostname
    return HERE | {name.lower() for name in pages.hosts} | ({f"[{named}]" if ":" in named else named} if named else set())
