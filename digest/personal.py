"""One reader's message out of an edition's ready bytes: the same path for a preview and for a delivery."""

from datetime import UTC, datetime

from digest.delivery.message import address, message_ids
from digest.delivery.values import Claimed, Envelope
from digest.editions.store import Bytes
from digest.newsletter import Newsletter, slugged
from digest.render.compiled import Hole
from digest.settings import Settings
from digest.sheets import Sheets, plain_sheet
from subscribers.people import Known
from subscribers.tokens import Purpose, minter

SAMPLE = Claimed(
    delivery_id=0,
    subscription_id=0,
    subscription_token="sample",  # noqa: S106 - no password
    subscriber_token="sample",  # noqa: S106 - no password
    address="reader@example.com",
    name="",
    language="",
    time_zone="",
    attempts=0,
)


def addressed(found: Known) -> Claimed:
    """A reader to write to without a delivery: for a look at what they would get now."""
    return SAMPLE._replace(
        subscription_token=found.subscription_token,
        subscriber_token=found.subscriber_token,
        address=found.address,
        name=found.name,
        language=found.language,
        time_zone=found.time_zone,
        plan=found.wish,
        hour=found.hour,
    )


def slot_name(slot: datetime) -> str:
    """A slot in addresses and file names: 20261123T0700Z."""
    return slot.astimezone(UTC).strftime("%Y%m%dT%H%MZ")


def edition_name(newsletter: Newsletter, slot: datetime) -> str:
    """A slot's edition in addresses and file names: as the slot, and before it a cadence that is not the newsletter's own."""
    return slot_name(slot) if newsletter.cadence == newsletter.own_cadence else f"{slugged(newsletter.cadence)}-{slot_name(slot)}"


class Writer:
    """Writes an edition's messages. Made once an edition and revision; a message costs a join, three signatures and five header lines."""

    def __init__(self, newsletter: Newsletter, settings: Settings, *, keys: list[str], slot: datetime, stored: Bytes) -> None:
        name = edition_name(newsletter, slot)
        self._sheets = Sheets(newsletter, settings, slot, stored)
        # Whether readers get different messages of it, for which a delivery must be claimed with more than an address.
        self.personal = self._sheets.differ
        self._sheet = None if self.personal else plain_sheet(newsletter, settings, stored)
        self._time = newsletter.readers_time
        self._revised = stored.revision > 1
        self._name = f"{newsletter.slug}-{name}-"
        self._leave = f"{settings.pages.url}/leave/"
        self._preferences = f"{settings.pages.url}/preferences/"
        self._view = f"{settings.pages.url}/view/{newsletter.slug}/{name}/"
        self._leave_token = minter(Purpose.LEAVE, tuple(keys))
        self._preferences_token = minter(Purpose.PREFERENCES, tuple(keys))
        self._view_token = minter(Purpose.VIEW, tuple(keys))
        cadence = "" if newsletter.cadence == newsletter.own_cadence else newsletter.cadence
        self._message_id = message_ids(newsletter.slug, slot, keys[-1], newsletter.from_address.rpartition("@")[2], cadence=cadence)
        self._sender = settings.delivery.bounce_address or newsletter.from_address
        self._mailbox = settings.delivery.unsubscribe_mailbox

    def has_nothing_for(self, reader: Claimed) -> bool:
        """Whether all that the edition held for this reader was taken out of it since they were queued."""
        return self._revised and self._sheets.have_nothing_for(reader.plan)

    def waking(self, reader: Claimed, now: datetime) -> datetime:
        """When the reader may be written to: now, or when their quiet hours are over."""
        return self._time.awake(now, reader.time_zone) if self._time.quiet else now

    def envelope(self, reader: Claimed) -> Envelope:
        """The reader's message. Raises `NothingLeft` where the edition holds nothing for them."""
        sheet = self._sheet or self._sheets.of(reader)
        to_somebody, to_anybody = sheet.greetings
        leave = self._leave + self._leave_token(reader.subscription_token)
        values = {
            Hole.GREETING: to_somebody.replace("{name}", reader.name) if reader.name else to_anybody,
            Hole.ADDRESS: reader.address,
            Hole.UNSUBSCRIBE: leave,
            Hole.PREFERENCES: self._preferences + self._preferences_token(reader.subscriber_token),
            Hole.VIEW: self._view + self._view_token(reader.subscription_token),
        }
        parts = address(
            sheet.headers,
            to_name=reader.name,
            to_address=reader.address,
            message_id=self._message_id(reader.subscription_token),
            unsubscribe_url=leave,
            unsubscribe_mailto=self._mailbox,
            body=sheet.filler.parts(values),
        )
        return Envelope(
            name=self._name + reader.subscription_token,
            sender=self._sender,
            recipient=reader.address,
            parts=(sheet.signer.sign(b"".join(parts)), *parts) if sheet.signer else parts,
            clean=True,
            seven_bit=sheet.seven_bit and reader.address.isascii(),
        )
