"""The pages' one style: drawn from the publication's colours, and named by its own hash, so that a browser asks for it once."""

import hashlib
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.publication import Publication
from digest.render.environment import environment, render, templates_folder
from digest.render.look import Look
from digest.settings import Settings
from digest.web.reception import reception_of

FOREVER = "public, max-age=31536000, immutable"


def folders(settings: Settings) -> tuple[Path, ...]:
    """Where the pages' templates lie: a file in the publication's own themes/pages/ goes before the program's."""
    return settings.path(settings.render.themes) / "pages", templates_folder() / "pages"


@lru_cache(maxsize=8)
def _drawn(places: tuple[Path, ...], publication: Publication) -> str:
    look = Look.of_house(publication, publication.language)
    return render(environment(places, look.language, look.zone), "style.css", {"look": look, "colours": look.colours})


def style_path(settings: Settings) -> str:
    """The style's path below the pages' root; a changed style has another one."""
    digest = hashlib.sha256(_drawn(folders(settings), settings.publication).encode()).hexdigest()[:16]
    return f"/static/style-{digest}.css"


def style(request: Request) -> Response:
    """The style as it is now, also for a page that was made before it changed; only by its own name it is kept for good."""
    settings = reception_of(request).settings
    kept = FOREVER if request.url.path.endswith(style_path(settings)) else "no-cache"
    return Response(_drawn(folders(settings), settings.publication), media_type="text/css", headers={"Cache-Control": kept})


ROUTES = (Route("/static/style-{hash}.css", style),)
