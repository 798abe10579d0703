"""/edition/…/weights: the weights by which articles and comments are judged, tried on this edition, and kept in digest.toml with one press."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from digest.accounts import log
from digest.accounts.roles import Deed
from digest.desk.door.act import Act
from digest.desk.door.visitor import visitor_of
from digest.desk.head import edition_page
from digest.desk.mail.frame import HEADERS, POLICY, framed
from digest.desk.mail.pictures import sources
from digest.desk.mail.viewer import with_query
from digest.desk.page import root_of
from digest.desk.place import PATTERN, edition_of, slot_path
from digest.desk.studio import Studio, studio_of
from digest.desk.why.trial import trial, trial_page
from digest.desk.why.weights_tried import TABLES, NoSuchWeight, differing, groups, numbers, place_of, tried, value_of
from digest.editions.contrast import Contrast, contrast
from digest.editions.values import Choice, Kind, Place
from digest.errors import DigestError, FileChanged
from digest.item_names import Names, names
from digest.newsletter import Newsletter
from digest.settings_file import keep, written
from digest.web.form import Form

WEIGHTS = f"{PATTERN}/weights"
SHOWN = (Place.LEAD, Place.SECTION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A story as it would stand. `was`: its place before, counted from 1; 0: it was not in. `moved`: it stands behind others than then."""

    id: int
    was: int
    now: int
    moved: bool
    quote: int | None
    new_quote: bool


def weights(request: Request) -> Response:
    try:
        return _page(request, numbers(request.query_params))
    except NoSuchWeight as error:
        return _page(request, {}, notice=str(error), status=400)


def weights_frame(request: Request) -> Response:
    studio, (newsletter, slot) = studio_of(request), edition_of(request)
    try:
        shown = trial_page(studio, newsletter, slot, differing(newsletter, numbers(request.query_params), studio.environment))
    except (NoSuchWeight, DigestError) as error:
        return PlainTextResponse(str(error), 404, headers=HEADERS)
    policy = POLICY.format(pictures=sources(shown.pictures))
    return HTMLResponse(framed(shown.html, "light"), headers={**HEADERS, "Content-Security-Policy": policy})


def keep_weights(request: Request, form: Form) -> Response:
    """Writes what differs to digest.toml. Where the file was changed meanwhile the page says so, with both, and nothing is written."""
    studio, (newsletter, slot) = studio_of(request), edition_of(request)
    asked: dict[str, float] = {}
    try:
        asked = numbers(dict(form.fields))
        values = differing(newsletter, asked, studio.environment)
        if values:
            paths = {place_of(newsletter, field): value for field, value in values.items()}
            keep(studio.file, paths, seen=form.one("seen"), environment=studio.environment)
            _log(request, studio, newsletter, values)
    except FileChanged as error:
        studio.refresh()
        return _page(request, asked, notice=str(error), status=409)
    except (NoSuchWeight, DigestError) as error:
        return _page(request, asked, notice=str(error), status=400)
    return RedirectResponse(with_query(root_of(request) + slot_path(newsletter, slot) + "/weights", {"kept": str(len(values))}), 303)


def _log(request: Request, studio: Studio, newsletter: Newsletter, values: Mapping[str, float]) -> None:
    paths = {field: ".".join(place_of(newsletter, field)) for field in values}
    was = {path: value_of(newsletter, field) for field, path in paths.items()}
    detail = {"weights": {path: values[field] for field, path in paths.items()}, "was": was}
    with studio.engine.begin() as connection:
        log.write(connection, at=studio.clock(), who=visitor_of(request).who, what=Deed.KEEP, newsletter=newsletter.slug, detail=detail)


def _page(request: Request, asked: Mapping[str, float], *, notice: str = "", status: int = 200) -> Response:
    studio, (newsletter, slot) = studio_of(request), edition_of(request)
    try:
        values = differing(newsletter, asked, studio.environment)
        shown = tried(newsletter, values)
    except NoSuchWeight as error:
        values, shown, notice, status = {}, newsletter, str(error), 400
    before, after = (trial(studio, newsletter, slot, one).choice for one in ({}, values))
    told = contrast(after, before)
    path = root_of(request) + slot_path(newsletter, slot)
    page = {
        "tables": {table: list(groups(table, newsletter, shown, studio.environment)) for table in TABLES},
        "lines": list(_lines(before, after, told)),
        "contrast": told,
        "names": _names(studio, newsletter, slot, before, after),
        "tried": values,
        "frame": with_query(f"{path}/weights/frame", {field: f"{value:g}" for field, value in values.items()}),
        "seen": written(studio.file).seen,
        "tables_at": {table: ".".join(place_of(newsletter, f"{table}.x")[:-1]) for table in TABLES},
        "notice": notice,
        "kept": request.query_params.get("kept", "") if not values else "",
    }
    return edition_page(request, "weights.html", newsletter, slot, page, tab="Why", status=status)


def _names(studio: Studio, newsletter: Newsletter, slot: datetime, before: Choice, after: Choice) -> Names:
    with studio.reads.begin() as connection:
        return names(connection, trial(studio, newsletter, slot, {}).gathered.shown, before, after)


def _lines(before: Choice, after: Choice, told: Contrast) -> list[Line]:
    was, quoted = _stories(before), _quotes(before)
    moved, now_quoted = {one.article_id for one in told.moved}, _quotes(after)
    return [
        Line(
            id=number,
            was=was.index(number) + 1 if number in was else 0,
            now=place,
            moved=number in moved,
            quote=now_quoted.get(number),
            new_quote=number in was and now_quoted.get(number) != quoted.get(number),
        )
        for place, number in enumerate(_stories(after), 1)
    ]


def _stories(choice: Choice) -> list[int]:
    return [pick.id for pick in choice.picks if pick.kind is Kind.ARTICLE and pick.place in SHOWN]


def _quotes(choice: Choice) -> dict[int, int]:
    return {pick.article_id: pick.id for pick in choice.picks if pick.place is Place.QUOTE}


ROUTES = (
    Route(WEIGHTS, weights, methods=["GET"]),
    Act(WEIGHTS, keep_weights, deed=Deed.KEEP),
    Route(f"{WEIGHTS}/frame", weights_frame),
)
