"""/edition/…/history: every change to an edition and everything else done to it, by whom and when; each change can be undone by itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.accounts.log import Logged, of_edition
from digest.accounts.roles import Deed
from digest.change_words import change_words, done_words
from digest.desk.content.conflict import written
from digest.desk.content.tab import known_names, standing_of
from digest.desk.door.visitor import visitor_of
from digest.desk.edition_now import working_now
from digest.desk.head import edition_page
from digest.desk.place import PATTERN, edition_of
from digest.desk.pulse import pulse
from digest.desk.studio import Studio, studio_of
from digest.editions.changes import Changes, Redo, Undo
from digest.item_names import Names
from digest.working import Working

DONE = {
    Deed.TEST: "sent a test",
    Deed.APPROVE: "approved it",
    Deed.HOLD: "held it",
    Deed.RELEASE: "released it",
    Deed.SEND: "sent it, not at its slot",
    Deed.CANCEL: "cancelled it",
    Deed.RENEW: "chose it anew, with what had come since",
}
CHANGES = (Deed.CHANGE, Deed.UNDO)  # told by the changes themselves


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Something that was done. `number` is that of a change that can be undone, or made to count again (`undone`); 0: neither."""

    at: datetime
    who: str
    did: str
    text: str = ""
    number: int = 0
    undone: bool = False


def history(request: Request) -> Response:
    studio, (newsletter, slot) = studio_of(request), edition_of(request)
    felt = pulse(studio, newsletter, slot)
    work = working_now(studio, newsletter, slot)
    known = known_names(studio, work)
    lines = [*_changes(work.changes, known), *_deeds(studio, work)]
    values = {
        "lines": sorted(lines, key=lambda line: (line.at, line.number), reverse=True),
        "did": done_words(work.changes, request.query_params.get("did", ""), known, visitor_of(request).who),
        **standing_of(work),
    }
    return edition_page(request, "history.html", newsletter, slot, values, tab="History", seen=felt)


def _changes(changes: Changes, known: Names) -> Iterator[Line]:
    by_number = {one.number: one for one in changes.all}
    for one in changes.all:
        if isinstance(one.change, Undo | Redo):
            meant = by_number.get(one.change.number, one)
            did = "undid" if isinstance(one.change, Undo) else "made count again"
            yield Line(at=one.at, who=one.who, did=f"{did}: {change_words(meant.change, known)}")
        else:
            did = change_words(one.change, known)
            yield Line(at=one.at, who=one.who, did=did, text=written(one.change), number=one.number, undone=one.undone)


def _deeds(studio: Studio, work: Working) -> Iterator[Line]:
    if work.stored is None:
        return
    with studio.reads.begin() as connection:
        logged = of_edition(connection, work.stored.id)
    yield from (Line(at=one.at, who=one.who, did=_did(one)) for one in logged if one.what not in CHANGES)


def _did(one: Logged) -> str:
    return DONE.get(Deed(one.what), one.what) if one.what in set(Deed) else one.what


ROUTES = (Route(f"{PATTERN}/history", history),)
