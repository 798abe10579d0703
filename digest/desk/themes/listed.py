"""/themes: what mails look like. Which themes there are, what each is made of, and a new one begun."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from digest.accounts import log
from digest.accounts.roles import Deed
from digest.desk.door.act import Act
from digest.desk.door.visitor import visitor_of
from digest.desk.page import page, root_of
from digest.desk.studio import Studio, studio_of
from digest.errors import TemplateError
from digest.render.theme import BASE
from digest.themes.files import ThemeFile, files_of, themes
from digest.themes.writing import begin
from digest.web.form import Form

PATH = "/themes"


def show(request: Request) -> Response:
    return _page(request)


def new(request: Request, said: Form) -> Response:
    """Begins a theme, and leads to it."""
    studio, name, like = studio_of(request), said.one("name"), said.one("like")
    try:
        with studio.engine.begin() as connection:
            detail = {"did": "begun", "theme": name, "like": like}
            log.write(connection, at=studio.clock(), who=visitor_of(request).who, what=Deed.THEME, detail=detail)
            begin(studio.settings, name, like or BASE)
    except TemplateError as error:
        return _page(request, refused=str(error), name=name, like=like)
    return RedirectResponse(f"{root_of(request)}{PATH}/{name}", 303)


def theme(request: Request) -> Response:
    """What one theme is made of."""
    studio, name = studio_of(request), request.path_params["theme"]
    files = files_of(studio.settings, name)
    groups = {
        "The page": [file for file in files if "/" not in file.name and file.name.endswith(".html")],
        "Its blocks": [file for file in files if file.name.startswith("blocks/") and file.name.endswith(".html")],
        "Its style": [file for file in files if file.name.endswith(".css")],
        "Plain text": [file for file in files if file.name.endswith(".txt")],
    }
    rest = [file for file in files if not any(file in group for group in groups.values())]
    values = {"theme": one_of(studio, name), "groups": {**groups, "More": rest} if rest else groups, "own": _own(files)}
    return page(request, "theme.html", values)


def one_of(studio: Studio, name: str) -> object:
    """The theme of that name."""
    return next(one for one in themes(studio.settings) if one.name == name)


def _own(files: tuple[ThemeFile, ...]) -> int:
    return sum(file.own for file in files)


def _page(request: Request, *, refused: str = "", name: str = "", like: str = "") -> Response:
    settings = studio_of(request).settings
    found = themes(settings)
    values = {
        "themes": [(one, _own(files_of(settings, one.name))) for one in found],
        "missing": {slug: letter.theme for slug, letter in settings.newsletters.items() if letter.theme not in {one.name for one in found}},
        "refused": refused,
        "name": name[:63],
        "like": like or BASE,
    }
    return page(request, "themes.html", values, 409 if refused else 200)


ROUTES = (Route(PATH, show), Act(f"{PATH}/new", new, deed=Deed.THEME), Route(f"{PATH}/{{theme}}", theme))
