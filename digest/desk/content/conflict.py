"""Two editors at once: who comes second sees what the first one did, and what they were about to do, and decides."""

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from digest.change_words import change_words
from digest.desk.door.visitor import visitor_of
from digest.desk.edition_now import working_now
from digest.desk.head import edition_page
from digest.desk.place import edition_of
from digest.desk.studio import studio_of
from digest.editions.change_store import ChangedMeanwhile
from digest.editions.changes import Change, Changed, Excerpt, Introduction, Preheader, Subject
from digest.item_names import names
from digest.web.form import Form


@dataclass(frozen=True, slots=True, kw_only=True)
class Theirs:
    """What somebody else did. `text` is all of it, where it is words."""

    who: str
    at: datetime
    did: str
    text: str


def conflict(request: Request, form: Form, asked: Change, meanwhile: ChangedMeanwhile) -> Response:
    """The page with both, and a form that makes the second change, too, once its maker has seen the first. 409."""
    studio, (newsletter, slot) = studio_of(request), edition_of(request)
    work = working_now(studio, newsletter, slot)
    wanted = Changed(number=0, at=studio.clock(), who=visitor_of(request).who, change=asked)
    with studio.reads.begin() as connection:
        known = names(connection, work.chosen.gathered.shown, work.chosen.choice, changes=(*work.changes.all, wanted))
    values = {
        "events": "",  # the page stays until it is answered, whatever else happens
        "theirs": [Theirs(who=one.who, at=one.at, did=change_words(one.change, known), text=written(one.change)) for one in meanwhile.theirs],
        "mine": change_words(asked, known),
        "mine_text": written(asked),
        "fields": _fields(form),
        "action": request.url.path,
        "seen": max(one.number for one in meanwhile.theirs),  # what this page shows: what came since is told the next time
    }
    return edition_page(request, "content_conflict.html", newsletter, slot, values, tab="Content", status=409)


def written(change: Change) -> str:
    """The words that a change sets."""
    match change:
        case Subject(text=text) | Preheader(text=text) | Excerpt(text=text) | Introduction(markdown=text):
            return text
        case _:
            return ""


def _fields(form: Form) -> list[tuple[str, str]]:
    """What the form asked for, to be asked for once more."""
    return [(name, value) for name, value in form.fields if name not in ("csrf", "seen")]
