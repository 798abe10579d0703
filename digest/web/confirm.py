"""/confirm/TOKEN: the second yes. The page lists what waits for it; a press says it, if a person may have pressed."""

from collections.abc import Collection, Sequence
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.leaving import HASTE
from digest.limits import allow
from digest.newsletter import Newsletter
from digest.settings import Settings
from digest.web.answer import busy, per_client
from digest.web.asked import Asked, Choice
from digest.web.client import client_of
from digest.web.form import Form, answering
from digest.web.holder import Holder, holder_of, preferences_path
from digest.web.page import page
from digest.web.press import Button, new_press, pressed
from digest.web.reception import Reception, reception_of
from digest.web.speech import language_of
from digest.welcome import welcome
from subscribers.address import parse_address
from subscribers.change import Proof
from subscribers.choices import Choices, Chosen, confirm, load
from subscribers.signup import take_in
from subscribers.tables import SubscriptionState
from subscribers.tokens import Purpose

FIRST, AGAIN = Button.CONFIRM, Button.CONFIRM_AGAIN


def shown(request: Request) -> Response:
    holder = _holder(request)
    with reception_of(request).reads.begin() as connection:
        person = load(connection, holder.subscriber)
    return _stand(request, holder, person)


def confirmed(request: Request, form: Form) -> Response:
    """One press. Pressed again it says the same; with a link that is too old it asks for a new one."""
    reception, holder = reception_of(request), _holder(request)
    if holder.late:
        return _written_again(request, holder)
    if not _sure(reception, form, holder.subscriber):
        return _asked_again(request, holder, form.all("newsletters"))
    proof = Proof(how="confirmation letter", origin=f"{reception.settings.pages.url}/confirm")
    with reception.engine.begin() as connection:
        became = confirm(connection, holder.subscriber, form.all("newsletters"), proof=proof, now=reception.clock())
        welcome(connection, reception.settings, holder.subscriber, became, now=reception.clock())
        person = load(connection, holder.subscriber)
    reception.wake()
    return _stand(request, holder, person)


def _holder(request: Request) -> Holder:
    return holder_of(request, Purpose.CONFIRM, timedelta(hours=reception_of(request).settings.letters.confirm_hours))


def _sure(reception: Reception, form: Form, subscriber: str) -> bool:
    """Whether a person pressed: not in no time, as scanners of mail do. Asked once more it is taken for granted."""
    again, first = (pressed(one, form.one("press"), subscriber, reception.keys, reception.clock()) for one in (AGAIN, FIRST))
    return again is not None or (first is not None and first >= HASTE)


def _asked_again(request: Request, holder: Holder, ticked: Collection[str]) -> Response:
    """The page once more, with the same choice."""
    with reception_of(request).reads.begin() as connection:
        person = load(connection, holder.subscriber)
    return _stand(request, holder, person, button=AGAIN, ticked=ticked)


def _stand(request: Request, holder: Holder, person: Choices | None, *, button: Button = FIRST, ticked: Collection[str] = ()) -> Response:
    """What there is to confirm, or how things stand when there is nothing. All of it is ticked, unless the page is shown `AGAIN`."""
    reception = reception_of(request)
    settings = reception.settings
    waiting, running = _in(person, SubscriptionState.PENDING, settings), _in(person, SubscriptionState.CONFIRMED, settings)
    name = "confirm_late.html" if holder.late and waiting else "confirm.html" if waiting else "confirmed.html" if running else "confirm_nothing.html"
    values = {
        "here": f"{reception.root}/confirm/{request.path_params['token']}",
        "press": new_press(button, holder.subscriber, reception.keys, reception.clock()),
        "again": button is AGAIN,
        "waiting": _newsletters(waiting, settings),
        "ticked": ticked if button is AGAIN else {one.newsletter for one in waiting},
        "running": _newsletters(running, settings),
        "preferences": preferences_path(reception, holder.subscriber),
        "sender": sorted({settings.newsletters[one.newsletter].from_address for one in running}),
    }
    return page(request, name, values, language=person.language if person else "")


def _in(person: Choices | None, state: SubscriptionState, settings: Settings) -> tuple[Chosen, ...]:
    """The person's subscriptions in this state, of newsletters that are still declared."""
    return tuple(one for one in person.subscriptions if one.state is state and one.newsletter in settings.newsletters) if person else ()


def _newsletters(chosen: Sequence[Chosen], settings: Settings) -> tuple[Newsletter, ...]:
    return tuple(settings.newsletters[one.newsletter] for one in chosen)


def _written_again(request: Request, holder: Holder) -> Response:
    """A new letter, by the way every wish takes: no closer to the one before, and no more of them, than elsewhere."""
    reception = reception_of(request)
    settings, now = reception.settings, reception.clock()
    with reception.engine.begin() as connection:
        person = load(connection, holder.subscriber)
        waiting = _in(person, SubscriptionState.PENDING, settings)
        if person is None or not waiting:
            return _stand(request, holder, person)
        language = language_of(request, settings.publication.language, person.language)
        if not allow(connection, per_client(settings), client_of(request), key=reception.keys[-1], now=now):
            return busy(request, language)
        for wish in _wished(person, waiting).wishes():
            take_in(connection, wish, now=now)
    reception.wake()
    return page(request, "subscribe_taken.html", {"confirm": True, "sender": settings.letters.from_address}, language=language)


def _wished(person: Choices, waiting: Sequence[Chosen]) -> Asked:
    choices = tuple(Choice(newsletter=one.newsletter, cadence=one.choice.cadence, sections=tuple(sorted(one.choice.sections))) for one in waiting)
    return Asked(address=parse_address(person.address), choices=choices)


ROUTES = (Route("/confirm/{token}", shown, methods=["GET"]), Route("/confirm/{token}", answering(confirmed), methods=["POST"]))
