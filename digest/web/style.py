"""The pages' one style: `templates/pages/style.css`."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.web.static import Drawing

STYLE = Drawing(template="style.css", media_type="text/css")


def style(request: Request) -> Response:
    return STYLE.answer(request)


ROUTES = (Route("/static/style-{hash}.css", style),)
