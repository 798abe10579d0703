"""A mail once more, for the browser of the reader it was sent to: the same bytes by the same path."""

import email
import email.policy
from datetime import datetime

from sqlalchemy import Connection, Engine, select

from digest.database import reading
from digest.delivery.plans import plan_of
from digest.delivery.tables import DeliveryRow
from digest.editions import store
from digest.editions.values import EditionState
from digest.newsletter import Newsletter, slugged
from digest.personal import Writer, addressed
from digest.settings import Settings
from digest.sheets import NothingLeft
from subscribers.former import today
from subscribers.people import reader
from subscribers.tables import Subscription

# Whoever holds a mail of an edition that was paused may still look at it; what was cancelled is taken back.
SHOWN = (EditionState.SENDING, EditionState.PAUSED, EditionState.SENT)


def mail_page(
    engine: Engine, settings: Settings, *, newsletter: str, slot: datetime, subscription: str, keys: list[str], cadence: str = ""
) -> str | None:
    """The HTML of the mail that `slot`'s edition is for this subscription; `cadence` as addresses have it (see `slugged`), empty for the newsletter's
    own. None where the newsletter, the edition or the reader is not there, or they do not belong together, nothing of it has been sent, or nothing of
    what it held for them may be shown any more."""
    declared = settings.newsletters.get(newsletter)
    if declared is None:
        return None
    with reading(engine).begin() as connection:
        found = reader(connection, today(connection, subscription))
        edition = _shown(connection, declared, slot, cadence, found.subscription_token) if found and found.newsletter == newsletter else None
        if found is None or edition is None:
            return None
        stored = store.load_bytes(connection, edition.id)
        theirs = plan_of(connection, edition.id, found.subscription_token) if stored.pool else None
    writer = Writer(declared.of_edition(edition.cadence), settings, keys=keys, slot=slot, stored=stored)
    try:
        return _html(writer.envelope(addressed(found)._replace(plan=theirs or "")).data)
    except NothingLeft:
        return None


def _html(mail: bytes) -> str | None:
    """By the old policy: the default one takes each header to pieces again whenever it is looked at, which was half of a page's time."""
    message = email.message_from_bytes(mail, policy=email.policy.compat32)
    found = (part.get_payload(decode=True) for part in message.walk() if part.get_content_type() == "text/html")
    html = next(found, None)
    return html.decode("utf-8", "replace") if isinstance(html, bytes) else None


def _shown(connection: Connection, newsletter: Newsletter, slot: datetime, cadence: str, subscription: str) -> store.StoredEdition | None:
    """Of the slot's editions the one the address means. Which cadence is the newsletter's own may have changed since: then it is the one they got."""
    editions = [edition for edition in store.of_slot(connection, newsletter.slug, slot) if edition.state in SHOWN]
    if cadence:
        return next((edition for edition in editions if slugged(edition.cadence) == cadence), None)
    theirs = select(DeliveryRow.edition_id).join(Subscription, Subscription.id == DeliveryRow.subscription_id)
    got = frozenset(
        connection.scalars(theirs.where(Subscription.public_id == subscription, DeliveryRow.edition_id.in_([one.id for one in editions])))
    )
    ours = [edition for edition in editions if edition.id in got or edition.cadence == newsletter.cadence]
    return max(ours, key=lambda edition: edition.id in got, default=None)
