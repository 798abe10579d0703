"""A mail once more, for the browser of the reader it was sent to: the same bytes by the same path."""

import email
import email.policy
from datetime import datetime

from sqlalchemy import Connection, Engine

from digest.database import reading
from digest.editions import store
from digest.editions.values import EditionState
from digest.newsletter import Newsletter
from digest.personal import Writer, addressed
from digest.settings import Settings
from subscribers.former import today
from subscribers.people import reader

# Whoever holds a mail of an edition that was paused may still look at it; what was cancelled is taken back.
SHOWN = (EditionState.SENDING, EditionState.PAUSED, EditionState.SENT)


def mail_page(engine: Engine, settings: Settings, *, newsletter: str, slot: datetime, subscription: str, keys: list[str]) -> str | None:
    """The HTML of the mail that `slot`'s edition is for this subscription. None where the newsletter, the edition or the reader is not there, or they
    do not belong together, or nothing of it has been sent."""
    declared = settings.newsletters.get(newsletter)
    if declared is None:
        return None
    with reading(engine).begin() as connection:
        found = reader(connection, today(connection, subscription))
        stored = _sent(connection, declared, slot) if found and found.newsletter == newsletter else None
    if found is None or stored is None:
        return None
    writer = Writer(declared, settings, keys=keys, slot=slot, stored=stored)
    return _html(writer.envelope(addressed(found)).data)


def _html(mail: bytes) -> str | None:
    """By the old policy: the default one takes each header to pieces again whenever it is looked at, which was half of a page's time."""
    message = email.message_from_bytes(mail, policy=email.policy.compat32)
    found = (part.get_payload(decode=True) for part in message.walk() if part.get_content_type() == "text/html")
    html = next(found, None)
    return html.decode("utf-8", "replace") if isinstance(html, bytes) else None


def _sent(connection: Connection, newsletter: Newsletter, slot: datetime) -> store.Bytes | None:
    edition = store.find(connection, newsletter.slug, newsletter.cadence, slot)
    return store.load_bytes(connection, edition.id) if edition and edition.state in SHOWN else None
