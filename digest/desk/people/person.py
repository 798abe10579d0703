"""One reader, as an operator sees them. Who it is comes in a form and stands in no address: so neither in a log nor in a history."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from digest.accounts.log import write as note
from digest.accounts.roles import Deed
from digest.desk.door.act import Act
from digest.desk.door.visitor import visitor_of
from digest.desk.page import page
from digest.desk.people.readers import PATH, PRIVATE, front
from digest.desk.studio import Studio, studio_of
from digest.errors import DigestError
from digest.newsletter import Newsletter
from digest.offered import plain
from digest.preferences import WEEKS
from digest.settings import Settings
from digest.web.choosing import Named, had_fields, named
from digest.web.form import Form
from digest.web.hours import Hours, hours
from subscribers import people
from subscribers.address import Address, parse_address
from subscribers.change import Choice
from subscribers.errors import SubscribersError
from subscribers.profile import Held, Profile, profile
from subscribers.suppression import listed
from subscribers.tables import SubscriptionState, SuppressionReason

REASONS = [reason.value for reason in SuppressionReason if reason is not SuppressionReason.ERASED]  # a person is erased by a deed of its own
Doing = Callable[[Connection, Studio, Address, Form], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A subscription; `newsletter` is None where it is declared no longer, and so can only be looked at."""

    held: Held
    newsletter: Newsletter | None
    paused_until: datetime | None
    choice: Choice
    had: tuple[tuple[str, str], ...]  # the choice in hidden fields
    sections: tuple[Named, ...]
    authors: tuple[Named, ...]
    hours: Hours | None

    @property
    def changes(self) -> bool:
        """Whether there is anything that can be changed."""
        return self.newsletter is not None and self.held.state is not SubscriptionState.UNSUBSCRIBED


def find(request: Request, form: Form) -> Response:
    return shown(request, form)


def shown(request: Request, form: Form, *, done: str = "", refused: str = "", address: Address | None = None) -> Response:
    """The person's page; that of all, where nobody has the address that was asked for."""
    studio = studio_of(request)
    try:
        who = address or parse_address(form.one("address"))
    except SubscribersError as error:
        return front(request, refused=refused or f"{error}", address=form.one("address"))
    with studio.reads.begin() as connection:
        found, barred = profile(connection, who, keys=studio.keys), listed(connection, who, keys=studio.keys)
        history = people.history(connection, who) if found else ()
    values = {
        "address": who.address,
        "person": found,
        "barred": barred,
        "rows": tuple(_rows(studio.settings, found, studio.clock())) if found else (),
        "history": history,
        "attributes": "\n".join(f"{key}={value}" for key, value in found.attributes.items()) if found else "",
        "weeks": WEEKS,
        "reasons": REASONS,
        "done": done,
        "refused": refused,
    }
    return private(page(request, "person.html", values, 409 if refused else 200))


def doing(request: Request, form: Form, did: str, do: Doing, *, newsletter: str = "") -> Response:
    """Does it, and notes that it was done and to nobody in particular, in one transaction; the person's page says what came of it. What `do` tells is
    empty where nothing changed."""
    studio = studio_of(request)
    try:
        who = parse_address(form.one("address"))
        with studio.engine.begin() as connection:
            told = do(connection, studio, who, form)
            if told:
                note(connection, at=studio.clock(), who=visitor_of(request).who, what=Deed.READER, newsletter=newsletter, detail={"did": did})
    except (SubscribersError, DigestError) as error:
        return shown(request, form, refused=str(error))
    return shown(request, form, done=told or "All was so already: nothing changed.")


def asked(request: Request, form: Form, **words: object) -> Response:
    """A question before what cannot be taken back: the same form again, with `sure`."""
    fields = [(name, value) for name, value in form.fields if name not in ("csrf", "sure")]
    values = {"fields": fields, "address": form.one("address"), "goes": "", "words": "", "grave": False, **words}
    return private(page(request, "person_ask.html", values))


def private(answer: Response) -> Response:
    answer.headers.update(PRIVATE)
    return answer


def _rows(settings: Settings, person: Profile, now: datetime) -> Iterator[Row]:
    for held in person.subscriptions:
        newsletter = settings.newsletters.get(held.newsletter)
        choice = _choice(held)
        choice = plain(newsletter, choice) if newsletter else choice
        yield Row(
            held=held,
            newsletter=newsletter,
            paused_until=held.paused_until if held.paused_until and held.paused_until > now else None,
            choice=choice,
            had=tuple(had_fields(newsletter, choice)) if newsletter else (),
            sections=named("sections", newsletter, choice) if newsletter else (),
            authors=named("authors", newsletter, choice) if newsletter else (),
            hours=hours(newsletter, choice, "en", now) if newsletter else None,
        )


def _choice(held: Held) -> Choice:
    sets = {name: frozenset(getattr(held, name)) for name in ("sections", "authors", "muted_sections", "muted_authors")}
    return Choice(cadence=held.cadence, hour=held.hour, **sets)


ROUTES = (Act(f"{PATH}/person", find, deed=Deed.READER),)
