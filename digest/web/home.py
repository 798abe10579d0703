"""/: the newsletters there are, and the way to subscribe."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.web.page import page
from digest.web.reception import reception_of


async def home(request: Request) -> Response:
    """Those that people may come to by themselves. It waits for no database, and a thread costs more than the page."""
    newsletters = [letter for letter in reception_of(request).settings.newsletters.values() if letter.sign_up.open]
    return page(request, "home.html", {"newsletters": newsletters})


ROUTES = (Route("/", home),)
