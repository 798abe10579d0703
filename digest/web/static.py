"""What a page loads beside itself: drawn from the publication's name and colours, and named by its own hash, so that a browser asks for it once."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from digest.publication import Publication
from digest.render.environment import environment, render, templates_folder
from digest.render.look import Look
from digest.settings import Settings
from digest.web.initial import initial
from digest.web.reception import reception_of

FOREVER = "public, max-age=31536000, immutable"


def folders(settings: Settings) -> tuple[Path, ...]:
    """Where the pages' templates lie: a file in the publication's own themes/pages/ goes before the program's."""
    return settings.path(settings.render.themes) / "pages", templates_folder() / "pages"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """One template of the pages that is the same for everybody: `style.css`, `icon.svg`."""

    template: str
    media_type: str

    def text(self, settings: Settings) -> str:
        return _drawn(self.template, folders(settings), settings.publication)[0]

    def path(self, settings: Settings) -> str:
        """Its path below the pages' root; a changed drawing has another one."""
        name, _, kind = self.template.rpartition(".")
        return f"/static/{name}-{_drawn(self.template, folders(settings), settings.publication)[1]}.{kind}"

    def answer(self, request: Request, headers: Mapping[str, str] | None = None) -> Response:
        """It as it is now, also for a page that was made before it changed; only by its own name it is kept for good."""
        settings = reception_of(request).settings
        kept = FOREVER if request.url.path.endswith(self.path(settings)) else "no-cache"
        return Response(self.text(settings), media_type=self.media_type, headers={"Cache-Control": kept, **(headers or {})})


@lru_cache(maxsize=16)
def _drawn(template: str, places: tuple[Path, ...], publication: Publication) -> tuple[str, str]:
    """The text, and the beginning of its hash."""
    look = Look.of_house(publication, publication.language)
    values = {"look": look, "colours": look.colours, "initial": initial(publication.name)}
    text = render(environment(places, look.language, look.zone), template, values)
    return text, hashlib.sha256(text.encode()).hexdigest()[:16]
