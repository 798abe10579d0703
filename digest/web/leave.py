"""/leave/TOKEN: a newsletter is left by one press. Opening the page changes nothing; the mail program's own button needs no page (RFC 8058)."""

from datetime import timedelta

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from digest.leaving import Leaver, hasty, look
from digest.mark import mark
from digest.render.translation import translations
from digest.web.form import Form, answering
from digest.web.holder import moved_on, preferences_path, said_in_link
from digest.web.page import page
from digest.web.press import Button, new_press, pressed
from digest.web.reception import Reception, reception_of
from digest.web.speech import language_of
from subscribers import choices, consent
from subscribers.change import Proof
from subscribers.former import today
from subscribers.tokens import Purpose

PAGE = "page"  # how it was done, in the record of consent
REASONS = {  # what is kept of a reason → what it is called on the page
    "too often": mark("It comes too often"),
    "not for me": mark("It is not about what I care for"),
    "never asked": mark("I never asked for it"),
    "other": mark("Something else"),
}
DONE = mark("You have left. Nothing more will be sent.")


def said_of(request: Request) -> str:
    """The public id in the address. Erased or never there: that is not told apart."""
    return said_in_link(request, Purpose.LEAVE)


def shown(request: Request) -> Response:
    """The page with the button, or how things stand for who has left."""
    reception, said = reception_of(request), said_of(request)
    with reception.reads.begin() as connection:
        leaver = look(connection, reception.settings, today(connection, said))
    return _stand(request, leaver, Button.LEAVE)


def left(request: Request, form: Form) -> Response:
    """One press, or one click in the mail program: it takes effect before the answer."""
    reception, said = reception_of(request), said_of(request)
    one_click = form.one("List-Unsubscribe").lower() == "one-click"
    with reception.engine.begin() as connection:
        subscription = today(connection, said)
        sure = one_click or _sure(connection, reception, form, subscription)
        ended = sure and consent.unsubscribe(connection, subscription, how="one-click" if one_click else PAGE, now=reception.clock())
        leaver = None if one_click else look(connection, reception.settings, subscription)
    if sure and not ended and moved_on(reception, subscription):
        return left(request, form)
    return _said(request) if one_click else _stand(request, leaver, Button.LEAVE if sure else Button.AGAIN)


def everything(request: Request, form: Form) -> Response:
    """Leaves all that the person gets."""
    reception, said = reception_of(request), said_of(request)
    with reception.engine.begin() as connection:
        subscription = today(connection, said)
        leaver = look(connection, reception.settings, subscription)
        if leaver and _age(reception, form, Button.EVERYTHING, subscription) is not None:
            consent.unsubscribe_from_all(connection, leaver.reader.subscriber_token, how=PAGE, now=reception.clock())
            leaver = look(connection, reception.settings, subscription)
    return _stand(request, leaver, Button.LEAVE)


def why(request: Request, form: Form) -> Response:
    """Keeps the reason, if one was chosen."""
    reception, said = reception_of(request), said_of(request)
    reason = form.one("reason")
    with reception.engine.begin() as connection:
        subscription = today(connection, said)
        if reason in REASONS:
            consent.say_why(connection, subscription, reason, now=reception.clock())
        leaver = look(connection, reception.settings, subscription)
    return _stand(request, leaver, Button.LEAVE, thanks=reason in REASONS)


def stay(request: Request, form: Form) -> Response:
    """It was a mistake: as before."""
    reception, said = reception_of(request), said_of(request)
    with reception.engine.begin() as connection:
        subscription = today(connection, said)
        if _age(reception, form, Button.STAY, subscription) is not None:
            choices.stay(connection, subscription, proof=Proof(how="stayed", origin=PAGE), now=reception.clock())
        leaver = look(connection, reception.settings, subscription)
    if leaver is None or leaver.gone:
        return _stand(request, leaver, Button.LEAVE)
    return page(request, "stayed.html", {"leaver": leaver}, language=leaver.reader.language)


def _sure(connection: Connection, reception: Reception, form: Form, subscription: str) -> bool:
    """Whether a person pressed: asked once more it is taken for granted."""
    if _age(reception, form, Button.AGAIN, subscription) is not None:
        return True
    since = _age(reception, form, Button.LEAVE, subscription)
    return since is not None and not hasty(connection, subscription, after=since, now=reception.clock())


def _age(reception: Reception, form: Form, button: Button, subscription: str) -> timedelta | None:
    return pressed(button, form.one("press"), subscription, reception.keys, reception.clock())


def _said(request: Request) -> Response:
    language = language_of(request, reception_of(request).settings.publication.language)
    return PlainTextResponse(translations(language).gettext(DONE) + "\n")


def _stand(request: Request, leaver: Leaver | None, button: Button, *, thanks: bool = False) -> Response:
    """How things stand: nobody there any more, or left, or the button to leave."""
    if leaver is None:
        return page(request, "nothing_to_leave.html", {})
    reception, subscription = reception_of(request), leaver.reader.subscription_token
    now = reception.clock()
    values = {
        "leaver": leaver,
        "here": f"{reception.root}/leave/{request.path_params['token']}",
        "preferences": preferences_path(reception, leaver.reader.subscriber_token),
        "press": new_press(button, subscription, reception.keys, now),
        "presses": {one.value: new_press(one, subscription, reception.keys, now) for one in (Button.EVERYTHING, Button.STAY) if leaver.gone},
        "again": button is Button.AGAIN,
        "reasons": REASONS,
        "thanks": thanks,
        "undo": now - (leaver.reader.unsubscribed_at or now) < choices.UNDO and leaver.reader.confirmed_at is not None,
    }
    return page(request, "left.html" if leaver.gone else "leave.html", values, language=leaver.reader.language)


ROUTES = (
    Route("/leave/{token}", shown),
    Route("/leave/{token}", answering(left), methods=["POST"]),
    *(Route(f"/leave/{{token}}/{act.__name__}", shown) for act in (why, everything, stay)),  # the address after a press, opened anew
    *(Route(f"/leave/{{token}}/{act.__name__}", answering(act), methods=["POST"]) for act in (why, everything, stay)),
)
