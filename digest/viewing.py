"""A mail once more, for the browser of the reader it was sent to: the same bytes by the same path."""

import email
import email.policy
from datetime import datetime

from sqlalchemy import Connection

from digest.editions import store
from digest.editions.values import EditionState
from digest.personal import SAMPLE, Writer
from digest.settings import Settings
from subscribers.people import reader

SHOWN = (EditionState.SENDING, EditionState.SENT)


def mail_page(connection: Connection, settings: Settings, *, newsletter: str, slot: datetime, subscription: str, keys: list[str]) -> str | None:
    """The HTML of the mail that `slot`'s edition is for this subscription. None where the newsletter, the edition or the reader is not there, or they
    do not belong together, or nothing of it has been sent."""
    declared = settings.newsletters.get(newsletter)
    found = reader(connection, subscription)
    if declared is None or found is None or found.newsletter != newsletter:
        return None
    edition = store.find(connection, newsletter, declared.cadence, slot)
    if edition is None or edition.state not in SHOWN:
        return None
    stored = store.load_bytes(connection, edition.id)
    writer = Writer(declared, settings, keys=keys, slot=slot, headers=stored.headers, body=stored.body)
    recipient = SAMPLE._replace(
        subscription_token=found.subscription_token,
        subscriber_token=found.subscriber_token,
        address=found.address,
        name=found.name,
        language=found.language,
        time_zone=found.time_zone,
    )
    message = email.message_from_bytes(writer.envelope(recipient).data, policy=email.policy.default)
    part = message.get_body(("html",))
    html: str | None = part.get_content() if part else None
    return html
