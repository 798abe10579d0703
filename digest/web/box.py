"""/box/NEWSLETTER: the box as it stands beside an article, live, on light and on dark, with the lines to copy."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.errors import SettingsError
from digest.render.environment import environment, render
from digest.web.page import page
from digest.web.reception import reception_of
from digest.web.snippet import Manner, box, source
from digest.web.speech import language_of
from digest.web.static import folders


def shown(request: Request) -> Response:
    settings = reception_of(request).settings
    newsletter = settings.newsletters.get(request.path_params["slug"])
    if newsletter is None:
        raise HTTPException(404)
    language = language_of(request, settings.publication.language)
    try:
        made = box(settings, newsletter, Manner(language=language))
    except SettingsError as error:  # nobody may subscribe to it, or the pages have no address
        raise HTTPException(404) from error
    publication = settings.publication
    around = render(environment(folders(settings), publication.language, publication.time_zone), "box_page.css", {})
    answer = page(request, "box_page.html", {"title": newsletter.title, "html": made.html, "page_style": around}, language=language, scripted=True)
    policy = answer.headers["Content-Security-Policy"].replace("style-src 'self'", f"style-src 'self' {source(around)}")
    for directive, allowed in made.policy.items():
        policy = policy.replace(f"{directive} 'self'", f"{directive} 'self' {allowed}")
    answer.headers["Content-Security-Policy"] = policy
    return answer


ROUTES = (Route("/box/{slug}", shown, methods=["GET"]),)
