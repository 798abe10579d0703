"""To subscribe: what becomes of a form. Known or not, suppressed or not: every address costs the same and is answered alike."""

from datetime import datetime, timedelta
from enum import Enum, auto

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from digest.limits import Limit, allow
from digest.publication import PageLimits
from digest.settings import Settings
from digest.web import sign_up_form
from digest.web.answer import ANYWHERE, busy, per_client, plainly, preflight, taken, wants_json
from digest.web.asked import Asked, Mistake, read_asked
from digest.web.client import client_of
from digest.web.form import Form, answering
from digest.web.offers import open_newsletters, wordings
from digest.web.page import page
from digest.web.proof import proven
from digest.web.reception import reception_of
from digest.web.sealed import seal, unseal
from digest.web.speech import language_of
from digest.web.stamp import LIFETIME, age, new_stamp
from subscribers.signup import take_in
from subscribers.wording import keep, version

PATIENCE = timedelta(seconds=10)  # what a browser without script waits instead of a proof of work
LANGUAGE_CHARACTERS = 35  # of the longest tag (RFC 5646, 4.4.1)
HONEYPOT = "website"  # a field no person sees
# For as long as a form may be good, and its page lies open.
ONCE = Limit(what="ticket", count=1, period=2 * LIFETIME)
SAME = Limit(what="wish", count=1, period=2 * LIFETIME)


class Taking(Enum):
    DONE = auto()
    BUSY = auto()  # the network has asked for too much
    SPENT = auto()  # something else was sent with this form's ticket before


def subscribe(request: Request, form: Form) -> Response:
    reception = reception_of(request)
    settings, now = reception.settings, reception.clock()
    waiting = unseal(form.one("wish"), reception.keys, now)
    if waiting is not None and _offered(waiting[0], settings):
        return _pressed_again(request, form, *waiting)
    language = language_of(request, settings.publication.language, form.one("language")[:LANGUAGE_CHARACTERS])
    asked = read_asked(form, settings, language=language, headers=request.headers)
    if isinstance(asked, Mistake):
        return _to_mend(request, form, asked, language)
    token = form.one("stamp")
    if not _comes_from_a_person(form, settings.pages.limits, age(token, reception.keys, now)):
        return _once_more(request, asked, seal(asked, reception.keys, now))
    done = _take(request, asked, token, now)
    return _once_more(request, asked, seal(asked, reception.keys, now)) if done == Taking.SPENT else _told(request, asked, done)


def _offered(asked: Asked, settings: Settings) -> bool:
    """Whether all of it is still open: a page may have waited through a change of digest.toml."""
    return {choice.newsletter for choice in asked.choices} <= {newsletter.slug for newsletter in open_newsletters(settings)}


def _pressed_again(request: Request, form: Form, asked: Asked, waited: timedelta) -> Response:
    """The second press, on our own page."""
    reception = reception_of(request)
    limits, token = reception.settings.pages.limits, form.one("wish")
    proof = proven(token, form.one("proof"), limits.proof_of_work) or waited >= PATIENCE
    if waited.total_seconds() < limits.minimum_seconds or not proof:
        return _once_more(request, asked, token, early=True)
    return _told(request, asked, _take(request, asked, token, reception.clock()))


def _comes_from_a_person(form: Form, limits: PageLimits, since: timedelta | None) -> bool:
    unhurried = since is not None and since.total_seconds() >= limits.minimum_seconds
    return unhurried and not form.one(HONEYPOT) and proven(form.one("stamp"), form.one("proof"), limits.proof_of_work)


def _take(request: Request, asked: Asked, ticket: str, now: datetime) -> Taking:
    """`ticket`, a stamp or a sealed wish, is good for one sign-up; the very same sent again, by a double click, is that one."""
    reception = reception_of(request)
    key, settings = reception.keys[-1], reception.settings
    with reception.engine.begin() as connection:
        if not allow(connection, SAME, f"{ticket} {asked}", key=key, now=now):
            return Taking.DONE
        if not allow(connection, ONCE, ticket, key=key, now=now):
            connection.rollback()
            return Taking.SPENT
        if not allow(connection, per_client(settings), client_of(request), key=key, now=now):
            connection.rollback()
            return Taking.BUSY
        for text in wordings(settings, asked.language):
            if version(text) == asked.wording:
                keep(connection, text, now=now)
        for wish in asked.wishes():
            take_in(connection, wish, now=now)
    reception.wake()
    return Taking.DONE


def _told(request: Request, asked: Asked, done: Taking) -> Response:
    settings, language = reception_of(request).settings, asked.language
    if done == Taking.BUSY:
        return busy(request, language)
    confirm = any(settings.newsletter(choice.newsletter).sign_up.double_opt_in for choice in asked.choices)
    if wants_json(request):
        return plainly(ok=True, message=taken(settings, language, confirm=confirm))
    return page(request, "subscribe_taken.html", {"confirm": confirm, "sender": settings.letters.from_address}, language=language)


def _to_mend(request: Request, form: Form, mistake: Mistake, language: str) -> Response:
    if wants_json(request):
        return plainly(ok=False, message=mistake.said(language), status=400)
    return sign_up_form.mended(request, mistake, shown=form.one("shown"), ticked=form.all("newsletters"), language=language)


def _once_more(request: Request, asked: Asked, token: str, *, early: bool = False) -> Response:
    """Too quick, too old, without its stamp or proof, or the field that nobody sees was filled in: a person only has to press once more."""
    if wants_json(request):
        return plainly(ok=False, message="", status=400, page=True)
    limits = reception_of(request).settings.pages.limits
    wait = max(limits.minimum_seconds, PATIENCE.total_seconds() if limits.proof_of_work else 0)
    values = {"wish": token, "bits": limits.proof_of_work, "soon": limits.minimum_seconds, "wait": wait, "early": early}
    answer = page(request, "subscribe_again.html", values, 400, language=asked.language, scripted=True)
    answer.headers["Cache-Control"] = "no-store"
    return answer


async def stamp(request: Request) -> Response:
    """For the script of a box: a stamp, how many seconds to wait, and how many bits to prove."""
    reception = reception_of(request)
    limits = reception.settings.pages.limits
    made = {"stamp": new_stamp(reception.keys, reception.clock()), "wait": limits.minimum_seconds, "bits": limits.proof_of_work}
    return JSONResponse(made, headers=ANYWHERE)


ROUTES = (
    Route("/subscribe", answering(subscribe), methods=["POST"]),
    Route("/subscribe", preflight, methods=["OPTIONS"]),
    Route("/stamp", stamp, methods=["GET"]),
    Route("/stamp", preflight, methods=["OPTIONS"]),
)
