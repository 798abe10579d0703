"""One page for a reader: a template of templates/pages, in their language, with the policy of what it may load."""

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from digest.publication import Publication
from digest.render.environment import Environment, environment, render
from digest.render.look import Look
from digest.web.icon import ICON
from digest.web.reception import Reception, reception_of
from digest.web.speech import language_of
from digest.web.static import folders
from digest.web.style import STYLE

POLICY = "default-src 'none'; style-src 'self'; img-src {pictures}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
SCRIPTED = "; script-src 'self'; connect-src 'self'; worker-src 'self'"


def page(request: Request, name: str, values: Mapping[str, object], status: int = 200, *, language: str = "", scripted: bool = False) -> Response:
    """The template `name` with `values` and, always, `look`, `root` (what every link begins with) and the addresses `style`, `icon` and `privacy`.

    `language` is the reader's own where it is known; else what the browser asks for, else the publication's. `scripted` allows scripts of our own.
    """
    reception = reception_of(request)
    spoken = language_of(request, reception.settings.publication.language, language)
    made, shared, policy = _frame(reception, spoken)
    html = render(made, name, {**shared, **values})
    headers = {"Content-Security-Policy": policy + (SCRIPTED if scripted else ""), "Content-Language": spoken, "Vary": "Accept-Language"}
    return HTMLResponse(html, status_code=status, headers=headers)


@lru_cache(maxsize=32)
def _frame(reception: Reception, language: str) -> tuple[Environment, dict[str, object], str]:
    """What all pages in a language have in common: where they are drawn, what they show, what they may load."""
    root, settings = reception.root, reception.settings
    shared = {
        "look": Look.of_house(settings.publication, language),
        "root": root,
        "style": root + STYLE.path(settings),
        "icon": root + ICON.path(settings),
        "privacy": settings.pages.privacy or f"{root}/privacy",
    }
    return environment(folders(settings), language, settings.publication.time_zone), shared, _policy(settings.publication)


def _policy(publication: Publication) -> str:
    logos = (urlsplit(address) for address in (publication.logo, publication.logo_dark) if address)
    pictures = " ".join(dict.fromkeys(("'self'", *(f"{logo.scheme}://{logo.netloc}" for logo in logos))))
    return POLICY.format(pictures=pictures)
