"""The mail of an edition, as somebody gets it, taken to pieces for the desk: the same path and the same bytes as the send."""

import email
import email.policy
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

from digest.delivery.values import Claimed
from digest.desk.edition_now import asking_now, edition_now, is_out, key_of, prepared_now, working_now
from digest.desk.mail.pictures import pictures_of
from digest.desk.studio import Studio
from digest.editions.values import Edition
from digest.newsletter import Newsletter
from digest.preview import Previewed, preview_message, preview_prepared
from digest.publication import Publication
from subscribers.wish import Wish

CLIP_BYTES = 102 * 1024  # beyond that Gmail cuts the page off and hides the rest behind a link


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """`html` and `text` are the two parts; `pictures` the addresses of the edition's own pictures."""

    previewed: Previewed
    message: EmailMessage
    html: str
    text: str
    preheader: str
    pictures: frozenset[str]

    @property
    def data(self) -> bytes:
        """The whole message, byte for byte."""
        return self.previewed.envelope.data

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def size(self) -> int:
        """Of the HTML part, which is what mail programs cut."""
        return len(self.html.encode())

    @property
    def source(self) -> str:
        return self.data.decode("utf-8", "replace")

    @property
    def headers(self) -> list[tuple[str, str]]:
        """As somebody reads them, in their order."""
        return [(name, str(value)) for name, value in self.message.items()]


def mail_of(studio: Studio, newsletter: Newsletter, slot: datetime, reader: Claimed) -> Mail:
    """Made once for as long as nothing that it depends on changes. Raises `NothingNew` where the edition holds nothing for this reader."""
    key = ("mail", key_of(studio, newsletter, slot), reader)
    return studio.shelf.get(key, lambda: _made(studio, newsletter, slot, reader))


def _made(studio: Studio, newsletter: Newsletter, slot: datetime, reader: Claimed) -> Mail:
    shown = _previewed(studio, newsletter, slot, reader)
    return taken_to_pieces(shown, shown.edition or edition_now(studio, newsletter, slot), studio.settings.publication)


def _previewed(studio: Studio, newsletter: Newsletter, slot: datetime, reader: Claimed) -> Previewed:
    """Of the edition that all pages share, unless this reader wants what nobody else does: then it is chosen for them, too."""
    if is_out(studio, newsletter, slot):
        return preview_message(studio.reads, studio.settings, newsletter, slot, reader, keys=studio.keys)
    readers = asking_now(studio, newsletter)
    theirs = not reader.plan or Wish.parse(reader.plan) in readers.wishes
    if theirs and reader.language in {"", *readers.languages}:
        chosen = working_now(studio, newsletter, slot).chosen
        return preview_prepared(prepared_now(studio, newsletter, slot), chosen, studio.settings, reader, keys=studio.keys)
    return preview_message(studio.reads, studio.settings, newsletter, slot, reader, keys=studio.keys, readers=readers)


def taken_to_pieces(shown: Previewed, edition: Edition, publication: Publication) -> Mail:
    """The message of that edition."""
    message = email.message_from_bytes(shown.envelope.data, policy=email.policy.default)
    return Mail(
        previewed=shown,
        message=message,
        html=part_of(message, "html"),
        text=part_of(message, "plain"),
        preheader=edition.preheader,
        pictures=pictures_of(edition, publication),
    )


def part_of(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    content: str = body.get_content() if body else ""
    return content
