"""How an edition went: counted once when it is over, for a million deliveries take their time."""

from sqlalchemy import Connection

from digest.delivery.tally import tally
from digest.delivery.values import Tally
from digest.desk.studio import Studio
from digest.editions.store import StoredEdition
from digest.editions.values import EditionState

OVER = (EditionState.SENT, EditionState.CANCELLED, EditionState.SKIPPED)
UNDER_WAY = (EditionState.SENDING, EditionState.PAUSED)


def outcome_of(studio: Studio, connection: Connection, edition: StoredEdition) -> Tally:
    if edition.state not in OVER:
        return tally(connection, edition.id)
    return studio.shelf.get(("outcome", edition.id, edition.state, edition.sent_at), lambda: tally(connection, edition.id))


def outcome_words(counts: Tally) -> str:
    """“1,000 accepted, 3 refused”; empty where there is nothing to count."""
    parts = {
        "accepted": counts.accepted,
        "still to go": counts.open,
        "refused": counts.refused,
        "unknown": counts.unknown,
        "skipped": counts.skipped,
        "cancelled": counts.cancelled,
    }
    return ", ".join(f"{number:,} {what}" for what, number in parts.items() if number)
