"""Drafts that nobody let go before the next one's cut-off: they are cancelled, and their articles and comments go to the next."""

from datetime import datetime

from sqlalchemy import Connection

from digest.accounts import log
from digest.accounts.roles import Deed
from digest.editions import store
from digest.editions.values import EditionState
from digest.newsletter import Newsletter

# Who did what nobody did: the clock.
PROGRAM = "the program"
WHY = {
    EditionState.DRAFT: "nobody approved it before the next one's cut-off; what was in it goes to the next",
    EditionState.HELD: "it was held, and nobody released it before the next one's cut-off; what was in it goes to the next",
    EditionState.APPROVED: "nothing ran that could send it before the next one's slot; what was in it goes to the next",
}


def lapse(connection: Connection, newsletter: Newsletter, edition: store.StoredEdition, now: datetime) -> store.StoredEdition | None:
    """The edition as it is then; None when somebody was quicker."""
    reason = WHY[edition.state] if newsletter.reviewed or edition.state is not EditionState.DRAFT else WHY[EditionState.APPROVED]
    if not store.change_state(connection, edition.id, was=edition.state, becomes=EditionState.CANCELLED, now=now, reason=reason):
        return None
    log.write(connection, at=now, who=PROGRAM, what=Deed.CANCEL, newsletter=newsletter.slug, edition_id=edition.id, detail={"reason": reason})
    return store.get(connection, edition.id)
