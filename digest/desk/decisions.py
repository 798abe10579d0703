"""What can be decided of an edition, by how it stands. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from digest.accounts.roles import Deed
from digest.editions.store import StoredEdition
from digest.editions.values import EditionState
from digest.newsletter import Newsletter
from digest.review.calendar import goes_at

OUT = (EditionState.SENDING, EditionState.PAUSED)
OPEN = (None, EditionState.DRAFT, EditionState.HELD, EditionState.APPROVED)
# What is told once it was done, by the end of the path of what did it.
DONE = {
    "approve": "Approved.",
    "take-back": "The approval is taken back: it is a draft again.",
    "hold": "Held: it does not go out until somebody releases it.",
    "release": "Released: it is a draft again.",
    "renew": "Chosen anew, with what has come since.",
    "cancel": "Cancelled: nothing more of it goes out.",
    "send-now": "It goes out now.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A button. `path` is the end of its address, `asks` whether a page asks once more before it is done, `style` how it looks."""

    path: str
    deed: Deed
    words: str
    what: str
    style: str = "second"
    asks: bool = False


def decisions(newsletter: Newsletter, stored: StoredEdition | None, now: datetime) -> tuple[Decision, ...]:
    """Those that are open now, the likeliest first."""
    state = stored.state if stored else None
    if state in OPEN:
        return tuple(_standing(newsletter, stored, now))
    return tuple(_under_way(state))


def _standing(newsletter: Newsletter, stored: StoredEdition | None, now: datetime) -> Iterator[Decision]:
    state = stored.state if stored else None
    late = stored is not None and goes_at(newsletter, stored) <= now
    if state is EditionState.HELD:
        yield Decision(path="release", deed=Deed.RELEASE, words="Release", what=_released(newsletter, late=late), style="")
    if state is not EditionState.APPROVED:
        when = "at once, for its slot is past" if late else "at its slot"
        fixed = "" if stored and stored.chosen_at else " What is in it now is fixed."
        waits = newsletter.review == "approve" and state is not EditionState.HELD
        yield Decision(path="approve", deed=Deed.APPROVE, words="Approve", what=f"It goes out {when}.{fixed}", style="" if waits else "second")
    else:
        yield Decision(path="take-back", deed=Deed.APPROVE, words="Take the approval back", what="It is a draft again.")
    if state is not EditionState.HELD:
        yield Decision(path="hold", deed=Deed.HOLD, words="Hold", what="It does not go out until somebody releases it.")
    if stored and stored.chosen_at:
        again = ", and a draft once more" if state is EditionState.APPROVED else ""
        yield Decision(
            path="renew", deed=Deed.RENEW, words="Take in what is new", what=f"It is chosen anew as of now{again}; your changes stay on top."
        )
    yield Decision(path="send-now", deed=Deed.SEND, words="Send now …", what="It goes out at once, and not at its slot.", asks=True)
    if stored:
        yield Decision(path="cancel", deed=Deed.CANCEL, words="Cancel …", what="It never goes out.", style="danger", asks=True)


def _released(newsletter: Newsletter, *, late: bool) -> str:
    if newsletter.review == "approve":
        return "It is a draft again, and waits for approval."
    return "It goes out at once, for its slot is past." if late else "It goes out at its slot."


def _under_way(state: EditionState | None) -> Iterator[Decision]:
    if state in OUT:
        yield Decision(path="cancel", deed=Deed.CANCEL, words="Cancel …", what="What has not left yet never will.", style="danger", asks=True)
