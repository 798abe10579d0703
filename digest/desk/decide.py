"""/edition/…/approve, /hold, /send-now …: what becomes of an edition, decided at the desk. What cannot be taken back is asked for twice."""

from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from digest import steer
from digest.accounts.roles import Deed
from digest.desk.content.asked_change import asked_seen
from digest.desk.door.act import Act
from digest.desk.door.visitor import require, visitor_of
from digest.desk.head import edition_page
from digest.desk.page import root_of
from digest.desk.place import PATTERN, edition_of, slot_path
from digest.desk.studio import studio_of
from digest.editions import store
from digest.errors import TransportDown, WrongState
from digest.plan_count import readers_of
from digest.review import steps
from digest.review.send_now import send_now
from digest.review.send_test import Tried, send_test
from digest.sources.recheck import rechecking
from digest.web.form import Form
from digest.wiring import routes
from digest.working import renew
from subscribers.errors import BadAddress

REASON = 200  # characters
Decided = Callable[[Request, Form], None]


def approve(request: Request, form: Form) -> None:
    studio, (newsletter, slot) = studio_of(request), edition_of(request)
    who, now = visitor_of(request).who, studio.clock()
    steps.approve(studio.engine, studio.settings, newsletter, slot, who=who, now=now, seen=asked_seen(form))


def take_back(request: Request, form: Form) -> None:
    studio = studio_of(request)
    steps.take_back(studio.engine, _number(request), who=visitor_of(request).who, now=studio.clock())


def hold(request: Request, form: Form) -> None:
    studio, (newsletter, slot) = studio_of(request), edition_of(request)
    reason = " ".join(form.one("reason").split())[:REASON]
    steps.hold(studio.engine, newsletter, slot, who=visitor_of(request).who, now=studio.clock(), reason=reason)


def release(request: Request, form: Form) -> None:
    studio = studio_of(request)
    steps.release(studio.engine, _number(request), who=visitor_of(request).who, now=studio.clock())


def take_in(request: Request, form: Form) -> None:
    studio, (newsletter, slot) = studio_of(request), edition_of(request)
    renew(studio.engine, studio.settings, newsletter, slot, who=visitor_of(request).who, now=studio.clock())


def cancel(request: Request, form: Form) -> None:
    studio = studio_of(request)
    reason = " ".join(form.one("reason").split())[:REASON]
    steer.cancel(studio.engine, _number(request), studio.clock(), reason, who=visitor_of(request).who)


def send(request: Request, form: Form) -> None:
    studio, (newsletter, slot) = studio_of(request), edition_of(request)
    now = studio.clock()
    published = send_now(
        studio.engine,
        studio.settings,
        newsletter,
        slot,
        who=visitor_of(request).who,
        now=now,
        recheck=rechecking(studio.engine, studio.settings, now),
        seen=asked_seen(form),
    )
    if published.queued is None:
        raise WrongState(f"It was not sent: it is {published.edition.state}. {published.edition.reason}".strip())


def test(request: Request, form: Form) -> Response:
    """What became of the test is told at once: it is not done again by loading the page anew."""
    newsletter, slot = edition_of(request)
    tried, status = _tried(request, form.one("address"))
    return edition_page(request, "tested.html", newsletter, slot, {"tried": tried}, tab="", status=status)


def _tried(request: Request, address: str) -> tuple[Tried, int]:
    """What became of it, and the status that says so."""
    studio, (newsletter, slot) = studio_of(request), edition_of(request)
    try:
        tried = send_test(
            studio.engine,
            studio.settings,
            newsletter,
            slot,
            address,
            who=visitor_of(request).who,
            now=studio.clock(),
            keys=studio.keys,
            routes=routes(studio.settings),
        )
    except BadAddress as error:
        return Tried(taken=False, words=str(error)), 422
    except TransportDown as error:
        return Tried(taken=False, words=str(error)), 502
    return tried, 200 if tried.taken else 502


def ask_to_send(request: Request) -> Response:
    require(request, Deed.SEND)
    studio, (newsletter, slot) = studio_of(request), edition_of(request)
    with studio.reads.begin() as connection:
        number = readers_of(connection, newsletter, studio.clock()).number
    return edition_page(request, "ask_send.html", newsletter, slot, {"readers": number}, tab="")


def ask_to_cancel(request: Request) -> Response:
    require(request, Deed.CANCEL)
    newsletter, slot = edition_of(request)
    return edition_page(request, "ask_cancel.html", newsletter, slot, {}, tab="")


def _number(request: Request) -> int:
    newsletter, slot = edition_of(request)
    with studio_of(request).reads.begin() as connection:
        found = store.find(connection, newsletter.slug, newsletter.cadence, slot)
    if found is None:
        raise HTTPException(404, "This edition is not made yet.")
    return found.id


def _act(path: str, decide: Decided, deed: Deed) -> Act:
    """Decides; then the edition as it is."""

    def handler(request: Request, form: Form) -> Response:
        decide(request, form)
        newsletter, slot = edition_of(request)
        return RedirectResponse(f"{root_of(request)}{slot_path(newsletter, slot)}?done={path}", 303)

    handler.__name__ = decide.__name__
    return Act(f"{PATTERN}/{path}", handler, deed=deed)


ROUTES = (
    Route(f"{PATTERN}/send-now", ask_to_send, methods=["GET"]),
    Route(f"{PATTERN}/cancel", ask_to_cancel, methods=["GET"]),
    _act("approve", approve, Deed.APPROVE),
    _act("take-back", take_back, Deed.APPROVE),
    _act("hold", hold, Deed.HOLD),
    _act("release", release, Deed.RELEASE),
    _act("renew", take_in, Deed.RENEW),
    _act("cancel", cancel, Deed.CANCEL),
    _act("send-now", send, Deed.SEND),
    Act(f"{PATTERN}/test", test, deed=Deed.TEST),
)
