"""What is to be done when, with editions that editors look at before they go out. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from digest.editions.store import StoredEdition
from digest.editions.values import EditionState
from digest.newsletter import Newsletter

# A draft that could only be made after its slot, for nothing ran before, is let lie so long: its editors could not look at it in time.
NOTICE = timedelta(hours=1)
UNFIXED = (EditionState.DRAFT, EditionState.HELD)


def let_go(newsletter: Newsletter, edition: StoredEdition) -> bool:
    """Whether a standing edition goes out when its time comes, as it stands."""
    return edition.state is EditionState.APPROVED or (edition.state is EditionState.DRAFT and newsletter.review != "approve")


def goes_at(newsletter: Newsletter, edition: StoredEdition) -> datetime:
    """When a standing edition that is let go goes out."""
    unseen = newsletter.review == "window" and edition.state is EditionState.DRAFT and edition.created_at > edition.slot
    return edition.created_at + NOTICE if unseen and edition.moved_to is None else edition.goes_at


def to_send(newsletter: Newsletter, standing: Sequence[StoredEdition], now: datetime) -> Iterator[StoredEdition]:
    """Of the editions that stand, those that go out now. One whose slot was missed for so long that the next has come does not, but for one that an
    editor sent."""
    latest = newsletter.slot_at(now)
    for edition in standing:
        timely = edition.slot >= latest or edition.moved_to is not None
        if timely and let_go(newsletter, edition) and goes_at(newsletter, edition) <= now:
            yield edition


def to_lapse(newsletter: Newsletter, standing: Sequence[StoredEdition], now: datetime) -> Iterator[StoredEdition]:
    """Of the editions that stand, those that nobody let go before the next one's cut-off."""
    in_hand, leaving = newsletter.slot_in_hand(now), {edition.id for edition in to_send(newsletter, standing, now)}
    yield from (edition for edition in standing if edition.slot < in_hand and edition.id not in leaving)


def lapses_at(newsletter: Newsletter, edition: StoredEdition) -> datetime:
    """When it is too late to let an edition go: the cut-off of the next."""
    return newsletter.cutoff_of(newsletter.slot_after(edition.slot))


def to_fix(newsletter: Newsletter, found: StoredEdition | None) -> bool:
    """Whether the edition in hand is still to be drafted: it is not there, or still follows the store."""
    return newsletter.reviewed and (found is None or (found.state in UNFIXED and found.chosen_at is None))


def waits(newsletter: Newsletter, edition: StoredEdition) -> str:
    """What a standing edition waits for, in a few words."""
    if edition.state is EditionState.HELD:
        return "held: waits to be released"
    if not let_go(newsletter, edition):
        return "waits for approval"
    if edition.state is EditionState.APPROVED:
        return "approved: goes out at its time"
    return "goes out at its time unless it is held"
