"""/preferences/TOKEN: a person's own page. Everything at one glance, one button to save; opening it changes nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.offered import plain
from digest.preferences import WEEKS, Page, Wanted, leave_everything, save
from digest.render.language import own_name
from digest.render.translation import languages
from digest.settings import Settings
from digest.sign_up import ask_for_data
from digest.web.asked import known_zone, tidy_name
from digest.web.choosing import Named, had_fields, named, said_choice, shown_choice
from digest.web.form import Form, answering
from digest.web.holder import moved_on, said_by
from digest.web.hours import Hours, hours
from digest.web.offers import Offer, offer
from digest.web.page import page
from digest.web.reception import reception_of
from digest.web.speech import language_of
from digest.web.zones import zones_by_region
from subscribers.address import masked
from subscribers.change import ALL, Choice
from subscribers.choices import Choices, load
from subscribers.tables import SubscriptionState
from subscribers.tokens import Purpose


def shown(request: Request) -> Response:
    subscriber = _subscriber(request)
    with reception_of(request).reads.begin() as connection:
        person = load(connection, subscriber)
    return _page(request, person, {})


def saved(request: Request, form: Form) -> Response:
    """One of three buttons: to save, to leave everything, to ask for one's data."""
    reception, subscriber = reception_of(request), _subscriber(request)
    settings, now, act = reception.settings, reception.clock(), form.one("do")
    values: dict[str, object] = {"act": act}
    with reception.engine.begin() as connection:
        person = load(connection, subscriber)
        if person and act == "save":
            values["changes"] = save(connection, settings, subscriber, read_wanted(form, settings), now=now, key=reception.keys[-1])
        elif person and act == "leave":
            leave_everything(connection, subscriber, now=now)
        elif person and act == "data":
            values["asked"] = ask_for_data(connection, settings, subscriber, now=now, key=reception.keys[-1])
        person = load(connection, subscriber)
    if person is None and moved_on(reception, subscriber):
        return saved(request, form)
    reception.wake()
    return _page(request, person, values)


def read_wanted(form: Form, settings: Settings) -> Wanted:
    """What the page says now, and what it had shown, which it brings along. What was made up counts for nothing."""
    known = settings.newsletters
    weeks = {slug: form.one(f"pause-{slug}") for slug in known}
    shown = Page(
        ticked=frozenset(form.all("had")) & known.keys(),
        choices={slug: shown_choice(form, newsletter) for slug, newsletter in known.items()},
        name=form.one("had-name"),
        language=form.one("had-language"),
        time_zone=form.one("had-time_zone"),
    )
    said = Page(
        ticked=frozenset(form.all("newsletters")) & known.keys(),
        choices={slug: said_choice(form, newsletter, shown.choices[slug]) for slug, newsletter in known.items()},
        # What stands there as it was shown may be what nobody could choose or type: a list brought it along.
        name=shown.name if form.one("name") == shown.name else tidy_name(form.one("name")),
        language=form.one("language") if form.one("language") in (*languages(), shown.language) else "",
        time_zone=shown.time_zone if form.one("time_zone") == shown.time_zone else known_zone(form.one("time_zone")),
    )
    return Wanted(shown=shown, said=said, weeks={slug: int(text) for slug, text in weeks.items() if text in {str(number) for number in (0, *WEEKS)}})


def _subscriber(request: Request) -> str:
    return said_by(request, Purpose.PREFERENCES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One newsletter on the page."""

    offer: Offer
    running: bool
    choice: Choice
    had: tuple[tuple[str, str], ...]  # the choice in hidden fields
    sections: tuple[Named, ...]
    authors: tuple[Named, ...]
    hours: Hours | None  # None where nobody is asked for theirs
    paused_until: datetime | None  # None where no pause is on
    rarer: bool  # whether it could come less often
    muting: bool  # whether sections and authors may be left out

    @property
    def chose(self) -> bool:
        """Whether the reader follows or leaves out anything."""
        return any(one.way for one in (*self.sections, *self.authors))


def _page(request: Request, person: Choices | None, values: Mapping[str, object]) -> Response:
    if person is None:
        return page(request, "no_preferences.html", {})
    reception = reception_of(request)
    language = language_of(request, reception.settings.publication.language, person.language)
    shown = {
        "here": f"{reception.root}/preferences/{request.path_params['token']}",
        "rows": tuple(_rows(reception.settings, person, language, reception.clock())),
        "person": person,
        "address": masked(person.address),  # the link may have been passed on
        "weeks": WEEKS,
        "languages": {tag: own_name(tag) for tag in (*languages(), person.language) if tag},
        "zones": zones_by_region(language),
        "by_the_clock": any(newsletter.readers_time.differs for newsletter in reception.settings.newsletters.values()),
        "titles": {slug: newsletter.title for slug, newsletter in reception.settings.newsletters.items()},
        "act": "",
        "asked": False,
        "changes": (),
    }
    return page(request, "preferences.html", {**shown, **values}, language=language)


def _rows(settings: Settings, person: Choices, language: str, now: datetime) -> Iterator[Row]:
    """What the person gets, and what they could get."""
    theirs = {one.newsletter: one for one in person.subscriptions}
    for slug, newsletter in settings.newsletters.items():
        one = theirs.get(slug)
        running = one is not None and one.state is SubscriptionState.CONFIRMED
        if not (running or newsletter.sign_up.open):
            continue
        choice = plain(newsletter, one.choice) if one else ALL
        until = one.paused_until if one and running else None
        yield Row(
            offer=offer(newsletter, language),
            running=running,
            choice=choice,
            had=tuple(had_fields(newsletter, choice)),
            sections=named("sections", newsletter, choice),
            authors=named("authors", newsletter, choice),
            hours=hours(newsletter, choice, language, now),
            paused_until=until if until and until > now else None,
            rarer=running and newsletter.rarer_than(newsletter.cadence_of(choice.cadence)) is not None,
            muting=newsletter.sign_up.muting,
        )


ROUTES = (Route("/preferences/{token}", shown, methods=["GET"]), Route("/preferences/{token}", answering(saved), methods=["POST"]))
