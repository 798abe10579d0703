"""/edition/…/why: why each story and comment is in, why others are not, and what is otherwise than in the last edition."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.desk.edition_now import edition_now, working_now
from digest.desk.head import edition_page
from digest.desk.page import root_of
from digest.desk.place import PATTERN, edition_of, slot_path
from digest.desk.pulse import pulse
from digest.desk.studio import studio_of
from digest.desk.why.reasons import reasons
from digest.editions.contrast import Contrast, contrast
from digest.editions.record import from_json
from digest.editions.store import StoredEdition, last_out, load_choice
from digest.editions.values import Choice
from digest.item_names import Named, Names, names
from digest.newsletter import Newsletter


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """What is otherwise than in the last edition that went out. Articles by their names, in the order of their edition."""

    last: StoredEdition
    contrast: Contrast
    came: tuple[Named, ...]
    left: tuple[Named, ...]
    back: tuple[Named, ...]


def why(request: Request) -> Response:
    studio, (newsletter, slot) = studio_of(request), edition_of(request)
    felt = pulse(studio, newsletter, slot)
    work = working_now(studio, newsletter, slot)
    choice = work.chosen.choice
    with studio.reads.begin() as connection:
        last, before = _last(connection, newsletter, slot)
        known = names(connection, work.chosen.gathered.shown, choice, *([before] if before else []))
    against = _against(choice, last, before, known) if last and before else None
    root = root_of(request)
    values = {
        "choice": choice,
        "reasons": reasons(choice, known),
        "against": against,
        "moved": list(_moved(against, known)),
        "subject": edition_now(studio, newsletter, slot).subject,
        "earlier": root + slot_path(newsletter, last.slot) if last else "",
        "weights": root + slot_path(newsletter, slot) + "/weights",
    }
    return edition_page(request, "why.html", newsletter, slot, values, tab="Why", seen=felt)


def _last(connection: Connection, newsletter: Newsletter, slot: datetime) -> tuple[StoredEdition | None, Choice | None]:
    last = last_out(connection, newsletter.slug, newsletter.cadence, slot)
    return last, from_json(load_choice(connection, last.id)) if last else None


def _against(choice: Choice, last: StoredEdition, before: Choice, known: Names) -> Against:
    told = contrast(choice, before)
    came, left, back = (tuple(known.article(number) for number in numbers) for numbers in (told.came, told.left, told.stayed))
    return Against(last=last, contrast=told, came=came, left=left, back=back)


def _moved(against: Against | None, known: Names) -> Iterator[tuple[Named, int, int]]:
    if against:
        yield from ((known.article(one.article_id), one.was, one.now) for one in against.contrast.moved)


ROUTES = (Route(f"{PATTERN}/why", why),)
