"""/edition/…/checks: what is wrong with the mail, how bad it is and how it is mended, each with its place on the page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.accounts.roles import Deed
from digest.checking import LookedOver, look_over_prepared, stopping
from digest.checking_outside import dead_links, spam
from digest.desk.door.act import Act
from digest.desk.edition_now import is_out, key_of, prepared_now, working_now
from digest.desk.head import edition_page
from digest.desk.page import root_of
from digest.desk.place import PATTERN, edition_of, slot_path
from digest.desk.pulse import pulse
from digest.desk.studio import Studio, studio_of
from digest.editions import store
from digest.errors import DigestError
from digest.newsletter import Newsletter
from digest.render.lint import Finding, Level, settled
from digest.render.lint.spot import ANCHOR
from digest.web.form import Form

LINK_SECONDS = 20.0  # somebody waits for the page
TITLES = {Level.ERROR: "Must not go out", Level.WARNING: "Worse than it could be for some", Level.NOTE: "Good to know"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The findings of one level; each with the address of a frame that shows its place, empty where it has none."""

    level: Level
    title: str
    findings: tuple[tuple[Finding, str], ...]


def checks(request: Request) -> Response:
    return _page(request, seen=True)


def ask(request: Request, form: Form) -> Response:
    """The same page with what others say. It does not renew itself: nobody is asked twice for one press."""
    asked = [what for what in ("links", "spam") if form.one(what)]
    return _page(request, asked, seen=False)


def _page(request: Request, asked: Iterable[str] = (), *, seen: bool) -> Response:
    studio, (newsletter, slot) = studio_of(request), edition_of(request)
    felt, wrong, over = pulse(studio, newsletter, slot), "", None
    try:
        over = studio.shelf.get(("checks", key_of(studio, newsletter, slot)), lambda: _looked_over(studio, newsletter, slot))
    except DigestError as error:  # a theme that is broken, or nothing to draw
        wrong = str(error)
    further = _further(studio, newsletter, over, asked) if over else []
    findings = settled((*over.findings, *further), newsletter.checks.ignore) if over else ()
    path = root_of(request) + slot_path(newsletter, slot)
    values: dict[str, object] = {
        "wrong": wrong,
        "groups": _groups(findings, path),
        "stops": stopping(findings, newsletter) if not is_out(studio, newsletter, slot) else (),
        "frame": f"{path}/frame",
        "asked": tuple(asked),
        "clients": newsletter.checks.clients,
    }
    return edition_page(request, "checks.html", newsletter, slot, values if seen else {**values, "events": ""}, tab="Checks", seen=felt)


def _further(studio: Studio, newsletter: Newsletter, over: LookedOver, asked: Iterable[str]) -> list[Finding]:
    found: list[Finding] = []
    if over.message is not None and "links" in asked:
        found += dead_links(over.message.html, studio.settings, seconds=LINK_SECONDS)
    if over.message is not None and "spam" in asked:
        found.append(spam(over.data, newsletter))
    return found


def _looked_over(studio: Studio, newsletter: Newsletter, slot: datetime) -> LookedOver:
    prepared, work = prepared_now(studio, newsletter, slot), working_now(studio, newsletter, slot)
    with studio.reads.begin() as connection:
        stored = store.load_bytes(connection, work.stored.id) if work.stored and work.stored.is_out else None
    return look_over_prepared(prepared, work.chosen, studio.settings, stored=stored)


def _groups(findings: Iterable[Finding], path: str) -> list[Group]:
    found = list(findings)
    groups = [
        Group(level=level, title=TITLES[level], findings=tuple((one, _shown(one, path)) for one in found if one.level is level))
        for level in reversed(Level)
    ]
    return [group for group in groups if group.findings]


def _shown(finding: Finding, path: str) -> str:
    colours = {"colours": "dark"} if finding.rule == "contrast.dark" else {}
    return f"{path}/frame?{urlencode({'spot': finding.spot, **colours})}#{ANCHOR}" if finding.spot else ""


ROUTES = (Route(f"{PATTERN}/checks", checks), Act(f"{PATTERN}/checks", ask, deed=Deed.TEST))
