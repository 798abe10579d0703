"""Changes made at the desk: one form, one change, and back to the page that shows it."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from digest.accounts.roles import Deed
from digest.desk.content.asked_change import asked_change, asked_number, asked_seen
from digest.desk.content.conflict import conflict
from digest.desk.door.act import Act
from digest.desk.door.visitor import visitor_of
from digest.desk.mail.viewer import with_query
from digest.desk.page import root_of
from digest.desk.place import PATTERN, edition_of, slot_path
from digest.desk.studio import studio_of
from digest.editions.change_store import ChangedMeanwhile
from digest.editions.changes import Change, Excerpt, Lead, Move, Pin, Quote, Redo, Swap, Undo
from digest.editions.values import Kind
from digest.web.form import Form
from digest.working import change

CONTENT = f"{PATTERN}/content"


def change_content(request: Request, form: Form) -> Response:
    return _made(request, form, asked_change(form))


def undo(request: Request, form: Form) -> Response:
    return _made(request, form, Undo(number=asked_number(form)))


def redo(request: Request, form: Form) -> Response:
    return _made(request, form, Redo(number=asked_number(form)))


def _made(request: Request, form: Form, asked: Change) -> Response:
    """Makes the change of somebody who has seen all up to `seen`; then the page as it is, with what was done."""
    studio, (newsletter, slot) = studio_of(request), edition_of(request)
    who, now, seen = visitor_of(request).who, studio.clock(), asked_seen(form)
    try:
        work = change(studio.engine, studio.settings, newsletter, slot, asked, who=who, now=now, seen=seen)
    except ChangedMeanwhile as meanwhile:
        return conflict(request, form, asked, meanwhile)
    page = "history" if form.one("back") == "history" else "content"
    path = f"{root_of(request)}{slot_path(newsletter, slot)}/{page}"
    return RedirectResponse(with_query(path, {"did": str(work.changes.revision)}) + anchor(asked), 303)


def anchor(change: Change) -> str:
    """Where on the page it goes on: at the story that was changed, where it is one."""
    match change:
        case Lead(article=article) | Move(article=article) | Quote(article=article) | Excerpt(article=article) | Swap(into=article):
            return f"#story-{article}"
        case Pin(item=Kind.ARTICLE, id=article):
            return f"#story-{article}"
        case _:
            return ""


ROUTES = (
    Act(CONTENT, change_content, deed=Deed.CHANGE),
    Act(f"{CONTENT}/undo", undo, deed=Deed.UNDO),
    Act(f"{CONTENT}/redo", redo, deed=Deed.UNDO),
)
