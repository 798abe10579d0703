"""One reader's message out of an edition's ready bytes: the same path for a preview and for a delivery."""

from datetime import UTC, datetime

from digest.delivery.message import address, message_ids
from digest.delivery.values import Claimed, Envelope
from digest.newsletter import Newsletter
from digest.render.compiled import CompiledEdition, Hole
from digest.render.fill import Filler
from digest.render.parts import Parts
from digest.settings import Settings
from digest.wiring import signer
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
    """A reader to write to without a delivery: for a look at what they get."""
    return SAMPLE._replace(
        subscription_token=found.subscription_token,
        subscriber_token=found.subscriber_token,
        address=found.address,
        name=found.name,
        language=found.language,
        time_zone=found.time_zone,
    )


def slot_name(slot: datetime) -> str:
    """A slot in addresses and file names: 20261123T0700Z."""
    return slot.astimezone(UTC).strftime("%Y%m%dT%H%MZ")


class Writer:
    """Writes an edition's messages. Made once an edition and revision; a message costs a join, three signatures and five header lines."""

    def __init__(self, newsletter: Newsletter, settings: Settings, *, keys: list[str], slot: datetime, headers: bytes, body: bytes) -> None:
        self._greetings = _greetings(newsletter)
        self._name = f"{newsletter.slug}-{slot_name(slot)}-"
        self._leave = f"{settings.pages.url}/leave/"
        self._preferences = f"{settings.pages.url}/preferences/"
        self._view = f"{settings.pages.url}/view/{newsletter.slug}/{slot_name(slot)}/"
        self._leave_token = minter(Purpose.LEAVE, tuple(keys))
        self._preferences_token = minter(Purpose.PREFERENCES, tuple(keys))
        self._view_token = minter(Purpose.VIEW, tuple(keys))
        self._message_id = message_ids(newsletter.slug, slot, keys[-1], newsletter.from_address.rpartition("@")[2])
        self._headers = headers
        # A compiled body always is, and of the reader's own headers all but the address.
        self._seven_bit = headers.isascii()
        self._filler = Filler(Parts(CompiledEdition.from_bytes(body)))
        self._sender = settings.delivery.bounce_address or newsletter.from_address
        self._mailbox = settings.delivery.unsubscribe_mailbox
        self._signer = signer(settings, newsletter, headers)

    def envelope(self, reader: Claimed) -> Envelope:
        leave = self._leave + self._leave_token(reader.subscription_token)
        values = {
            Hole.GREETING: self._greeting(reader.name),
            Hole.ADDRESS: reader.address,
            Hole.UNSUBSCRIBE: leave,
            Hole.PREFERENCES: self._preferences + self._preferences_token(reader.subscriber_token),
            Hole.VIEW: self._view + self._view_token(reader.subscription_token),
        }
        parts = address(
            self._headers,
            to_name=reader.name,
            to_address=reader.address,
            message_id=self._message_id(reader.subscription_token),
            unsubscribe_url=leave,
            unsubscribe_mailto=self._mailbox,
            body=self._filler.parts(values),
        )
        return Envelope(
            name=self._name + reader.subscription_token,
            sender=self._sender,
            recipient=reader.address,
            parts=(self._signer.sign(b"".join(parts)), *parts) if self._signer else parts,
            clean=True,
            seven_bit=self._seven_bit and reader.address.isascii(),
        )

    def _greeting(self, name: str) -> str:
        to_somebody, to_anybody = self._greetings
        return to_somebody.replace("{name}", name) if name else to_anybody


def _greetings(newsletter: Newsletter) -> tuple[str, str]:
    """To a reader with a name and to one without: as they are set, else in the newsletter's language."""
    # Imported here, for a worker that has nothing to hand over needs no Babel.
    from digest.render.translation import translations  # noqa: PLC0415

    ours = translations(newsletter.language).gettext
    own = newsletter.model_fields_set
    return (
        newsletter.greeting if "greeting" in own else ours(newsletter.greeting),
        newsletter.greeting_without_name if "greeting_without_name" in own else ours(newsletter.greeting_without_name),
    )
