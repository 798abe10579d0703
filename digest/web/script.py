"""The one script of the pages: what it does for a form is in `templates/pages/proof.js`. Every page works without it."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.render.environment import environment, render
from digest.web.reception import reception_of
from digest.web.static import folders


def proof_script(request: Request) -> Response:
    publication = reception_of(request).settings.publication
    made = environment(folders(reception_of(request).settings), publication.language, publication.time_zone)
    return Response(render(made, "proof.js", {}), media_type="text/javascript", headers={"Cache-Control": "public, max-age=3600"})


ROUTES = (Route("/proof.js", proof_script),)
