"""What stands above every page of one edition: which it is, when it goes out, how it stands, and the tabs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from digest.desk.outcome import outcome_of, outcome_words
from digest.desk.page import page, root_of
from digest.desk.panel import panel
from digest.desk.place import PATTERN, path_of, slot_path
from digest.desk.pulse import pulse
from digest.desk.studio import studio_of
from digest.desk.upcoming import Upcoming
from digest.desk.words import state_meaning, state_words
from digest.editions import store
from digest.editions.standing import STANDING
from digest.editions.store import StoredEdition
from digest.newsletter import Newsletter

A_SECOND = timedelta(seconds=1)
TABS = {"Mail": "", "Content": "/content", "Why": "/why", "Checks": "/checks", "History": "/history"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    title: str
    path: str
    here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """`path` is where the edition's pages begin, with the desk's root; `stored` is its row where there is one."""

    newsletter: Newsletter
    slot: datetime
    path: str
    stored: StoredEdition | None
    tabs: tuple[Tab, ...]
    earlier: str  # the path of the edition before it, and of the one after it
    later: str
    of_newsletter: str  # where another moment can be asked for
    meaning: str  # what its state means, and what it waits for
    cutoff: datetime
    outcome: str  # how it went, of what went out

    @property
    def local(self) -> str:
        """The slot as a field for date and time has it, by the newsletter's clocks."""
        return self.slot.astimezone(self.newsletter.zone).strftime("%Y-%m-%dT%H:%M")

    @property
    def state(self) -> str:
        """As a word to show."""
        return state_words(self.stored.state) if self.stored else "Planned"

    @property
    def badge(self) -> str:
        """The style of the state's badge."""
        return self.stored.state.value if self.stored else "planned"


def edition_page(
    request: Request,
    name: str,
    newsletter: Newsletter,
    slot: datetime,
    values: Mapping[str, object],
    *,
    tab: str,
    status: int = 200,
    seen: str = "",
) -> HTMLResponse:
    """The template `name`, which extends edition_head.html, with `values` and `head`; `tab` is the title of the tab it is.

    It renews itself when anything changes after `seen`, the `pulse` that was felt before `values` were looked up; without it, after now.
    """
    seen = seen or pulse(studio_of(request), newsletter, slot)
    head = head_of(request, newsletter, slot, tab=tab)
    values = {"decide": panel(request, newsletter, head.stored), **values}
    return page(request, name, {"head": head, "events": f"{head.path}/events?seen={seen}", **values}, status)


def head_of(request: Request, newsletter: Newsletter, slot: datetime, *, tab: str) -> Head:
    root, path = root_of(request), slot_path(newsletter, slot)
    with studio_of(request).reads.begin() as connection:
        stored = store.find(connection, newsletter.slug, newsletter.cadence, slot)
        went = outcome_words(outcome_of(studio_of(request), connection, stored)) if stored and stored.state not in STANDING else ""
    there = {route.path for route in request.app.routes if isinstance(route, Route)}
    tabs = tuple(Tab(title=title, path=root + path + ending, here=title == tab) for title, ending in TABS.items() if PATTERN + ending in there)
    earlier, later = newsletter.slot_at(slot - A_SECOND), newsletter.slot_after(slot)
    return Head(
        newsletter=newsletter,
        slot=slot,
        path=root + path,
        stored=stored,
        tabs=tabs,
        earlier=root + slot_path(newsletter, earlier),
        later=root + slot_path(newsletter, later),
        of_newsletter=root + path_of(newsletter),
        meaning=_meaning(Upcoming(newsletter=newsletter, slot=slot, stored=stored, now=studio_of(request).clock())),
        cutoff=newsletter.cutoff_of(slot),
        outcome=went,
    )


def _meaning(one: Upcoming) -> str:
    if one.stored is None:
        return f"Nothing has been fixed: it follows what is published. It {one.waits}."
    if one.stored.state not in STANDING:
        return one.stored.reason or state_meaning(one.stored.state)
    waits = one.waits[0].upper() + one.waits[1:]
    return f"{waits} ({one.stored.reason})." if one.stored.reason else f"{waits}."
