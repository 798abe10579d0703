"""/edition/…/content: an editor's last word on an edition. Every change is made by a form; a script only makes it quicker."""

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.accounts.roles import Deed
from digest.change_words import done_words
from digest.desk.content import making
from digest.desk.content.board import Board, board
from digest.desk.content.candidates import ground, spares, voices
from digest.desk.content.making import CONTENT
from digest.desk.door.act import Act
from digest.desk.door.visitor import visitor_of
from digest.desk.edition_now import edition_now, key_of, working_now
from digest.desk.head import edition_page
from digest.desk.mail.viewer import with_query
from digest.desk.page import root_of
from digest.desk.place import edition_of, slot_path
from digest.desk.pulse import pulse
from digest.desk.studio import Studio, studio_of
from digest.editions.changes import Sponsored
from digest.editions.standing import STANDING
from digest.item_names import Names, names
from digest.newsletter import Newsletter
from digest.web.form import Form
from digest.working import Working

ASKED = 100  # characters that are searched for


def content(request: Request) -> Response:
    studio, (newsletter, slot) = studio_of(request), edition_of(request)
    felt = pulse(studio, newsletter, slot)
    work, edition = working_now(studio, newsletter, slot), edition_now(studio, newsletter, slot)
    known = known_names(studio, work)
    working_on = board(work.chosen.choice, edition, work.changes, known)
    values = {
        "edition": edition,
        "board": working_on,
        **_paid(working_on, newsletter),
        "did": done_words(work.changes, request.query_params.get("did", ""), known, visitor_of(request).who),
        "frame": with_query(f"{root_of(request)}{slot_path(newsletter, slot)}/frame", {"v": felt}),
        "notes": work.chosen.choice.notes,
        "own": newsletter,
        **_searched(request, work, known),
        **standing_of(work),
    }
    return edition_page(request, "content.html", newsletter, slot, values, tab="Content", seen=felt)


def quotes(request: Request) -> Response:
    """The comments of one story, to choose the one that is quoted."""
    studio, (newsletter, slot) = studio_of(request), edition_of(request)
    work, article = working_now(studio, newsletter, slot), _article(request)
    key = ("ground", key_of(studio, newsletter, slot))
    base = studio.shelf.get(key, lambda: ground(work.chosen, studio.settings.publication.url))
    found = voices(work.chosen, base, article)
    values = {"article": article, "name": known_names(studio, work).article(article), "voices": found, **standing_of(work)}
    return edition_page(request, "content_quotes.html", newsletter, slot, values, tab="Content")


def swap(request: Request) -> Response:
    """The articles that could come into the place of one story."""
    studio, (newsletter, slot) = studio_of(request), edition_of(request)
    work, article = working_now(studio, newsletter, slot), _article(request)
    known = known_names(studio, work)
    values = {"article": article, "name": known.article(article), **_searched(request, work, known), **standing_of(work)}
    return edition_page(request, "content_swap.html", newsletter, slot, values, tab="Content")


def words(request: Request) -> Response:
    """The words told of one story, to be written anew."""
    studio, (newsletter, slot) = studio_of(request), edition_of(request)
    work, article = working_now(studio, newsletter, slot), _article(request)
    story = next((one for one in edition_now(studio, newsletter, slot).stories if one.article_id == article), None)
    if story is None:
        raise HTTPException(404, "This story is not in the edition any more.")
    return edition_page(request, "content_words.html", newsletter, slot, {"story": story, **standing_of(work)}, tab="Content")


def introduction(request: Request, form: Form) -> Response:
    """What somebody is writing, drawn as it would stand; nothing is kept."""
    studio, (newsletter, slot) = studio_of(request), edition_of(request)
    values = {"written": form.one("markdown").replace("\r\n", "\n"), **standing_of(working_now(studio, newsletter, slot)), "events": ""}
    return edition_page(request, "content_introduction.html", newsletter, slot, values, tab="Content")


def known_names(studio: Studio, work: Working) -> Names:
    """Of all that is in, or out, or was ever named by a change."""
    with studio.reads.begin() as connection:
        return names(connection, work.chosen.gathered.shown, work.chosen.choice, work.automatic, changes=work.changes.all)


def _paid(working_on: Board, newsletter: Newsletter) -> Mapping[str, object]:
    """The sponsor as the form has it. A label that nobody set is left to the newsletter's language."""
    own = working_on.sponsored.change if working_on.sponsored else None
    paid = own.sponsor if isinstance(own, Sponsored) else newsletter.sponsor
    return {"paid": paid, "paid_label": paid.label if paid and "label" in paid.model_fields_set else ""}


def standing_of(work: Working) -> Mapping[str, object]:
    """Whether the edition can be changed, and what of its changes the page shows."""
    return {"seen": work.changes.revision, "open": work.stored is None or work.stored.state in STANDING}


def _searched(request: Request, work: Working, known: Names) -> Mapping[str, object]:
    asked = request.query_params.get("q", "").strip()[:ASKED]
    return {"asked": asked, "spares": spares(work.chosen, known, asked)}


def _article(request: Request) -> int:
    text: str = request.path_params["article"]
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise HTTPException(404, "There is no such article.")
    return int(text)


ROUTES = (
    Route(CONTENT, content, methods=["GET"]),
    Route(f"{CONTENT}/quotes/{{article}}", quotes, methods=["GET"]),
    Route(f"{CONTENT}/swap/{{article}}", swap, methods=["GET"]),
    Route(f"{CONTENT}/words/{{article}}", words, methods=["GET"]),
    Act(f"{CONTENT}/introduction", introduction, deed=Deed.CHANGE),
    *making.ROUTES,
)
