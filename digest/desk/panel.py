"""What stands above every page of an edition for those who decide: the buttons that are theirs, and what was just done."""

from dataclasses import dataclass

from starlette.requests import Request

from digest.desk.decisions import DONE, Decision, decisions
from digest.desk.door.visitor import known
from digest.desk.studio import studio_of
from digest.editions.change_store import revision
from digest.editions.store import StoredEdition
from digest.newsletter import Newsletter


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """`seen` is the number of the last change that the page shows; `tests` whether the visitor may send a test; `done` what was just done."""

    decisions: tuple[Decision, ...]
    seen: int
    tests: bool
    done: str


def panel(request: Request, newsletter: Newsletter, stored: StoredEdition | None) -> Panel:
    studio, visitor = studio_of(request), known(request)
    with studio.reads.begin() as connection:
        seen = revision(connection, stored.id) if stored else 0
    open_to = decisions(newsletter, stored, studio.clock())
    return Panel(
        decisions=tuple(one for one in open_to if visitor and visitor.may(one.deed)),
        seen=seen,
        tests=visitor is not None and visitor.may("test"),
        done=DONE.get(request.query_params.get("done", ""), ""),
    )
