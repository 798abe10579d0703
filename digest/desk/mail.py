"""The mail of an edition, as somebody gets it, taken to pieces for the desk: the same path and the same bytes as the send."""

import email
import email.policy
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

from digest.delivery.values import Claimed
from digest.desk.studio import Studio
from digest.newsletter import Newsletter
from digest.preview import Previewed, preview_message


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    previewed: Previewed
    message: EmailMessage

    @property
    def data(self) -> bytes:
        """The whole message, byte for byte."""
        return self.previewed.envelope.data

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def html(self) -> str:
        return self._part("html")

    @property
    def text(self) -> str:
        return self._part("plain")

    def _part(self, kind: str) -> str:
        body = self.message.get_body((kind,))
        content: str = body.get_content() if body else ""
        return content


def mail_of(studio: Studio, newsletter: Newsletter, slot: datetime, reader: Claimed) -> Mail:
    """Raises `NothingNew` where the edition holds nothing for this reader."""
    shown = preview_message(studio.engine, studio.settings, newsletter, slot, reader, keys=studio.keys)
    return Mail(previewed=shown, message=email.message_from_bytes(shown.envelope.data, policy=email.policy.default))
