"""/themes/…/file: one file of a theme, changed in the browser, tried on a mail, and kept or given up."""

from collections.abc import Callable
from dataclasses import replace
from difflib import unified_diff

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from digest.accounts import log
from digest.accounts.roles import Deed
from digest.desk.door.act import Act
from digest.desk.door.visitor import visitor_of
from digest.desk.mail.frame import HEADERS, POLICY, framed
from digest.desk.mail.pictures import sources
from digest.desk.mail.viewer import with_query
from digest.desk.page import page, root_of
from digest.desk.studio import Studio, studio_of
from digest.desk.themes.attempts import Attempt
from digest.desk.themes.listed import PATH, one_of
from digest.desk.themes.trial import Sheet, sheet
from digest.errors import FileChanged, TemplateError
from digest.newsletter import Newsletter
from digest.themes.files import FILE, NEW, ThemeFile, files_of
from digest.themes.writing import give_up, keep
from digest.web.form import Form

THEME = f"{PATH}/{{theme}}"
DONE = {"kept": "Kept: mails that are drawn from now on have it.", "given": "Given up: the program’s own is in use again, if it has one."}
EDITION, SPECIMEN = "edition", "specimen"


def show(request: Request) -> Response:
    return _page(request, _file(request), _attempt(request))


def try_it(request: Request, said: Form) -> Response:
    """Remembers the text for whoever tries it, and leads to the page that shows it."""
    studio, name = studio_of(request), _named(said.one("name"))
    who, theme = visitor_of(request).who, request.path_params["theme"]
    key = studio.attempts.add(theme=theme, name=name, text=_text(said), seen=said.one("seen"), who=who, now=studio.clock())
    return RedirectResponse(_address(request, name, attempt=key, on=said.one("on"), newsletter=said.one("newsletter")), 303)


def keep_it(request: Request, said: Form) -> Response:
    text = _text(said)
    return _do(request, said, "kept", lambda studio, theme, name: keep(studio.settings, theme, name, text, seen=said.one("seen")))


def give_it_up(request: Request, said: Form) -> Response:
    return _do(request, said, "given", lambda studio, theme, name: give_up(studio.settings, theme, name, seen=said.one("seen")))


def frame(request: Request) -> Response:
    """The mail, in a policy of its own (see `frame.py`)."""
    studio, asked = studio_of(request), request.query_params
    files_of(studio.settings, request.path_params["theme"])
    found = _sheet(request, _attempt(request))
    if found.wrong:
        return PlainTextResponse(found.wrong, 404, headers=HEADERS)
    html = framed(found.html, "dark" if asked.get("colours") == "dark" else "light")
    return HTMLResponse(html, headers={**HEADERS, "Content-Security-Policy": POLICY.format(pictures=sources(found.pictures))})


def _do(request: Request, said: Form, done: str, do: Callable[[Studio, str, str], None]) -> Response:
    """Does it and logs it, or neither; then back to the page. Where somebody was quicker, the page shows both."""
    studio, theme, name = studio_of(request), request.path_params["theme"], _named(said.one("name"))
    try:
        with studio.engine.begin() as connection:
            detail = {"did": done, "theme": theme, "file": name}
            log.write(connection, at=studio.clock(), who=visitor_of(request).who, what=Deed.THEME, detail=detail)
            do(studio, theme, name)
    except FileChanged as error:
        file = _of(studio, theme, name)
        mine = Attempt(theme=theme, name=name, text=_text(said) or file.text, seen=file.seen, who="", ends=studio.clock())
        return _page(request, file, mine, notice=str(error), status=409)
    return RedirectResponse(_address(request, name, done=done), 303)


def _page(request: Request, file: ThemeFile, attempt: Attempt | None, *, notice: str = "", status: int = 200) -> Response:
    studio, asked = studio_of(request), request.query_params
    shown = _sheet(request, attempt)
    here = {"attempt": asked.get("attempt", "") if attempt else "", "newsletter": asked.get("newsletter", "")}
    frames = with_query(f"{root_of(request)}{PATH}/{request.path_params['theme']}/frame", {**here, "name": file.name, "on": _on(request)})
    values = {
        "theme": one_of(studio, request.path_params["theme"]),
        "file": file,
        "text": attempt.text if attempt else file.text,
        "seen": attempt.seen if attempt else file.seen,
        "tried": attempt is not None,
        "difference": _difference(file.text, attempt.text) if attempt and notice else "",
        "shown": shown,
        "frames": frames,
        "ways": [(title, _address(request, file.name, **here, on=on), on == _on(request)) for on, title in _ways(request)],
        "on": _on(request),
        "newsletter": asked.get("newsletter", ""),
        "notice": notice,
        "done": DONE.get(asked.get("done", ""), ""),
    }
    return page(request, "theme_file.html", values, status)


def _sheet(request: Request, attempt: Attempt | None) -> Sheet:
    studio = studio_of(request)
    return sheet(studio, _letter(request), request.path_params["theme"], attempt, specimen_only=_on(request) == SPECIMEN)


def _letter(request: Request) -> Newsletter:
    """The newsletter asked for, or else one that is drawn in this theme, or any."""
    declared, asked = studio_of(request).settings.newsletters, request.query_params.get("newsletter", "")
    if asked in declared:
        return declared[asked]
    found = sorted(declared.values(), key=lambda letter: letter.theme != request.path_params["theme"])
    if not found:
        raise TemplateError("No newsletter is declared in digest.toml: there is nothing to draw.")
    return found[0]


def _ways(request: Request) -> list[tuple[str, str]]:
    return [(EDITION, f"Next edition of {_letter(request).title}"), (SPECIMEN, "Specimen of every block")]


def _on(request: Request) -> str:
    return SPECIMEN if request.query_params.get("on") == SPECIMEN else EDITION


def _attempt(request: Request) -> Attempt | None:
    studio, key, theme = studio_of(request), request.query_params.get("attempt", ""), request.path_params["theme"]
    return studio.attempts.find(key, who=visitor_of(request).who, theme=theme, now=studio.clock())


def _file(request: Request) -> ThemeFile:
    return _of(studio_of(request), request.path_params["theme"], _named(request.query_params.get("name", "")))


def _of(studio: Studio, theme: str, name: str) -> ThemeFile:
    """The file; where there is none of that name, one that is still to be written."""
    found = next((file for file in files_of(studio.settings, theme) if file.name == name), None)
    return found or replace(ThemeFile(name=name, text="", lender="", seen=NEW), used=False)


def _named(name: str) -> str:
    if not FILE.fullmatch(name):
        raise HTTPException(404)
    return name


def _text(said: Form) -> str:
    """As it was typed; a form loses the last line end."""
    return said.one("text").replace("\r\n", "\n") + "\n" if said.one("text") else ""


def _address(request: Request, name: str, **more: str) -> str:
    return with_query(f"{root_of(request)}{PATH}/{request.path_params['theme']}/file", {"name": name}, more)


def _difference(theirs: str, mine: str) -> str:
    return "".join(unified_diff(theirs.splitlines(keepends=True), mine.splitlines(keepends=True), "as it is now", "as you have it"))


ROUTES = (
    Route(f"{THEME}/file", show),
    Route(f"{THEME}/frame", frame),
    Act(f"{THEME}/try", try_it, deed=Deed.THEME),
    Act(f"{THEME}/keep", keep_it, deed=Deed.THEME),
    Act(f"{THEME}/give-up", give_it_up, deed=Deed.THEME),
)
